"""Forms that show each message at the field that it is about."""

from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

import streamlit as st

from analytics.errors import Conflict, GembaError, InvalidInput
from app.ui.cards import error_card

Draft = TypeVar("Draft")


class Problems:
    """The messages of the last try, by field; `here` draws a field's own under it."""

    def __init__(self, key: str) -> None:
        self._key = f"{key}-problems"
        self._drawn: set[str] = set()

    @property
    def found(self) -> Mapping[str, str]:
        """Messages by field."""
        kept: Mapping[str, str] = st.session_state.get(self._key, {})
        return kept

    def here(self, field: str) -> None:
        """Draw the message of a field, if it has one."""
        self._drawn.add(field)
        if field in self.found:
            st.markdown(f":red[:material/error: {self.found[field]}]")

    def rest(self) -> None:
        """Draw the messages of fields that have no place of their own."""
        for field, message in self.found.items():
            if field not in self._drawn:
                st.error(message, icon=":material/error:")

    def clear(self) -> None:
        """Forget the last try."""
        st.session_state.pop(self._key, None)

    def attempt(self, action: Callable[[], object]) -> bool:
        """Do it; on a refusal keep the messages for the fields and say False."""
        self.clear()
        try:
            action()
        except InvalidInput as error:
            st.session_state[self._key] = {each.field: each.message for each in error.problems}
            return False
        except Conflict as error:
            st.session_state[self._key] = {"": str(error)}
            return False
        except GembaError as error:
            error_card(error)
            return False
        return True


def form_dialog(
    key: str,
    title: str,
    icon: str,
    fields: Callable[[Problems], Draft],
    save: Callable[[Draft], object],
    width: Literal["small", "medium", "large"] = "small",
) -> None:
    """Open a dialog with one form: `fields` draws it and gives what was entered, `save` takes that.

    What is refused stays in the dialog with its message at the field; what is saved closes it.
    """
    Problems(key).clear()

    @st.dialog(title, width=width, icon=icon)
    def dialog() -> None:
        problems = Problems(key)
        with st.form(f"{key}-form", border=False, enter_to_submit=False):
            draft = fields(problems)
            problems.rest()
            is_sent = st.form_submit_button("Save", type="primary", icon=":material/save:")
        if not is_sent:
            return
        if problems.attempt(lambda: save(draft)):
            st.rerun()
        st.rerun(scope="fragment")

    dialog()
