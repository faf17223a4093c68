"""Who is looking: read from the session cookie on every run and every refresh of a fragment."""

import threading
import time
from datetime import timedelta
from urllib.parse import quote

import streamlit as st

from analytics.errors import NotLoggedIn
from app.auth import sessions
from app.auth.permissions import Permission
from app.auth.principal import Principal
from app.bootstrap import Access, current
from app.ui.entry.redirect import go_to

REMEMBER_S = 12.0
_remembered: dict[str, tuple[float, Principal | None]] = {}
_lock = threading.Lock()


def principal() -> Principal | None:
    """Who is logged in, or None. The answer is remembered for a few seconds per session."""
    token = st.context.cookies.get(sessions.COOKIE)
    if not token:
        return None
    known = _remembered.get(token)
    if known and time.monotonic() - known[0] < REMEMBER_S:
        return known[1]
    gemba = current()
    found = sessions.find(gemba.database, token, gemba.clock())
    with _lock:
        if len(_remembered) > 10_000:
            _remembered.clear()
        _remembered[token] = (time.monotonic(), found)
    return found


def access(permission: Permission) -> Access:
    """What the services of a page or fragment need; raises NotLoggedIn or Forbidden."""
    who = principal()
    if who is None:
        raise NotLoggedIn("Your log-in has ended. Reload the page to log in again.")
    who.require(permission)
    return Access(current(), who)


def look_again() -> None:
    """Ask the store anew who is logged in: something about the account has just changed."""
    _remembered.pop(st.context.cookies.get(sessions.COOKIE) or "", None)


def own_access() -> Access:
    """What the page about one's own account needs: a log-in and nothing else; raises NotLoggedIn."""
    who = principal()
    if who is None:
        raise NotLoggedIn("Your log-in has ended. Reload the page to log in again.")
    return Access(current(), who)


def enter(ticket: str) -> None:
    """Open the session that a ticket stands for, and come back to the address that was asked for."""
    path = st.context.url or "/"
    target = "/" + path.split("://", 1)[-1].partition("/")[2]
    query = "&".join(f"{quote(k)}={quote(v)}" for k, v in st.query_params.items())
    target = target.partition("?")[0] + (f"?{query}" if query else "")
    go_to(f"/auth/open?ticket={quote(ticket)}&next={quote(target)}")


def factories_of(who: Principal) -> tuple[tuple[int, str], ...]:
    """The factories that the account may enter, remembered for the browser's session."""
    kept = st.session_state.get("factories")
    if kept is None:
        kept = tuple(sessions.factories(current().database, who.account_id))
        st.session_state["factories"] = kept
    found: tuple[tuple[int, str], ...] = kept
    return found


def change_factory(factory_id: int) -> None:
    """Open a session in another factory and come back to the first page."""
    who = principal()
    gemba = current()
    if who is None or factory_id == who.factory.id:
        return
    ticket = sessions.switch(
        gemba.database,
        who,
        factory_id,
        life=timedelta(hours=gemba.settings.session_hours),
        client=st.context.headers.get("User-Agent", ""),
        now=gemba.clock(),
    )
    go_to(f"/auth/open?ticket={quote(ticket)}&next=/")


def forget() -> None:
    """End the session, here and in the browser."""
    token = st.context.cookies.get(sessions.COOKIE, "")
    with _lock:
        _remembered.pop(token, None)
    go_to("/auth/close")
