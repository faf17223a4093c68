"""A link or secret that is shown once."""

import streamlit as st

ONCE = "shown-once"


def show_once(title: str, text: str, secret: str) -> None:
    """Keep it until the page has drawn it."""
    st.session_state[ONCE] = (title, text, secret)


def shown_once() -> None:
    """Draw what was kept, until the person puts it away."""
    kept = st.session_state.get(ONCE)
    if kept is None:
        return
    title, text, secret = kept
    with st.container(border=True, key="shown-once"):
        st.markdown(f"**:material/key: {title}**")
        st.caption(text)
        st.code(secret, language=None, wrap_lines=True)
        st.button("I have copied it", key="shown-once-done", on_click=_put_away)


def _put_away() -> None:
    st.session_state.pop(ONCE, None)
