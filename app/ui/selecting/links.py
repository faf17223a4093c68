"""Links between pages, with the selection in the address."""

from collections.abc import Mapping, Sequence
from functools import cache
from urllib.parse import urlencode

import streamlit as st

from app.navigation import PAGES, Page
from app.ui.entry.redirect import go_to


@cache
def _table() -> dict[str, Page]:
    return {page.key: page for page in PAGES}


def as_page(page: Page) -> st.Page:
    """The page as Streamlit knows it; the first of the table answers at `/`."""
    return st.Page(page.path, title=page.title, icon=page.icon, url_path=page.key, default=page is PAGES[0])


def address(key: str, params: Mapping[str, Sequence[str]]) -> str:
    """The path and query of the page `key` with this selection (see `link_params`)."""
    page = _table()[key]
    query = urlencode([(name, value) for name, values in params.items() for value in values])
    path = "/" if page is PAGES[0] else f"/{page.key}"
    return f"{path}?{query}" if query else path


def go(key: str, params: Mapping[str, Sequence[str]]) -> None:
    """Open the page `key` with this selection.

    `st.switch_page` refuses to leave a page whose widgets are bound to the address, so the browser loads the
    address of the other page, which is what a shared link does as well.
    """
    go_to(address(key, params))
