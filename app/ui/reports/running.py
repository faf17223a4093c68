"""The reports that are being made, with how far they are."""

from typing import Final

import streamlit as st

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.reports.asking import stop_report
from app.reports.listing import MAKING, PENDING, ReportShown, one_report, reports
from app.ui.dialogs import confirm_dialog
from app.ui.formats import many
from app.ui.live import live

REFRESH_S: Final = 1.0
SHOWN: Final = 5
CHOSEN: Final = "re-chosen"


def making(access: Access) -> None:
    """What runs, refreshed every second; the question before one is stopped."""
    _making(access)
    key = st.session_state.pop(CHOSEN, "")
    if key:
        _ask_to_stop(access, one_report(access, key))


@live(REFRESH_S)
def _making(access: Access) -> None:
    access.require(Permission.GENERATE_REPORTS)
    found = reports(access, MAKING, limit=SHOWN)
    waiting = reports(access, PENDING, limit=100)
    seen = (tuple(one.key for one in found), tuple(one.key for one in waiting))
    if st.session_state.setdefault("re-seen", seen) != seen:
        st.session_state["re-seen"] = seen
        st.rerun()
    for one in found:
        bar, button = st.columns([9, 1], vertical_alignment="center")
        with bar:
            st.progress(one.share, f"**{one.title}** – {one.stage or 'starting'}")
        with button:
            if st.button("Stop", key=f"re-stop-{one.key}", icon=":material/stop_circle:"):
                st.session_state[CHOSEN] = one.key
                st.rerun()
    if waiting:
        st.caption(f":material/hourglass_empty: {many(len(waiting), 'report')} waiting to be made.")


def _ask_to_stop(access: Access, one: ReportShown) -> None:
    confirm_dialog(
        "Stop this report?",
        f"{one.title} is not made. It can be asked for again.",
        lambda: stop_report(access, one.key),
        confirm="Stop it",
        key="re-stop-yes",
    )
