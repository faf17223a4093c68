"""Starting a simulated lathe."""

from typing import Final

import streamlit as st

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.simulate.lathes import store
from app.simulate.lathes.drafts import StartDraft
from app.simulate.lathes.watching import FreeLathe, add_lathe, free_lathes
from app.ui.cards import empty_state
from app.ui.forms import Problems
from app.ui.simulator.job import job_fields

SPEEDS: Final = (1.0, 10.0, 60.0, 100.0, 600.0, 1_000.0)
KEY: Final = "sim-start"


def speed_text(speed: float) -> str:
    """A factor in words."""
    return "as fast as the clock" if speed == 1.0 else f"{speed:,.0f} x the clock"


def start_button(access: Access) -> None:
    """The button that opens the dialog, for those who may."""
    may = access.principal.may(Permission.RUN_SIMULATOR)
    hint = None if may else "Your role may watch simulations, not start them."
    if st.button("Start a lathe", type="primary", icon=":material/play_arrow:", key=KEY, disabled=not may,
                 help=hint):  # fmt: skip
        Problems(KEY).clear()
        _dialog(access)


@st.dialog("Start a simulated lathe", width="large")
def _dialog(access: Access) -> None:
    free = free_lathes(access)
    if not free:
        _none_free(access)
        return
    problems = Problems(KEY)
    left, right = st.columns(2, gap="large")
    with left:
        lathe = st.selectbox("Lathe", free, format_func=_lathe_text, key=f"{KEY}-lathe")
        problems.here("lathe_id")
        job = job_fields(KEY, problems)
    with right:
        hours = st.number_input("For how many of its own hours", value=8.0, step=1.0, key=f"{KEY}-hours")
        problems.here("duration")
        speed = st.select_slider(
            "How fast its time goes", SPEEDS, value=60.0, format_func=speed_text, key=f"{KEY}-speed"
        )
        problems.here("speed_factor")
        wear = st.number_input(
            "Flank wear of its edge now (mm)", value=0.0, step=0.01, format="%.2f", key=f"{KEY}-wear"
        )
        problems.here("wear_mm")
        change = st.slider(
            "Change the edge at this share of its life", 0.3, 1.5, 1.0, 0.05, key=f"{KEY}-change"
        )
        problems.here("change_share")
        has_faults = st.toggle(
            "Faults by chance", value=True, key=f"{KEY}-faults",
            help="Chatter, loss of coolant, bearing wear, a sensor that drops out or drifts.",
        )  # fmt: skip
    problems.rest()
    draft = StartDraft(
        lathe.key, job.material, job.job_type, job.tool_no, hours * 3_600.0, speed, job.values, wear, change,
        "usual" if has_faults else "none",
    )  # fmt: skip
    with st.container(horizontal=True):
        if st.button("Start", type="primary", icon=":material/play_arrow:", key=f"{KEY}-go"):
            st.rerun(scope="app" if problems.attempt(lambda: store.start(access, draft)) else "fragment")
        if access.principal.may(Permission.MANAGE_MACHINES):
            _add_button(access)


def _lathe_text(one: FreeLathe) -> str:
    return f"{one.name} ({one.key})"


def _none_free(access: Access) -> None:
    if not access.principal.may(Permission.MANAGE_MACHINES):
        empty_state(
            "No machine is free",
            "Every machine sends data of its own or is simulated. Ask an engineer to add a simulated lathe.",
            icon="precision_manufacturing",
            key="sim-none",
        )
        return
    st.markdown(
        "Every machine sends data of its own, or is simulated. Simulated values must not mix with them."
    )
    _add_button(access)


def _add_button(access: Access) -> None:
    if st.button("Add a simulated lathe", icon=":material/add:", key=f"{KEY}-add"):
        add_lathe(access)
        st.rerun(scope="fragment")
