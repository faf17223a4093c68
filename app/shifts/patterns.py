"""The shifts of the weekly pattern: add, change, take away."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, InvalidInput
from analytics.timeline import EVERY_DAY, shift_windows
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.happenings import clock_time, pattern
from app.production.masters.rows import finish
from app.shifts.rows import at_version, key_problems, refuse_overlap, stored_with
from data.models import CalendarException, Crew, PerformanceRecord, Shift, Target

LONGEST_CYCLE: Final = 12
_MONDAY: Final = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class ShiftDraft:
    """A shift as people edit it. Weekdays: Monday is 0. Weeks of the cycle count from 0 at `cycle_from`."""

    key: str
    name: str
    start: time
    end: time
    weekdays: frozenset[int] = EVERY_DAY
    breaks: tuple[tuple[time, time], ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    cycle_weeks: int = 1
    cycle_in: frozenset[int] = frozenset({0})
    cycle_from: date | None = None


@dataclass(frozen=True, slots=True)
class StoredShift:
    """A shift with its id and version."""

    id: int
    version: int
    draft: ShiftDraft


def shifts(access: Access) -> list[StoredShift]:
    """All shifts, by start."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = list(session.scalars(select(Shift).order_by(Shift.start_min, Shift.key)))
    return [StoredShift(row.id, row.version, _draft(row)) for row in rows]


def one_shift(access: Access, shift_id: int) -> StoredShift:
    """One shift by its id; NotFound otherwise."""
    return stored_with(shifts(access), shift_id, "shift")


def save_shift(access: Access, draft: ShiftDraft, stored: StoredShift | None = None) -> int:
    """Add a shift, or change the stored one; its id. Figures of the past follow, where it is in force.

    InvalidInput names the field, also (`shifts`) where it would ever overlap another one; NotFound; Conflict.
    """
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        taken = session.scalar(select(Shift.id).where(Shift.key == draft.key))
        row = at_version(session, Shift, stored.id, stored.version, "shift") if stored else None
        _refuse_wrong(draft, is_taken=taken is not None and (row is None or taken != row.id))
        if row is not None and row.key != draft.key:
            raise InvalidInput.at("key", "A shift keeps its key: records, crews and targets name it.")
        before = _state(row) if row else None
        if row is None:
            row = Shift(key=draft.key, name=draft.name, start_min=0, end_min=0)
            session.add(row)
        else:
            row.version += 1
        _write(row, draft)
        shift_windows([pattern(row)], _MONDAY, _MONDAY, access.factory.zone)
        refuse_overlap(session)
        finish(
            access,
            session,
            "shift.change" if before else "shift.add",
            ("shift", row.key),
            before,
            _state(row),
        )
        return row.id


def delete_shift(access: Access, stored: StoredShift) -> None:
    """Take a shift away, in the past as well. Conflict where records, crews, days or targets name it."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = at_version(session, Shift, stored.id, stored.version, "shift")
        named = _named_by(session, row)
        if named:
            raise Conflict(f"The shift is named by {' and '.join(named)}. Let it end on a day instead.")
        before = _state(row)
        session.delete(row)
        finish(access, session, "shift.delete", ("shift", row.key), before, None)


def _named_by(session: Session, row: Shift) -> list[str]:
    records = select(PerformanceRecord.id).where(PerformanceRecord.shift_id == row.id).limit(1)
    targets = select(Target.id).where(Target.shift_id == row.id).limit(1)
    crews = [one.rotation for one in session.scalars(select(Crew))]
    days = [one.shifts for one in session.scalars(select(CalendarException))]
    found = {
        "records": session.scalar(records),
        "targets": session.scalar(targets),
        "crews": any(row.key in one.split(",") for one in crews),
        "days": any(row.key in one.split(",") for one in days),
    }
    return [word for word, is_there in found.items() if is_there]


def _refuse_wrong(draft: ShiftDraft, *, is_taken: bool) -> None:
    found = key_problems(draft.key, draft.name, is_taken=is_taken, word="shift")
    if not draft.weekdays or not draft.weekdays <= EVERY_DAY:
        found.append(FieldProblem("weekdays", "Choose at least one weekday."))
    if draft.valid_from and draft.valid_to and draft.valid_to < draft.valid_from:
        found.append(FieldProblem("valid_to", "The last day lies before the first."))
    if not 1 <= draft.cycle_weeks <= LONGEST_CYCLE:
        found.append(FieldProblem("cycle_weeks", f"A cycle has 1 to {LONGEST_CYCLE} weeks."))
    elif not draft.cycle_in or not draft.cycle_in <= set(range(draft.cycle_weeks)):
        found.append(FieldProblem("cycle_in", "Choose at least one week of the cycle."))
    elif draft.cycle_weeks > 1 and draft.cycle_from is None:
        found.append(FieldProblem("cycle_from", "Say on which date the cycle's first week lies."))
    if len(_breaks(draft)) > 200:
        found.append(FieldProblem("breaks", "At most 16 breaks."))
    if found:
        raise InvalidInput(*found)


def _breaks(draft: ShiftDraft) -> str:
    return ",".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in sorted(draft.breaks))


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _write(row: Shift, draft: ShiftDraft) -> None:
    row.name, row.breaks = draft.name.strip(), _breaks(draft)
    row.start_min, row.end_min = _minutes(draft.start), _minutes(draft.end)
    row.weekdays = sum(1 << day for day in draft.weekdays)
    row.valid_from, row.valid_to = draft.valid_from, draft.valid_to
    row.cycle_weeks, row.cycle_in = draft.cycle_weeks, sum(1 << week for week in draft.cycle_in)
    row.cycle_from = draft.cycle_from if draft.cycle_weeks > 1 else None


def _draft(row: Shift) -> ShiftDraft:
    known = pattern(row)
    return ShiftDraft(
        row.key, row.name, clock_time(row.start_min), clock_time(row.end_min), known.weekdays, known.breaks,
        row.valid_from, row.valid_to, row.cycle_weeks, known.cycle_in, row.cycle_from,
    )  # fmt: skip


def _state(row: Shift) -> dict[str, Any]:
    names = ("key", "name", "start_min", "end_min", "weekdays", "breaks", "cycle_weeks", "cycle_in")
    days = ("valid_from", "valid_to", "cycle_from")
    return {name: getattr(row, name) for name in names} | {
        name: None if getattr(row, name) is None else getattr(row, name).isoformat() for name in days
    }
