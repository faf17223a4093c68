"""The buttons under a table: add, change, delete with a question before."""

from collections.abc import Callable

import streamlit as st

from app.auth.permissions import Permission
from app.ui.dialogs import confirm_dialog
from app.ui.scene import Scene


def row_actions(
    at: Scene,
    word: str,
    opened: Callable[[int | None], None],
    row: int | None,
    *,
    delete: Callable[[int], object],
    warning: str,
    name: Callable[[int], str],
) -> None:
    """For those who manage machines: "Add a <word>", "Change" and "Delete" for the chosen row.

    `opened` opens the dialog for a row, or for a new one; `warning` says what a deletion does.
    """
    if not at.access.principal.may(Permission.MANAGE_MACHINES):
        return
    hint = f"Choose a {word} in the table first." if row is None else None
    with st.container(horizontal=True, key=f"{word}-actions"):
        if st.button(f"Add a {word}", icon=":material/add:", type="primary", key=f"{word}-add"):
            opened(None)
        change = st.button(
            "Change", icon=":material/edit:", key=f"{word}-change", disabled=row is None, help=hint
        )
        if change and row is not None:
            opened(row)
        gone = st.button(
            "Delete", icon=":material/delete:", key=f"{word}-delete", disabled=row is None, help=hint
        )
        if gone and row is not None:
            place = row
            confirm_dialog(
                f"Delete {name(place)}?", warning, lambda: delete(place), confirm=f"Delete {word}",
                key=f"{word}-gone",
            )  # fmt: skip
