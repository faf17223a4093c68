"""Reads what happened in a range as frames of codes and microseconds, ready for `analytics`."""

import pandas as pd
from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from data.models import Machine, PerformanceRecord, ProductionCount, RecordStop, StateEvent, StopLabel
from data.queries.arrays import frame

OPEN = -1
"""The end of an event that lasts until the machine's next one."""
NONE = -1
"""The reason or product of a row that has none."""
STATE_COLUMNS = {
    "machine": "int32",
    "start_us": "int64",
    "end_us": "int64",
    "state": "int8",
    "reason": "int32",
}
COUNT_COLUMNS = {
    "machine": "int32",
    "product": "int32",
    "start_us": "int64",
    "end_us": "int64",
    "good": "float64",
    "scrap": "float64",
    "rework": "float64",
    "startup_scrap": "float64",
}
LABEL_COLUMNS = {
    "label": "int64",
    "machine": "int32",
    "start_us": "int64",
    "end_us": "int64",
    "reason": "int32",
}
RECORD_COLUMNS = {
    "record": "int64",
    "machine": "int32",
    "product": "int32",
    "start_us": "int64",
    "end_us": "int64",
    "planned_s": "float64",
    "operating_s": "float64",
    "downtime_s": "float64",
    "total": "float64",
    "good": "float64",
}


def state_events(session: Session, start_us: int, end_us: int) -> pd.DataFrame:
    """State events that touch [start_us, end_us), by machine and start.

    Columns `STATE_COLUMNS`; `end_us` is OPEN where the event lasts until the machine's next one. The last
    open event before the range is included, since it may reach into it.
    """
    event = StateEvent
    columns = (
        event.machine_id,
        event.start_us,
        func.coalesce(event.end_us, OPEN),
        event.state,
        func.coalesce(event.reason_id, NONE),
    )
    inside = frame(
        session,
        select(*columns).where(event.start_us >= start_us, event.start_us < end_us),
        STATE_COLUMNS,
    )
    last = _is_last(session, event, event.start_us < start_us)
    before = frame(
        session,
        select(*columns).where(last, event.end_us.is_(None)),
        STATE_COLUMNS,
    )
    # The sum keeps planners off the index of starts, which holds all of the past; that of ends holds little.
    reaching = frame(
        session,
        select(*columns).where(event.end_us > start_us, event.start_us + 0 < start_us),
        STATE_COLUMNS,
    )
    joined = pd.concat([before, reaching, inside], ignore_index=True)
    return joined.sort_values(["machine", "start_us"], kind="stable", ignore_index=True)


def _is_last(
    session: Session, table: type[StateEvent | ProductionCount], condition: ColumnElement[bool]
) -> ColumnElement[bool]:
    """The condition of being a machine's last row that fulfils `condition`.

    Asked in two steps, since planners scan the whole table for the one-step form: one look into the index
    per machine finds the starts, and the rows are then named by them.
    """
    newest = (
        select(func.max(table.start_us))
        .where(table.machine_id == Machine.id, condition)
        .correlate(Machine)
        .scalar_subquery()
    )
    found = session.execute(select(Machine.id, newest)).all()
    known = [(row[0], row[1]) for row in found if row[1] is not None]
    if not known:
        return false()
    named = or_(*(and_(table.machine_id == machine, table.start_us == start) for machine, start in known))
    return and_(table.start_us.in_({start for _, start in known}), named)


def stop_labels(session: Session, start_us: int, end_us: int) -> pd.DataFrame:
    """The judgements that hold now and touch [start_us, end_us), by machine and start.

    Columns `LABEL_COLUMNS`; `end_us` is OPEN where a judgement lasts until the machine runs again.
    """
    label = StopLabel
    statement = (
        select(
            label.id,
            label.machine_id,
            label.start_us,
            func.coalesce(label.end_us, OPEN),
            label.reason_id,
        )
        .where(
            label.replaced_us.is_(None),
            label.start_us < end_us,
            or_(label.end_us.is_(None), label.end_us > start_us),
        )
        .order_by(label.machine_id, label.start_us)
    )
    return frame(session, statement, LABEL_COLUMNS)


def production_counts(session: Session, start_us: int, end_us: int) -> pd.DataFrame:
    """Counts whose interval touches [start_us, end_us), in no order. Columns `COUNT_COLUMNS`.

    One without length touches the range that holds its moment.
    """
    count = ProductionCount
    touches = or_(count.end_us > start_us, and_(count.end_us == count.start_us, count.start_us >= start_us))
    statement = select(
        count.machine_id,
        func.coalesce(count.product_id, NONE),
        count.start_us,
        count.end_us,
        count.good,
        count.scrap,
        count.rework,
        count.startup_scrap,
    ).where(count.start_us < end_us, touches, count.start_us >= start_us - LONGEST_COUNT_US)
    return frame(session, statement, COUNT_COLUMNS)


def performance_records(session: Session, start_us: int, end_us: int) -> pd.DataFrame:
    """Performance records whose interval touches [start_us, end_us). Columns `RECORD_COLUMNS`."""
    row = PerformanceRecord
    return _records(
        session, row.start_us < end_us, row.end_us > start_us, row.start_us >= start_us - LONGEST_COUNT_US
    )


def records_of(session: Session, machine_id: int, start_us: int, end_us: int) -> pd.DataFrame:
    """The records of one machine that begin in [start_us, end_us), by start. Columns `RECORD_COLUMNS`."""
    row = PerformanceRecord
    return _records(session, row.machine_id == machine_id, row.start_us >= start_us, row.start_us < end_us)


def _records(session: Session, *chosen: ColumnElement[bool]) -> pd.DataFrame:
    row = PerformanceRecord
    statement = (
        select(
            row.id,
            row.machine_id,
            func.coalesce(row.product_id, NONE),
            row.start_us,
            row.end_us,
            row.planned_s,
            row.operating_s,
            row.downtime_s,
            row.output,
            row.good,
        )
        .where(*chosen)
        .order_by(row.machine_id, row.start_us)
    )
    return frame(session, statement, RECORD_COLUMNS)


def record_stops(session: Session, start_us: int, end_us: int) -> pd.DataFrame:
    """The reasons of the downtime of records that touch [start_us, end_us).

    Columns record, reason, duration_s.
    """
    row = PerformanceRecord
    statement = (
        select(row.id, RecordStop.reason_id, RecordStop.duration_s)
        .join(RecordStop, RecordStop.record_id == row.id)
        .where(row.start_us < end_us, row.end_us > start_us, row.start_us >= start_us - LONGEST_COUNT_US)
    )
    return frame(session, statement, {"record": "int64", "reason": "int32", "duration_s": "float64"})


LONGEST_COUNT_US = 7 * 86_400_000_000
"""The longest interval that one count or record may cover: it bounds how far back a range must look."""


def current_states(session: Session, now_us: int) -> pd.DataFrame:
    """The last state event of each machine that began by now. Columns `STATE_COLUMNS`."""
    event = StateEvent
    last = _is_last(session, event, event.start_us <= now_us)
    statement = select(
        event.machine_id,
        event.start_us,
        func.coalesce(event.end_us, OPEN),
        event.state,
        func.coalesce(event.reason_id, NONE),
    ).where(last)
    return frame(session, statement, STATE_COLUMNS).drop_duplicates("machine", keep="last")


def last_counts(session: Session, start_us: int) -> pd.DataFrame:
    """The last count of each machine that began before `start_us`, so that its product is known there."""
    count = ProductionCount
    last = _is_last(session, count, count.start_us < start_us)
    columns = (
        count.machine_id, func.coalesce(count.product_id, NONE), count.start_us, count.end_us,
        count.good, count.scrap, count.rework, count.startup_scrap,
    )  # fmt: skip
    return frame(session, select(*columns).where(last), COUNT_COLUMNS)


def newest_us(session: Session) -> int | None:
    """The newest moment that any state event, count or record of the factory reaches, or None."""
    found = [
        session.scalar(select(func.max(StateEvent.start_us))),
        session.scalar(select(func.max(ProductionCount.end_us))),
        session.scalar(select(func.max(PerformanceRecord.end_us))),
    ]
    return max((value for value in found if value is not None), default=None)
