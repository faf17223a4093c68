"""Forms that show each message at the field that it is about."""

from collections.abc import Callable, Mapping

import streamlit as st

from analytics.errors import Conflict, GembaError, InvalidInput
from app.ui.cards import error_card


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
