"""Days off and extra days: the list, its dialog, and the holidays that the plant keeps."""

import pandas as pd
import streamlit as st

from app.auth.permissions import Permission
from app.production.terms.holidays import countries
from app.shifts.days import (
    DayDraft,
    StoredDay,
    delete_day,
    exceptions,
    keep_holidays,
    kept_holidays,
    save_day,
)
from app.ui.dialogs import confirm_dialog
from app.ui.forms import Problems
from app.ui.scene import Scene
from app.ui.shifts.choosing import row_actions
from app.ui.shifts.month import near
from app.ui.tables import data_table, fitting

KINDS = {False: "closed", True: "open"}


def day_table(at: Scene) -> None:
    """All exceptions, the newest first, and the holidays."""
    _holidays(at)
    known = exceptions(at.access)[::-1]
    names = {row.key: row.name for row in at.plant.rows.shifts}
    shown = pd.DataFrame(
        {
            "Date": [one.draft.day for one in known],
            "Weekday": [f"{one.draft.day:%a}" for one in known],
            "Is": [KINDS[one.draft.is_open] for one in known],
            "Shifts": [_which(one.draft, names) for one in known],
            "Name": [one.draft.name for one in known],
        }
    )
    row = data_table(
        shown, key="day-table", label="Days off and extra days", selectable=True, download_name="days",
        height=fitting(len(shown), 14),
    )  # fmt: skip
    row_actions(
        at, "day", lambda place: _dialog(at, None if place is None else known[place]), row,
        delete=lambda place: delete_day(at.access, known[place]),
        warning="The date is what the weekly pattern and the holidays say again; figures of its past follow.",
        name=lambda place: f"{known[place].draft.day:%d %b %Y}",
    )  # fmt: skip


def _which(draft: DayDraft, names: dict[str, str]) -> str:
    if draft.shifts:
        return ", ".join(names.get(key, key) for key in draft.shifts)
    return "as usual" if draft.is_open else "all"


def _dialog(at: Scene, stored: StoredDay | None) -> None:
    Problems("day").clear()

    @st.dialog("Change a day" if stored else "Add a day", icon=":material/event:")
    def dialog() -> None:
        problems = Problems("day")
        draft = stored.draft if stored else DayDraft(near(at, 1), is_open=False)
        with st.form("day-form", border=False, enter_to_submit=False):
            day = st.date_input("Date", draft.day, key="day-day")
            problems.here("day")
            is_open = st.segmented_control(
                "The plant is", [False, True], default=draft.is_open, required=True, key="day-open",
                format_func=KINDS.__getitem__,
            )  # fmt: skip
            keys = [row.key for row in at.plant.rows.shifts]
            names = {row.key: row.name for row in at.plant.rows.shifts}
            chosen = st.multiselect(
                "Only these shifts", keys, [key for key in draft.shifts if key in keys], key="day-shifts",
                format_func=names.__getitem__,
                help="Closed: these do not run; none chosen, nothing runs. Open: these run on top of what is "
                "usual; none chosen, a holiday is worked as an ordinary day.",
            )  # fmt: skip
            problems.here("shifts")
            name = st.text_input("Name", draft.name, max_chars=120, key="day-name", placeholder="Stocktaking")
            problems.here("name")
            problems.rest()
            is_sent = st.form_submit_button("Save", type="primary", icon=":material/save:")
        if not is_sent:
            return
        made = DayDraft(day, bool(is_open), tuple(chosen), (name or "").strip())
        if problems.attempt(lambda: save_day(at.access, made, stored)):
            st.rerun()
        st.rerun(scope="fragment")

    dialog()


def _holidays(at: Scene) -> None:
    """Which country's holidays are kept; a change asks first, since figures follow."""
    country, region = kept_holidays(at.access)
    said = (
        f"Public holidays: **{country}{'-' + region if region else ''}**"
        if country
        else "No public holidays."
    )
    if not at.access.principal.may(Permission.MANAGE_MACHINES):
        st.markdown(said)
        return
    known = countries()
    with st.container(horizontal=True, vertical_alignment="bottom", key="holidays"):
        chosen = st.selectbox(
            "Public holidays of", ["", *known], ["", *known].index(country) if country in known else 0,
            format_func=lambda one: one or "none", key="holiday-country", width=160,
        )  # fmt: skip
        regions = ["", *known.get(chosen, [])]
        part = st.selectbox(
            "Region", regions, regions.index(region) if region in regions else 0, key="holiday-region",
            format_func=lambda one: one or "whole country", width=200, disabled=len(regions) == 1,
        )  # fmt: skip
        is_same = (chosen, part) == (country, region)
        if st.button("Keep these", icon=":material/save:", key="holiday-save", disabled=is_same):
            confirm_dialog(
                "Keep other holidays?",
                "Holidays are not scheduled time, in the past as well: figures of those days change. Days "
                "that people opened or closed stay as they are.",
                lambda: keep_holidays(at.access, chosen, part),
                confirm="Keep these holidays",
                key="holidays-keep",
            )
