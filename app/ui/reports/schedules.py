"""Reports that are made by the clock of the factory, and sent by mail."""

from datetime import time
from typing import Any, Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.jobs.rhythm import DAILY, MONTHLY, SHIFTLY, WEEKDAYS, WEEKLY, Rhythm
from app.jobs.schedules import (
    ScheduleDraft,
    add_schedule,
    left_behind,
    remove_schedule,
    rhythm_of,
    schedules,
    switch,
)
from app.reports.drafts import ReportDraft, parameters
from app.reports.making import KIND
from app.ui.cards import error_card
from app.ui.dialogs import confirm_dialog
from app.ui.formats import moment
from app.ui.forms import Problems
from app.ui.jobs.words import state_word
from app.ui.reports.choice import choose
from app.ui.reports.words import FORMATS
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting
from data.models import JobSchedule

EVERY: Final = {DAILY: "Each day", WEEKLY: "Each week", MONTHLY: "Each month", SHIFTLY: "Each shift"}
PERIOD: Final = {DAILY: "day", WEEKLY: "week", MONTHLY: "month", SHIFTLY: "shift"}
EARLY: Final = time(6, 30)
AFTER_SHIFT: Final = 15


def schedule_list(at: Scene) -> None:
    """The schedules of reports: add, switch, delete."""
    if not at.access.principal.may(Permission.RUN_ANALYTICS):
        return
    st.subheader("By the clock", anchor=False)
    found = [one for one in schedules(at.access) if one.kind == KIND]
    actions = st.container(horizontal=True, key="report-schedule-actions")
    row = None
    if found:
        row = data_table(_frame(at, found), key="report-schedules", label="Schedules of reports",
                         selectable=True, height=fitting(len(found)))  # fmt: skip
    else:
        st.caption("No report is made by the clock yet.")
    with actions:
        if st.button("Add a schedule", icon=":material/schedule:", key="re-add"):
            _dialog(at)
        _actions(at, found[row] if row is not None else None)


def _frame(at: Scene, found: list[JobSchedule]) -> pd.DataFrame:
    behind = left_behind(at.access, found)
    return pd.DataFrame(
        {
            "Name": [one.name for one in found],
            "When": [rhythm_of(one).said() for one in found],
            "Format": [FORMATS.get(one.parameters.get("format", "pdf"), "") for one in found],
            "Mail to": [", ".join(one.parameters.get("recipients", [])) for one in found],
            "State": [state_word(one, behind) for one in found],
            "Next": [moment(one.next_run_us, at.zone) if one.is_on else "" for one in found],
            "Last": [moment(one.last_run_us, at.zone) if one.last_run_us else "never" for one in found],
        }
    )


def _actions(at: Scene, one: JobSchedule | None) -> None:
    hint = "Choose a schedule in the table first." if one is None else None
    label = "Switch off" if one is not None and one.is_on else "Switch on"
    icon = ":material/power_settings_new:"
    if st.button(label, icon=icon, key="re-switch", disabled=one is None, help=hint) and one is not None:
        try:
            switch(at.access, one.id, not one.is_on, one.version)
        except GembaError as error:
            error_card(error)
            return
        st.rerun()
    delete = st.button("Delete schedule", icon=":material/delete:", key="re-unschedule", disabled=one is None)
    if delete and one is not None:
        confirm_dialog(
            f"Delete {one.name}?",
            "Reports that it has made stay.",
            lambda: remove_schedule(at.access, one.id),
            confirm="Delete schedule",
            key="re-unschedule-yes",
        )


def _dialog(at: Scene) -> None:
    Problems("report-schedule").clear()

    @st.dialog("A report by the clock", width="medium", icon=":material/schedule:")
    def dialog() -> None:
        problems = Problems("report-schedule")
        name = st.text_input("Name", key="rs-name", max_chars=120)
        problems.here("name")
        every = st.segmented_control("How often", list(EVERY), default=WEEKLY, required=True, key="rs-every",
                                     format_func=EVERY.__getitem__)  # fmt: skip
        rhythm = _rhythm(at, str(every))
        st.caption(f"It is about the last {PERIOD[str(every)]} that has ended, and is made {rhythm.said()}.")
        choice = choose(at, problems, "rs")
        problems.rest()
        if st.button("Add", type="primary", key="rs-add"):
            draft = ReportDraft(
                name or "", choice.form, choice.sections, choice.machines, choice.lines,
                period=PERIOD[str(every)], recipients=choice.recipients,
            )  # fmt: skip
            wanted = ScheduleDraft(name or "", KIND, rhythm, parameters(draft))
            if problems.attempt(lambda: add_schedule(at.access, wanted)):
                st.rerun()
            st.rerun(scope="fragment")

    dialog()


def _rhythm(at: Scene, every: Any) -> Rhythm:
    if every == SHIFTLY:
        after = st.number_input("Minutes after the end of the shift", 0, 59, AFTER_SHIFT, key="rs-after")
        return Rhythm(every, int(after))
    weekday = 0
    if every == WEEKLY:
        weekday = WEEKDAYS.index(st.selectbox("Weekday", WEEKDAYS, key="rs-weekday"))
    clock = st.time_input(f"Time ({at.access.factory.timezone})", EARLY, key="rs-time")
    return Rhythm(every, clock.hour * 60 + clock.minute, weekday)
