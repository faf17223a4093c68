"""The frame around every page: log-in gate, navigation, account menu, the last catch for errors."""

import time
from collections.abc import Callable

import streamlit as st
import structlog

from analytics.errors import GembaError, StoreUnavailable
from app.auth.permissions import ROLE_LABELS, Permission
from app.auth.principal import Principal
from app.bootstrap import Access, current
from app.navigation import PAGES, permitted
from app.ui.alerts.news import alert_news
from app.ui.cards import error_card
from app.ui.entry.gate import change_factory, factories_of, forget, principal
from app.ui.entry.login import login_page
from app.ui.frame.theming import page_icon, page_style
from app.ui.people.own import own_account
from app.ui.selecting.links import as_page

log = structlog.get_logger()

AGAIN_S = 2.0


def run() -> None:
    """Draw the log-in, or the page that the address names."""
    st.set_page_config(page_title="Gemba", page_icon=page_icon(), layout="wide")
    page_style()
    try:
        who = principal()
    except GembaError as error:
        # The address stays known, so that the page that was asked for comes back, not the first one.
        st.navigation([as_page(page) for page in PAGES], position="hidden")
        error_card(error)
        _try_again()
        return
    if who is None:
        st.navigation([as_page(page) for page in PAGES], position="hidden")
        login_page(current())
        return
    sections: dict[str, list[st.Page]] = {}
    if who.must_change_password:
        # Every address stays known, so that the page that was asked for is there afterwards.
        st.navigation([as_page(page) for page in PAGES], position="hidden")
        _draw(lambda: own_account(Access(current(), who)), who, "account")
        return
    for page in permitted(who.permissions):
        sections.setdefault(page.section, []).append(as_page(page))
    page_asked = st.navigation(sections, position="sidebar", expanded=True)
    _draw(page_asked.run, who, page_asked.url_path)


def _account_menu(who: Principal) -> None:
    with st.sidebar.container(key="account-menu"):
        choices = dict(factories_of(who))
        if len(choices) > 1:
            st.selectbox(
                "Factory",
                list(choices),
                index=list(choices).index(who.factory.id),
                format_func=choices.__getitem__,
                key="factory-choice",
                on_change=_change_factory,
            )
        if who.may(Permission.SEE_PLANT) and not who.must_change_password:
            alert_news(Access(current(), who))
        st.caption(f"**{who.factory.name}**  \n{who.name} · {ROLE_LABELS.get(who.role, who.role)}")
        if st.button("Log out", icon=":material/logout:", key="logout", type="tertiary"):
            forget()
    target = st.session_state.pop("factory-wanted", None)
    if target is not None:
        change_factory(target)


def _change_factory() -> None:
    st.session_state["factory-wanted"] = st.session_state["factory-choice"]


def _draw(draw: Callable[[], None], who: Principal, name: str) -> None:
    try:
        _account_menu(who)
        draw()
    except GembaError as error:
        error_card(error)
        if isinstance(error, StoreUnavailable):
            _try_again()
    except Exception:
        log.exception("page failed", page=name)
        error_card(GembaError("This page could not be drawn. The server's log has the details; try again."))


def _try_again() -> None:
    """Run the page again every few seconds, until the store that it needs is back."""
    begun = time.monotonic()

    @st.fragment(run_every=AGAIN_S)
    def again() -> None:
        st.caption(":material/refresh: The page comes back by itself as soon as the store answers.")
        if time.monotonic() - begun > AGAIN_S / 2:
            st.rerun()

    again()
