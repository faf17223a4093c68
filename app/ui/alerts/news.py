"""Alerts on every page: how many are active, and a word when a new one comes."""

from datetime import timedelta
from typing import Final

import streamlit as st

from app.alerts.listing import Filter, list_alerts
from app.alerts.standing import standings
from app.bootstrap import Access
from app.ui.live import live
from app.ui.selecting.links import address
from data.models import to_us

EVERY_S: Final = 5.0
SEEN: Final = "alerts-seen"
MOST_TOASTS: Final = 3
NEW_US: Final = 600_000_000


@live(EVERY_S)
def alert_news(access: Access) -> None:
    """The count of active alerts as a badge in the sidebar; a toast for each that is new."""
    found = standings(access)
    total = sum(one.active for one in found.values())
    worst = [name for name in ("critical", "high") if any(one.counts.get(name) for one in found.values())]
    if total:
        word = f"{total} active alert{'s' if total != 1 else ''}"
        colour = "red" if worst else "orange"
        st.markdown(
            f"[:{colour}-badge[:material/notifications_active: {word}]]({address('alerts', {})})",
            help="Open the page Alerts.",
        )
    else:
        st.caption(":material/notifications: No active alert")
    _toasts(access)


def _toasts(access: Access) -> None:
    """Say what was raised since this session looked last."""
    newest = list_alerts(
        access,
        Filter(states=("active",), start_us=to_us(access.now - timedelta(minutes=10))),
        limit=MOST_TOASTS + 1,
    )
    last: int | None = st.session_state.get(SEEN)
    highest = max((one.id for one in newest), default=last or 0)
    st.session_state[SEEN] = max(highest, last or 0)
    if last is None:
        return
    fresh = [one for one in newest if one.id > last]
    for one in fresh[:MOST_TOASTS]:
        st.toast(f"**{one.severity.upper()}** {one.machine_name}: {one.rule_name}", icon=":material/warning:")
    if len(fresh) > MOST_TOASTS:
        st.toast("More alerts came; see the page Alerts.", icon=":material/warning:")
