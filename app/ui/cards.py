"""What stands where data would: an error, an empty state, a place that is still loading."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

import streamlit as st

from analytics.errors import GembaError, InvalidInput, StillUsed
from app.ui.formats import plain

_TITLES: Final = {
    "invalid_input": "This cannot be taken as it is",
    "not_found": "Not found",
    "conflict": "Somebody else was first",
    "not_logged_in": "You are not logged in",
    "forbidden": "You may not do this",
    "throttled": "Too many attempts",
    "store_unavailable": "A data store cannot be reached",
    "configuration": "A setting is missing or wrong",
    "too_many_points": "That is too much at once",
    "not_evaluable": "This figure cannot be computed",
}
_WARNINGS: Final = frozenset({"invalid_input", "not_found", "conflict", "too_many_points", "not_evaluable"})


def error_card(error: GembaError, retry: Callable[[], None] | None = None, *, key: str = "retry") -> None:
    """Say what is wrong and what to do; with `retry`, offer a button that calls it (the page runs again)."""
    title = _TITLES.get(error.code, "Something went wrong here")
    if isinstance(error, StillUsed):
        title = "Still in use"
    box = st.warning if error.code in _WARNINGS else st.error
    icon = ":material/warning:" if error.code in _WARNINGS else ":material/error:"
    box(_body(error), title=title, icon=icon)
    if retry is not None:
        st.button("Try again", icon=":material/refresh:", key=key, on_click=retry)


def _body(error: GembaError) -> str:
    if isinstance(error, InvalidInput) and len(error.problems) > 1:
        return "\n".join(f"- **{plain(each.field)}**: {plain(each.message)}" for each in error.problems)
    return plain(str(error)) or "The server's log has the details."


def empty_state(
    title: str,
    text: str,
    action: tuple[str, Callable[[], None]] | None = None,
    *,
    icon: str = "inbox",
    key: str = "empty",
) -> None:
    """Say why nothing is here and how to begin; `action` is a button's label and what it calls."""
    with st.container(border=True, horizontal_alignment="center", key=f"empty-{key}"):
        st.space("small")
        st.markdown(f"**:material/{icon}: {title}**", text_alignment="center")
        st.markdown(text, text_alignment="center")
        if action is not None:
            label, run = action
            st.button(label, type="primary", key=f"empty-{key}-action", on_click=run)
        st.space("small")


def loading(height: int = 320) -> AbstractContextManager[object]:
    """A grey place of this height while the block runs; it is shown only when the block takes a moment."""
    return st.skeleton(height=height)
