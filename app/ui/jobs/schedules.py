"""What is asked for by the clock of the factory."""

from datetime import time
from typing import Any, Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.jobs.rhythm import RHYTHMS, WEEKDAYS, Rhythm
from app.jobs.schedules import (
    ScheduleDraft,
    add_schedule,
    left_behind,
    remove_schedule,
    rhythm_of,
    schedules,
    switch,
)
from app.ui.cards import error_card
from app.ui.dialogs import confirm_dialog
from app.ui.formats import moment
from app.ui.jobs.words import askable, state_word, title_of
from app.ui.tables import data_table, fitting
from data.models import JobSchedule

EARLY: Final = time(6, 0)


def schedule_list(access: Access) -> None:
    """The schedules with their next slots: add, switch, delete."""
    st.subheader("Schedules", anchor=False)
    found = schedules(access)
    actions = st.container(horizontal=True)
    row = None
    if found:
        row = data_table(
            _frame(access, found), key="jo-schedules", label="Schedules", selectable=True,
            height=fitting(len(found)),
        )  # fmt: skip
    else:
        st.caption("No schedule yet.")
    with actions:
        if st.button("Add a schedule", icon=":material/add:", key="jo-add"):
            _add(access)
        _actions(access, found[row] if row is not None else None)


def _frame(access: Access, found: list[JobSchedule]) -> pd.DataFrame:
    zone, behind = access.factory.zone, left_behind(access, found)
    return pd.DataFrame(
        {
            "Name": [one.name for one in found],
            "Kind": [title_of(one.kind) for one in found],
            "When": [rhythm_of(one).said() for one in found],
            "State": [state_word(one, behind) for one in found],
            "Next": [moment(one.next_run_us, zone) if one.is_on else "" for one in found],
            "Last": [moment(one.last_run_us, zone) if one.last_run_us else "never" for one in found],
            "By": [one.asked_by for one in found],
        }
    )


def _actions(access: Access, one: JobSchedule | None) -> None:
    hint = "Choose a schedule in the table first." if one is None else None
    label = "Switch off" if one is not None and one.is_on else "Switch on"
    off = one is None
    if st.button(label, icon=":material/power_settings_new:", key="jo-switch", disabled=off, help=hint):
        _switch(access, one)
    off = one is None or one.is_built_in
    if st.button("Delete", icon=":material/delete:", key="jo-delete", disabled=off) and one is not None:
        confirm_dialog(
            f"Delete {one.name}?",
            "Jobs that it has asked for stay.",
            lambda: remove_schedule(access, one.id),
            confirm="Delete schedule",
            key="jo-delete-yes",
        )


def _switch(access: Access, one: JobSchedule | None) -> None:
    if one is None:
        return
    try:
        switch(access, one.id, not one.is_on, one.version)
    except GembaError as error:
        error_card(error)
        return
    st.rerun()


@st.dialog("Add a schedule", icon=":material/schedule:")
def _add(access: Access) -> None:
    known = askable()
    name = st.text_input("Name", key="jo-name", max_chars=120)
    kind = st.selectbox("Kind", list(known), format_func=lambda one: known[one], key="jo-schedule-kind")
    every = st.segmented_control("How often", RHYTHMS, default="daily", required=True, key="jo-every")
    weekday = 0
    if every == "weekly":
        weekday = WEEKDAYS.index(st.selectbox("Weekday", WEEKDAYS, key="jo-weekday"))
    if every in ("hourly", "shiftly"):
        words = "Minute of the hour" if every == "hourly" else "Minutes after the end of a shift"
        at_min = int(st.number_input(words, 0, 59, 0, key="jo-minute"))
    else:
        at = st.time_input(f"Time ({access.factory.timezone})", EARLY, key="jo-time")
        at_min = at.hour * 60 + at.minute
    if st.button("Add", type="primary", key="jo-add-yes"):
        _added(access, name, kind, (every, at_min, weekday))


def _added(access: Access, name: str, kind: str, rhythm: tuple[Any, int, int]) -> None:
    try:
        add_schedule(access, ScheduleDraft(name, kind, Rhythm(*rhythm)))
    except GembaError as error:
        error_card(error)
        return
    st.rerun()
