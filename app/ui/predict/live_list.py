"""Machines that are scored while they run: how far, how high, and switching it on and off."""

from collections.abc import Callable
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.jobs.asking import Asked, ask
from app.jobs.kinds.anomaly import METHODS
from app.predict.anomaly.changed import changed_since_us
from app.predict.anomaly.live import LiveShown, live_detectors, switch_live
from app.production.plant import plant
from app.ui.cards import error_card
from app.ui.dialogs import confirm_dialog
from app.ui.formats import age, moment, number
from app.ui.live import live
from app.ui.predict.episode_list import METHOD_NAMES
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting
from data.models import to_us

REFRESH_S: Final = 10.0
TOLD: Final = "live-told"
CHOSEN: Final = "al-chosen"
ENDED: Final = {0: "now", 1: "1 day ago", 3: "3 days ago", 7: "7 days ago"}


def live_list(at: Scene) -> None:
    """The machines with a detector of their own, and what can be done with the chosen one."""
    told = st.session_state.pop(TOLD, "")
    if told:
        st.toast(told, icon=":material/check:")
    st.subheader("Scored live", anchor=False)
    may_change = Permission.RUN_ANALYTICS in at.access.principal.permissions
    if may_change and st.button("Score live", icon=":material/sensors:", key="al-new"):
        ask_for_live(at.access)
    _machines(at, may_change)
    chosen = st.session_state.pop(CHOSEN, None)
    if chosen is not None:
        _ask_to_switch_off(at, chosen)


@live(REFRESH_S)
def _machines(at: Scene, may_change: bool) -> None:
    found = live_detectors(at.access)
    if not found:
        st.caption(
            "No machine is scored while it runs. *Score live* learns what is normal from a machine's last "
            "days; its parameter *Anomaly score* then follows within a minute or two, for charts and rules."
        )
        return
    row = data_table(
        _table(at, found), key="live-scores", label="Machines scored live", selectable=may_change,
        height=fitting(len(found), 10), download_name="live-scores",
        columns={"Score": st.column_config.NumberColumn(format="%.2f x limit")},
    )  # fmt: skip
    chosen = found[row] if row is not None else (found[0] if len(found) == 1 else None)
    if may_change:
        _actions(at, chosen)
    _changed(at, found, may_change)
    st.caption(
        "A score above 1 is beyond the limit. There is none while a machine is silent, in the first rows "
        "after a silence, and where less than half of the signals came. Rules watch it as the parameter "
        "*Anomaly score*."
    )


def _table(at: Scene, found: list[LiveShown]) -> pd.DataFrame:
    names = {one.device_key: one.name for one in at.plant.rows.machines}
    now_us = to_us(at.access.now)
    return pd.DataFrame(
        {
            "Machine": [names.get(one.machine, one.machine) for one in found],
            "Live": [_state(one) for one in found],
            "Score": [one.score if one.is_on else None for one in found],
            "Mostly": [_leading(at, one) for one in found],
            "Scored up to": [age(one.ahead_us, now_us) for one in found],
            "Rows scored": [one.scored for one in found],
            "Not judged": [one.withheld for one in found],
            "Detector": [METHOD_NAMES.get(one.method, one.method) for one in found],
            "Normal from": [moment(one.normal_start_us, at.zone) for one in found],
            "to": [moment(one.normal_end_us, at.zone) for one in found],
            "Row": [f"{number(one.step_us / 1e6, 0)} s" for one in found],
            "By": [one.switched_by for one in found],
            "Problem": [one.problem for one in found],
        }
    )


def _state(one: LiveShown) -> str:
    if not one.is_on:
        return "off"
    if one.problem:
        return "cannot be scored"
    if one.score is None:
        return "on, no score now"
    return "on, beyond the limit" if one.score > 1 else "on"


def _leading(at: Scene, one: LiveShown) -> str:
    machine = at.plant.machine_by_key.get(one.machine)
    shown = {p.key: p.display_name or p.key for p in at.plant.parameters(machine.id)} if machine else {}
    return shown.get(one.leading, one.leading) if one.is_on else ""


def _changed(at: Scene, found: list[LiveShown], may_change: bool) -> None:
    """Machines that have become other ones: broken, or to be learned anew; somebody has to say which."""
    for one in found:
        since = changed_since_us(at.access, one)
        if since is None:
            continue
        name = at.names.get(one.machine, one.machine)
        st.warning(
            f"{name} has been beyond its limit nearly all the time since {moment(since, at.zone)}. "
            "If nothing is broken (another product, a new part), what is normal has changed.",
            icon=":material/change_circle:",
        )
        if may_change and st.button(
            f"Learn {name} anew", icon=":material/model_training:", key=f"al-anew-{one.id}",
            help="Takes the time since then as normal and scores from now on by that.",
        ):  # fmt: skip
            _do(partial(ask, at.access, anew(one, since, at.now_us)), "Learning begins.")


def anew(one: LiveShown, since_us: int, now_us: int) -> Asked:
    """The job that takes the time since a change as normal: the same detector, rows and budget."""
    return Asked(
        "live_scores",
        {"machines": [one.machine], "method": one.method, "step_s": one.step_us / 1e6,
         "false_alarms_per_week": one.false_alarms_per_week, "parameters": list(one.parameters),
         "normal_start_us": since_us, "normal_end_us": now_us},
    )  # fmt: skip


def _actions(at: Scene, chosen: LiveShown | None) -> None:
    hint = "Choose a machine in the table first." if chosen is None else None
    with st.container(horizontal=True):
        off, on = chosen is None or not chosen.is_on, chosen is None or chosen.is_on
        stops = st.button("Switch off", icon=":material/sensors_off:", key="al-off", disabled=off, help=hint)
        begins = st.button("Switch on", icon=":material/sensors:", key="al-on", disabled=on, help=hint)
    if stops and chosen is not None:
        # The part that refreshes would close a dialog: the page asks.
        st.session_state[CHOSEN] = chosen
        st.rerun()
    if begins and chosen is not None:
        _do(lambda: switch_live(at.access, chosen.id, chosen.version, is_on=True), "Scored from now on.")


def _ask_to_switch_off(at: Scene, chosen: LiveShown) -> None:
    confirm_dialog(
        f"Stop scoring {chosen.machine}?",
        "It gets no anomaly score any more, and rules that watch it know nothing meanwhile. Scores that are "
        "there stay. It can be switched on again.",
        lambda: switch_live(at.access, chosen.id, chosen.version, is_on=False),
        confirm="Switch off", key="al-off-ask",
    )  # fmt: skip


def _do(action: Callable[[], object], told: str) -> None:
    try:
        action()
    except GembaError as error:
        error_card(error)
        return
    st.session_state[TOLD] = told
    st.rerun()


@st.dialog("Score machines live", icon=":material/sensors:")
def ask_for_live(access: Access) -> None:
    """Which machines, by which detector, and until when all was normal."""
    names = {one.device_key: one.name for one in plant(access).active}
    machines = st.multiselect(
        "Machines", list(names), format_func=names.__getitem__, placeholder="All", key="al-machines"
    )
    ended = st.selectbox("Normal until", list(ENDED), index=1, format_func=ENDED.__getitem__, key="al-ended")
    days = st.number_input("Days before that taken as normal", 0.5, 90.0, 14.0, 0.5, key="al-days")
    st.caption("Without what was called a real anomaly. The time since then is scored too, for looking back.")
    method = st.selectbox("Detector", METHODS, format_func=METHOD_NAMES.__getitem__, key="al-method")
    budget = st.number_input(
        "False alarms per machine and week, at most", 0.05, 100.0, 1.0, 0.5, key="al-budget"
    )
    if st.button("Start", type="primary", key="al-start"):
        given = {"machines": machines, "ended_days": ended, "normal_days": days, "method": method,
                 "false_alarms_per_week": budget}  # fmt: skip
        try:
            ask(access, Asked("live_scores", given))
        except GembaError as error:
            error_card(error)
            return
        st.rerun()
