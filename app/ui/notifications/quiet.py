"""One's own quiet hours."""

from datetime import time

import streamlit as st

from app.bootstrap import Access
from app.notify.channels import Quiet, my_quiet, set_quiet
from app.ui.forms import Problems
from app.ui.notifications.channels import DONE

EVENING, MORNING = time(22), time(6)


def quiet_hours(access: Access) -> None:
    """From when to when nothing comes, in the factory's zone; what was held comes together afterwards."""
    problems = Problems("quiet")
    known = my_quiet(access)
    with st.container(border=True, key="quiet-hours"):
        st.markdown("**Quiet hours**")
        st.caption(f"Messages are held until they end and come as one. Times of {access.factory.timezone}.")
        with st.form("quiet-form", border=False):
            with st.container(horizontal=True, vertical_alignment="bottom"):
                is_on = st.toggle("On", known.start_min is not None, key="q-on")
                start = st.time_input("From", _as_time(known.start_min, EVENING), key="q-from", width=140)
                end = st.time_input("To", _as_time(known.end_min, MORNING), key="q-to", width=140)
            breaks = st.toggle("Critical alerts come at once", known.critical_breaks, key="q-critical")
            problems.rest()
            saved = st.form_submit_button("Save quiet hours")
    if not saved:
        return
    hours = (_as_minute(start), _as_minute(end)) if is_on else (None, None)
    if problems.attempt(lambda: set_quiet(access, Quiet(*hours, breaks, known.version))):
        st.session_state[DONE] = "Your quiet hours are kept."
    st.rerun()


def _as_time(minute: int | None, otherwise: time) -> time:
    return otherwise if minute is None else time(minute // 60, minute % 60)


def _as_minute(chosen: time | None) -> int | None:
    return None if chosen is None else chosen.hour * 60 + chosen.minute
