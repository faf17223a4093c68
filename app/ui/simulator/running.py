"""The simulated lathes: those that run, with what they do now, and those that ended."""

from collections.abc import Callable
from typing import Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from analytics.twin.lathe.materials import MATERIALS
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.simulate.lathes import store
from app.simulate.lathes.watching import newest_values
from app.ui.cards import empty_state, error_card
from app.ui.live import live
from app.ui.selecting.links import go
from app.ui.selecting.selection import MACHINE_PARAM
from app.ui.simulator.starting import SPEEDS, speed_text
from app.ui.tables import data_table, fitting

REFRESH_S: Final = 2.0
TOLD: Final = (
    ("spindle_speed_rpm", "rpm", 0),
    ("cutting_force_n", "N", 0),
    ("power_kw", "kW", 1),
    ("spindle_temp_c", "°C", 0),
    ("vibration_mm_s", "mm/s", 1),
    ("tool_wear_mm", "mm wear", 2),
)
BADGES: Final = {
    store.RUNNING: ":green-badge[:material/play_arrow: running]",
    store.PAUSED: ":orange-badge[:material/pause: paused]",
}


@live(REFRESH_S)
def lathe_list(access: Access) -> None:
    """All simulations of the factory; it refreshes itself."""
    found = store.list_simulations(access, limit=100)
    alive = [one for one in found if one.is_alive]
    if not found:
        empty_state(
            "No lathe was simulated yet",
            "A simulated lathe sends what a real one would: forces, power, temperature, wear, parts. "
            "Rules fire on it, and it stands on all pages.",
            icon="precision_manufacturing",
            key="simulator",
        )
        return
    values = newest_values(access, [one.lathe for one in alive])
    may = access.principal.may(Permission.RUN_SIMULATOR)
    for one in alive:
        _card(access, one, values[one.lathe], may=may)
    ended = [one for one in found if not one.is_alive]
    if ended:
        st.markdown("##### Ended")
        data_table(
            _frame(access, ended), key="sim-ended", label="Ended simulations", height=fitting(len(ended), 8),
            download_name="simulations",
        )  # fmt: skip


def _card(access: Access, one: store.Known, values: dict[str, float], *, may: bool) -> None:
    with st.container(border=True, key=f"sim-{one.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{one.lathe_name}** {BADGES[one.status]}")
            st.caption(what_text(one))
        st.progress(
            one.share, f"{_hours(one.position_s)} of {_hours(one.duration_s)}, {speed_text(one.speed)}"
        )
        told = [f"{values[key]:,.{digits}f} {unit}" for key, unit, digits in TOLD if key in values]
        st.markdown(" · ".join([f"**{one.parts:,} parts**", *told]))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _controls(access, one, may=may)
            if st.button("Its page", icon=":material/open_in_new:", key=f"sim-open-{one.id}"):
                go("machine", {MACHINE_PARAM: [one.lathe]})


def _controls(access: Access, one: store.Known, *, may: bool) -> None:
    if one.status == store.RUNNING:
        if st.button("Pause", icon=":material/pause:", key=f"sim-pause-{one.id}", disabled=not may):
            _do(lambda: store.pause(access, one.id))
    elif st.button("Resume", icon=":material/play_arrow:", key=f"sim-resume-{one.id}", disabled=not may):
        _do(lambda: store.resume(access, one.id))
    if st.button("Stop", icon=":material/stop:", key=f"sim-stop-{one.id}", disabled=not may):
        _do(lambda: store.stop(access, one.id))
    choices = sorted({*SPEEDS, one.speed})
    key = f"sim-speed-{one.id}-{one.version}"
    chosen = st.selectbox(
        "Speed", choices, index=choices.index(one.speed), format_func=speed_text, key=key, disabled=not may,
        label_visibility="collapsed", width=220,
    )  # fmt: skip
    if chosen != one.speed:
        _do(lambda: store.set_speed(access, one.id, chosen))


def _do(action: Callable[[], object]) -> None:
    try:
        action()
    except GembaError as error:
        error_card(error)
        return
    st.rerun(scope="fragment")


def what_text(one: store.Known) -> str:
    """What a lathe does, in words."""
    body = one.body
    name = MATERIALS[body["material"]].name
    speed = body["values"]["speed_m_min"]
    return f"{body['job_type'].capitalize()} {name.lower()} at {speed:g} m/min with tool {body['tool_no']}"


def _hours(seconds: float) -> str:
    return f"{seconds / 3_600:,.1f} h" if seconds >= 3_600 else f"{seconds / 60:,.0f} min"


def _frame(access: Access, ended: list[store.Known]) -> pd.DataFrame:
    zone = access.factory.zone
    return pd.DataFrame(
        {
            "Lathe": [one.lathe_name for one in ended],
            "What": [what_text(one) for one in ended],
            "Parts": [one.parts for one in ended],
            "Its own time": [_hours(one.position_s) for one in ended],
            "Began": [one.started_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for one in ended],
            "Ended because": [one.ended_because for one in ended],
        }
    )
