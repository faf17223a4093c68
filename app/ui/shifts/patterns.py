"""The shifts as a table, and the dialog that adds or changes one."""

from datetime import date, time

import pandas as pd
import streamlit as st

from analytics.errors import InvalidInput
from app.shifts.patterns import LONGEST_CYCLE, ShiftDraft, StoredShift, delete_shift, save_shift, shifts
from app.ui.forms import Problems
from app.ui.scene import Scene
from app.ui.shifts.choosing import row_actions
from app.ui.shifts.month import WEEKDAYS, near
from app.ui.tables import data_table, fitting

PAST = (
    "Figures of the past follow where the shift is in force. To change it from a day on only, let it end "
    "the day before and add its successor."
)


def shift_table(at: Scene) -> None:
    """All shifts; a chosen one can be changed or deleted."""
    known = shifts(at.access)
    shown = pd.DataFrame(
        {
            "Shift": [one.draft.name for one in known],
            "Key": [one.draft.key for one in known],
            "From": [f"{one.draft.start:%H:%M}" for one in known],
            "To": [f"{one.draft.end:%H:%M}" for one in known],
            "Weekdays": [weekdays(one.draft.weekdays) for one in known],
            "Cycle": [_cycle(one.draft) for one in known],
            "Breaks": [breaks_text(one.draft.breaks) for one in known],
            "Valid from": [one.draft.valid_from for one in known],
            "Valid to": [one.draft.valid_to for one in known],
        }
    )
    row = data_table(
        shown, key="shift-table", label="The shifts", selectable=True, download_name="shifts",
        height=fitting(len(shown), 14),
    )  # fmt: skip
    if not known:
        st.info("Without shifts every day counts as scheduled, apart from closed ones.")
    row_actions(
        at, "shift", lambda place: _dialog(at, None if place is None else known[place]), row,
        delete=lambda place: delete_shift(at.access, known[place]),
        warning="Its time is not scheduled any more, in the past as well.",
        name=lambda place: known[place].draft.name,
    )  # fmt: skip


def weekdays(days: frozenset[int]) -> str:
    """Weekdays in words: "Mon-Fri", "every day", "Sat, Sun"."""
    if len(days) == 7:
        return "every day"
    found = sorted(days)
    if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
        return f"{WEEKDAYS[found[0]]}-{WEEKDAYS[found[-1]]}"
    return ", ".join(WEEKDAYS[day] for day in found)


def _cycle(draft: ShiftDraft) -> str:
    if draft.cycle_weeks == 1:
        return "every week"
    weeks = ", ".join(str(week + 1) for week in sorted(draft.cycle_in))
    return f"week {weeks} of {draft.cycle_weeks}"


def breaks_text(breaks: tuple[tuple[time, time], ...]) -> str:
    """Breaks as people write them: "09:00-09:15, 12:00-12:30"."""
    return ", ".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in breaks)


def breaks_of(text: str) -> tuple[tuple[time, time], ...]:
    """The breaks that a text names. InvalidInput at `breaks` where one cannot be read."""
    found = []
    for part in (one.strip() for one in text.split(",")):
        begin, _, end = part.partition("-")
        try:
            found += [(time.fromisoformat(begin.strip()), time.fromisoformat(end.strip()))] if part else []
        except ValueError as error:
            raise InvalidInput.at("breaks", f"Write breaks as 09:00-09:15; '{part}' is not one.") from error
    return tuple(found)


def _dialog(at: Scene, stored: StoredShift | None) -> None:
    Problems("shift").clear()

    @st.dialog("Change a shift" if stored else "Add a shift", width="medium", icon=":material/schedule:")
    def dialog() -> None:
        problems = Problems("shift")
        draft = stored.draft if stored else ShiftDraft("", "", time(6), time(14))
        weeks = _weeks(draft, problems)
        with st.form("shift-form", border=False, enter_to_submit=False):
            values = _fields(draft, problems, is_new=stored is None)
            cycle = _cycle_fields(at, draft, weeks, problems)
            problems.rest()
            if stored:
                st.caption(PAST)
            is_sent = st.form_submit_button("Save", type="primary", icon=":material/save:")
        if not is_sent:
            return

        def save() -> None:
            key, name, start, end, days, rest, first, last = values
            save_shift(
                at.access,
                ShiftDraft(
                    key.strip(), name.strip(), start, end, days, breaks_of(rest), first, last, weeks, *cycle
                ),
                stored,
            )

        if problems.attempt(save):
            st.rerun()
        st.rerun(scope="fragment")

    dialog()


Values = tuple[str, str, time, time, frozenset[int], str, date | None, date | None]


def _fields(draft: ShiftDraft, problems: Problems, *, is_new: bool) -> Values:
    left, right = st.columns(2)
    with left:
        name = st.text_input("Name", draft.name, max_chars=120, key="shift-name")
        problems.here("name")
        start = st.time_input("Start", draft.start, step=300, key="shift-start")
        first = st.date_input("Valid from", draft.valid_from, key="shift-from", help="Empty: always.")
    with right:
        key = st.text_input("Key", draft.key, max_chars=60, key="shift-key", disabled=not is_new,
                            help="It stays: records and targets name it.")  # fmt: skip
        problems.here("key")
        end = st.time_input("End", draft.end, step=300, key="shift-end",
                            help="At or before the start: on the next day.")  # fmt: skip
        last = st.date_input(
            "Valid to", draft.valid_to, key="shift-to", help="The last day. Empty: for ever."
        )
        problems.here("valid_to")
    days = st.pills("Weekdays on which it starts", list(range(7)), selection_mode="multi",
                    default=sorted(draft.weekdays), format_func=WEEKDAYS.__getitem__,
                    key="shift-days")  # fmt: skip
    problems.here("weekdays")
    rest = st.text_input("Breaks", breaks_text(draft.breaks), max_chars=300, key="shift-breaks",
                         placeholder="09:00-09:15, 12:00-12:30")  # fmt: skip
    problems.here("breaks")
    return key or "", name or "", start, end, frozenset(days), rest or "", first, last


def _weeks(draft: ShiftDraft, problems: Problems) -> int:
    """Outside the form, since the fields of the weeks depend on it."""
    weeks = st.number_input(
        "Repeats every so many weeks", 1, LONGEST_CYCLE, draft.cycle_weeks, key="shift-cycle"
    )
    problems.here("cycle_weeks")
    return int(weeks)


def _cycle_fields(
    at: Scene, draft: ShiftDraft, weeks: int, problems: Problems
) -> tuple[frozenset[int], date | None]:
    if weeks == 1:
        return frozenset({0}), None
    kept = sorted(week for week in draft.cycle_in if week < weeks)
    chosen = st.pills("Runs in week", list(range(weeks)), selection_mode="multi", default=kept,
                      format_func=lambda week: str(week + 1), key=f"shift-weeks-{weeks}")  # fmt: skip
    problems.here("cycle_in")
    begin = st.date_input("A date in week 1", draft.cycle_from or near(at), key="shift-anchor")
    problems.here("cycle_from")
    return frozenset(chosen), begin
