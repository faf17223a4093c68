"""The form of a shift record: minutes and units as they stand on the shift sheet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import streamlit as st

from app.production.happenings import clock_time
from app.production.records import entry as records
from app.production.records.entry import RecordDraft, StoredRecord
from app.ui.forms import Problems
from app.ui.scene import Scene, this_shift
from app.ui.selecting.zone import local_datetime, to_us
from data.models import Shift, from_us
from data.models import to_us as instant_us

OTHER = ""


@dataclass(frozen=True, slots=True)
class When:
    """The interval of a record, in the factory's wall clock."""

    start: datetime
    end: datetime
    shift_id: int | None


def open_form(at: Scene, stored: StoredRecord | None = None) -> None:
    """Ask for a record; with `stored` its present values stand in the fields."""
    Problems("record").clear()
    _dialog(at, stored)


@st.dialog("Shift record", width="large", icon=":material/edit_note:")
def _dialog(at: Scene, stored: StoredRecord | None) -> None:
    problems = Problems("record")
    draft = stored.draft if stored else None
    machine_id, when = _where_and_when(at, draft, problems)
    with st.form("record-form", border=False, enter_to_submit=False):
        made = _numbers(at, draft, machine_id, when, problems)
        problems.rest()
        saved = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if not saved:
        return

    def save() -> None:
        if stored is None:
            records.enter(at.access, made)
        else:
            records.change(at.access, stored.id, stored.version, made)

    if problems.attempt(save):
        st.session_state["records-done"] = "The record was saved; the figures count it now."
        st.rerun()
    st.rerun(scope="fragment")


def _where_and_when(at: Scene, draft: RecordDraft | None, problems: Problems) -> tuple[int, When]:
    machines = {machine.id: machine.name for machine in at.plant.active}
    shifts = {shift.key: shift for shift in at.plant.rows.shifts}
    own = next((key for key, shift in shifts.items() if draft and shift.id == draft.shift_id), OTHER)
    choices = [*shifts, OTHER]
    start_us = instant_us(draft.start) if draft else this_shift(at).start_us
    local = local_datetime(start_us, at.zone)
    first = own if draft else _beginning(shifts, local)
    left, middle, right = st.columns([2, 1.2, 1.6])
    with left:
        ids = list(machines)
        index = ids.index(draft.machine_id) if draft and draft.machine_id in machines else 0
        machine_id = st.selectbox(
            "Machine", ids, index=index, format_func=machines.__getitem__, key="r-machine"
        )
        problems.here("machine_id")
    with middle:
        day = st.date_input("Day", local.date(), key="r-day", format="YYYY-MM-DD")
    with right:
        key = st.selectbox(
            "Shift",
            choices,
            index=choices.index(first),
            format_func=lambda one: _shift_name(shifts[one]) if one else "other times",
            key="r-shift",
        )
    if key:
        problems.here("start")
        problems.here("end")
        return machine_id, _of_shift(at, day, shifts[key])
    return machine_id, _of_times(at, day, draft, problems)


def _beginning(shifts: Mapping[str, Shift], local: datetime) -> str:
    """The shift that begins at this time of day, else "other times"."""
    minute = 60 * local.hour + local.minute
    return next((key for key, shift in shifts.items() if shift.start_min % 1440 == minute), OTHER)


def _shift_name(shift: Shift) -> str:
    return f"{shift.name} ({clock_time(shift.start_min):%H:%M} to {clock_time(shift.end_min):%H:%M})"


def _interval(at: Scene, day: date, begin: time, end: time) -> tuple[datetime, datetime]:
    """Two wall-clock times as instants; an end at or before the start is on the next day."""
    following = day + timedelta(days=1) if end <= begin else day
    return (
        from_us(to_us(datetime.combine(day, begin), at.zone)),
        from_us(to_us(datetime.combine(following, end), at.zone)),
    )


def _of_shift(at: Scene, day: date, shift: Shift) -> When:
    start, end = _interval(at, day, clock_time(shift.start_min), clock_time(shift.end_min))
    return When(start, end, shift.id)


def _of_times(at: Scene, day: date, draft: RecordDraft | None, problems: Problems) -> When:
    begin = local_datetime(instant_us(draft.start), at.zone).time() if draft else time(6)
    finish = local_datetime(instant_us(draft.end), at.zone).time() if draft else time(14)
    left, right = st.columns(2)
    with left:
        chosen = st.time_input("From", begin, key="r-from", step=300)
        problems.here("start")
    with right:
        until = st.time_input(
            "To", finish, key="r-to", step=300, help="At or before the start: on the next day."
        )
        problems.here("end")
    start, end = _interval(at, day, chosen or begin, until or finish)
    return When(start, end, None)


def _numbers(
    at: Scene, draft: RecordDraft | None, machine_id: int, when: When, problems: Problems
) -> RecordDraft:
    length = (when.end - when.start).total_seconds() / 60
    left, right = st.columns(2)
    with left:
        planned = _minutes("Planned time (min)", "planned_s", draft, length, problems)
        operating = _minutes("Operating time (min)", "operating_s", draft, None, problems)
        downtime = _minutes("Downtime (min)", "downtime_s", draft, 0.0, problems)
    with right:
        output = _units("Actual output (units)", "output", draft, problems)
        good = _units("Good units", "good", draft, problems)
        offered = at.plant.offered(draft.product_id if draft else None)
        products = {product.id: product.name or product.key for product in offered}
        ids = [None, *products]
        product = st.selectbox(
            "Product",
            ids,
            index=ids.index(draft.product_id) if draft and draft.product_id in ids else 0,
            format_func=lambda one: products[one] if one else "not given",
            key="r-product",
        )
    stops = _reason(at, draft, problems)
    note = st.text_input("Note", draft.note if draft else "", key="r-note", max_chars=500)
    planned_s = 60 * (planned or 0.0)
    downtime_s = 60 * (downtime or 0.0)
    return RecordDraft(
        machine_id=machine_id,
        start=when.start,
        end=when.end,
        shift_id=when.shift_id,
        planned_s=planned_s,
        operating_s=60 * operating if operating is not None else max(planned_s - downtime_s, 0.0),
        downtime_s=downtime_s,
        output=output or 0.0,
        good=good or 0.0,
        product_id=product,
        note=note or "",
        stops=((stops, downtime_s),) if stops is not None and downtime_s > 0 else _kept(draft, downtime_s),
        batch=draft.batch if draft else "",
        operator=draft.operator if draft else at.access.principal.name,
        source=draft.source if draft else "entry",
    )


def _kept(draft: RecordDraft | None, downtime_s: float) -> tuple[tuple[int, float], ...]:
    """Several reasons of an imported record stay as they are while they fit into the downtime."""
    if draft is None or len(draft.stops) < 2 or sum(s for _, s in draft.stops) > downtime_s + 0.5:
        return ()
    return draft.stops


def _minutes(
    label: str, field: str, draft: RecordDraft | None, default: float | None, problems: Problems
) -> float | None:
    hint = "Left empty: planned time less downtime." if field == "operating_s" else None
    found = st.number_input(
        label,
        value=float(getattr(draft, field)) / 60 if draft else default,
        step=5.0,
        format="%g",
        key=f"r-{field}",
        help=hint,
        placeholder="from the others" if hint else None,
    )
    problems.here(field)
    return found


def _units(label: str, field: str, draft: RecordDraft | None, problems: Problems) -> float | None:
    found = st.number_input(
        label, value=float(getattr(draft, field)) if draft else None, step=1.0, format="%g", key=f"r-{field}"
    )
    problems.here(field)
    return found


def _reason(at: Scene, draft: RecordDraft | None, problems: Problems) -> int | None:
    reasons = {reason.id: reason.name for reason in at.plant.rows.reasons}
    ids = [None, *reasons]
    own = draft.stops[0][0] if draft and len(draft.stops) == 1 else None
    several = draft is not None and len(draft.stops) > 1
    chosen = st.selectbox(
        "Reason of the downtime",
        ids,
        index=ids.index(own) if own in ids else 0,
        format_func=lambda one: reasons[one] if one else ("as recorded" if several else "not given"),
        key="r-reason",
    )
    problems.here("stops")
    return chosen
