"""Performance records: enter, change and take back the summary of a shift or batch."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, InvalidInput, NotFound
from analytics.vocabulary import MICROSECONDS
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Machine, PerformanceRecord, RecordStop, from_us, to_us
from data.queries.plant import bump
from data.queries.production import LONGEST_COUNT_US

DAY_US = 86_400 * MICROSECONDS


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """What a person enters about a shift: times in seconds, units as counted."""

    machine_id: int
    start: datetime
    end: datetime
    planned_s: float
    operating_s: float
    downtime_s: float
    output: float
    good: float
    product_id: int | None = None
    shift_id: int | None = None
    batch: str = ""
    operator: str = ""
    note: str = ""
    stops: tuple[tuple[int, float], ...] = ()
    source: str = "entry"


def problems(draft: RecordDraft) -> list[FieldProblem]:
    """What is wrong with a record taken by itself, each with its field; empty when it is sound."""
    if draft.start.tzinfo is None or draft.end.tzinfo is None:
        return [
            FieldProblem("start", "The time has no zone: give it in the factory's zone or with an offset.")
        ]
    found = _negatives(draft)
    length_s = (draft.end - draft.start).total_seconds()
    if length_s <= 0:
        found.append(FieldProblem("end", "The end must lie after the start."))
    elif length_s > LONGEST_COUNT_US / MICROSECONDS:
        found.append(FieldProblem("end", "One record covers at most seven days."))
    elif draft.planned_s > length_s + 0.5:
        found.append(
            FieldProblem(
                "planned_s",
                f"Planned time ({_minutes(draft.planned_s)}) is longer than the shift "
                f"({_minutes(length_s)}).",
            )
        )
    found += _sums(draft)
    return found


def _negatives(draft: RecordDraft) -> list[FieldProblem]:
    names = ("planned_s", "operating_s", "downtime_s", "output", "good")
    return [FieldProblem(name, "This cannot be negative.") for name in names if not getattr(draft, name) >= 0]


def _sums(draft: RecordDraft) -> list[FieldProblem]:
    found = []
    if draft.downtime_s > draft.planned_s + 0.5:
        found.append(
            FieldProblem(
                "downtime_s",
                f"Downtime ({_minutes(draft.downtime_s)}) exceeds the planned time "
                f"({_minutes(draft.planned_s)}).",
            )
        )
    elif draft.operating_s + draft.downtime_s > draft.planned_s + 0.5:
        found.append(
            FieldProblem(
                "operating_s",
                f"Operating time and downtime together ({_minutes(draft.operating_s + draft.downtime_s)}) "
                f"exceed the planned time ({_minutes(draft.planned_s)}).",
            )
        )
    if draft.good > draft.output:
        found.append(
            FieldProblem("good", f"Good units ({draft.good:g}) exceed the output ({draft.output:g}).")
        )
    if sum(seconds for _, seconds in draft.stops) > draft.downtime_s + 0.5:
        found.append(FieldProblem("stops", "The reasons add up to more than the downtime."))
    return found


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:g} min"


def _state(row: PerformanceRecord) -> dict[str, Any]:
    return {
        name: getattr(row, name)
        for name in (
            "machine_id", "product_id", "shift_id", "batch", "operator", "start_us", "end_us", "planned_s",
            "operating_s", "downtime_s", "output", "good", "note", "source", "version",
        )
    }  # fmt: skip


def _values(draft: RecordDraft) -> dict[str, Any]:
    values = {
        f.name: getattr(draft, f.name) for f in fields(draft) if f.name not in {"start", "end", "stops"}
    }
    return {**values, "start_us": to_us(draft.start), "end_us": to_us(draft.end)}


def _refuse_wrong(access: Access, draft: RecordDraft) -> None:
    """Raise InvalidInput with all that is wrong with the record, the future included."""
    wrong = problems(draft)
    if not wrong and draft.start > access.now:
        wrong = [FieldProblem("start", "This shift has not begun yet: enter it when it has.")]
    if wrong:
        raise InvalidInput(*wrong)


def _check_against_store(session: Session, draft: RecordDraft, own_id: int | None) -> None:
    if session.get(Machine, draft.machine_id) is None:
        raise InvalidInput.at("machine_id", "There is no such machine in this factory.")
    row = PerformanceRecord
    overlapping = session.scalar(
        select(row)
        .where(
            row.machine_id == draft.machine_id,
            row.start_us < to_us(draft.end),
            row.end_us > to_us(draft.start),
            row.id != (own_id or 0),
        )
        .limit(1)
    )
    if overlapping is not None:
        raise InvalidInput.at(
            "start",
            "A record for this machine covers part of this time already. Change that record instead.",
        )


def touched_days(start_us: int, end_us: int) -> set[int]:
    """The UTC days that an interval touches."""
    return set(range(start_us // DAY_US, max(end_us - 1, start_us) // DAY_US + 1))


def enter(access: Access, draft: RecordDraft) -> int:
    """Store a record; returns its id. Raises InvalidInput naming the field, and stores nothing then."""
    access.require(Permission.ENTER_PRODUCTION)
    _refuse_wrong(access, draft)
    with access.write() as session:
        _check_against_store(session, draft, None)
        row = PerformanceRecord(**_values(draft), created_at=access.now, updated_at=access.now)
        session.add(row)
        session.flush()
        _put_stops(session, row.id, draft.stops)
        bump(session, touched_days(row.start_us, row.end_us))
        access.audit(session, "record.enter", ("performance_record", row.id), after=_state(row))
        return row.id


def change(access: Access, record_id: int, version: int, draft: RecordDraft) -> None:
    """Replace a record that was read at `version`; raises Conflict when somebody was faster."""
    access.require(Permission.ENTER_PRODUCTION)
    _refuse_wrong(access, draft)
    with access.write() as session:
        row = _read_for_change(session, record_id, version)
        _check_against_store(session, draft, record_id)
        before, days = _state(row), touched_days(row.start_us, row.end_us)
        for name, value in _values(draft).items():
            setattr(row, name, value)
        row.version += 1
        row.updated_at = access.now
        session.execute(delete(RecordStop).where(RecordStop.record_id == record_id))
        _put_stops(session, record_id, draft.stops)
        session.flush()
        bump(session, days | touched_days(row.start_us, row.end_us))
        access.audit(session, "record.change", ("performance_record", row.id), before, _state(row))


def take_back(access: Access, record_id: int, version: int) -> RecordDraft:
    """Delete a record; returns what it said, so that it can be entered again (undo)."""
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        row = _read_for_change(session, record_id, version)
        gone = as_draft(row, stops_of(session, [record_id]).get(record_id, ()))
        access.audit(session, "record.take_back", ("performance_record", row.id), before=_state(row))
        bump(session, touched_days(row.start_us, row.end_us))
        session.execute(delete(RecordStop).where(RecordStop.record_id == record_id))
        session.delete(row)
        return gone


def _read_for_change(session: Session, record_id: int, version: int) -> PerformanceRecord:
    row = session.get(PerformanceRecord, record_id)
    if row is None:
        raise NotFound("There is no such record in this factory; it may have been taken back.")
    if row.version != version:
        raise Conflict("Somebody else changed this record in the meantime. Reload it, then change it again.")
    return row


def _put_stops(session: Session, record_id: int, stops: Sequence[tuple[int, float]]) -> None:
    for reason_id, seconds in stops:
        session.add(RecordStop(record_id=record_id, reason_id=reason_id, duration_s=seconds))


def stops_of(session: Session, ids: list[int]) -> dict[int, tuple[tuple[int, float], ...]]:
    """The reasons of the downtime of records by their ids: pairs of reason and seconds."""
    found: dict[int, tuple[tuple[int, float], ...]] = {}
    for row in session.scalars(select(RecordStop).where(RecordStop.record_id.in_(ids))):
        found[row.record_id] = (*found.get(row.record_id, ()), (row.reason_id, row.duration_s))
    return found


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it is stored, with the version that a change must name."""

    id: int
    version: int
    draft: RecordDraft


def as_draft(row: PerformanceRecord, stops: tuple[tuple[int, float], ...] = ()) -> RecordDraft:
    """The record's content as a draft for editing."""
    names = {f.name for f in fields(RecordDraft)} - {"start", "end", "stops"}
    values = {name: getattr(row, name) for name in names}
    return RecordDraft(**values, start=from_us(row.start_us), end=from_us(row.end_us), stops=stops)


def listed(
    access: Access, start_us: int, end_us: int, machine_ids: Sequence[int] | None = None, limit: int = 2_000
) -> list[StoredRecord]:
    """Records that begin in [start_us, end_us), the newest first, at most `limit`."""
    access.require(Permission.SEE_PLANT)
    row = PerformanceRecord
    statement = select(row).where(row.start_us >= start_us, row.start_us < end_us)
    if machine_ids is not None:
        statement = statement.where(row.machine_id.in_(machine_ids))
    with access.read() as session:
        rows = session.scalars(statement.order_by(row.start_us.desc(), row.id.desc()).limit(limit)).all()
        stops = stops_of(session, [found.id for found in rows])
        return [
            StoredRecord(found.id, found.version, as_draft(found, stops.get(found.id, ()))) for found in rows
        ]
