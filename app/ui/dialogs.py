"""A question before something that cannot be taken back."""

from collections.abc import Callable

import streamlit as st

from analytics.errors import GembaError
from app.ui.cards import error_card


def confirm_dialog(
    title: str,
    text: str,
    action: Callable[[], object],
    *,
    confirm: str,
    key: str = "confirm",
    typed: str = "",
) -> None:
    """Open a dialog that calls `action` once when the person confirms; call it from a button's branch.

    `confirm` is the button's verb ("Deactivate machine"). With `typed` the person must type that word
    first. A refusal (`GembaError`) is shown in the dialog, which stays open; afterwards the page runs
    again.
    """

    @st.dialog(title, icon=":material/help:")
    def ask() -> None:
        st.markdown(text)
        is_sure = not typed or st.text_input(f"Type {typed} to confirm", key=f"{key}-typed") == typed
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Cancel", key=f"{key}-cancel"):
                st.rerun()
            is_confirmed = st.button(confirm, type="primary", key=f"{key}-yes", disabled=not is_sure)
        if is_confirmed:
            try:
                action()
            except GembaError as error:
                error_card(error)
                return
            st.rerun()

    ask()
