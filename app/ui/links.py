"""Links between pages, with the selection in the address."""

from collections.abc import Mapping, Sequence
from functools import cache

import streamlit as st

from app.navigation import PAGES, Page


@cache
def _table() -> dict[str, Page]:
    return {page.key: page for page in PAGES}


def as_page(page: Page) -> st.Page:
    """The page as Streamlit knows it; the first of the table answers at `/`."""
    return st.Page(page.path, title=page.title, icon=page.icon, url_path=page.key, default=page is PAGES[0])


def go(key: str, params: Mapping[str, str | Sequence[str]]) -> None:
    """Open the page `key` with these query parameters."""
    st.switch_page(as_page(_table()[key]), query_params={name: params[name] for name in params})
