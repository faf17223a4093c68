"""The head of a page: what it is, what it covers, its marks."""

from collections.abc import Sequence

import streamlit as st

from app.ui.palette import BadgeColor


def page_header(title: str, subtitle: str = "", badges: Sequence[tuple[str, str, BadgeColor]] = ()) -> None:
    """Draw the title, one line with the answer or the scope, and badges (text, icon name, colour)."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(title, anchor=False, width="content")
        for text, icon, color in badges:
            st.badge(text, icon=f":material/{icon}:" if icon else None, color=color)
    if subtitle:
        st.markdown(subtitle)
