"""Activity events: kept once each, read as columns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from data.models import ActivityDay, ActivityEvent, CameraModel, Line, Machine, Worker, Workstation
from data.queries.arrays import frame
from data.relational.scope import raw_rows

DAY_US: Final = 86_400_000_000
SOME: Final = 500
COLUMNS: Final = {
    "at_us": "int64",
    "kind": "int8",
    "worker": "int32",
    "station": "int32",
    "model": "int32",
    "count": "float32",
    "confidence": "float32",
    "id": "int64",
}
NO_CONFIDENCE: Final = -1.0


def known_keys(session: Session, keys: Sequence[str]) -> set[str]:
    """Those of the event keys that the store has."""
    found: set[str] = set()
    for begin in range(0, len(keys), SOME):
        chosen = ActivityEvent.key.in_(keys[begin : begin + SOME])
        found.update(session.scalars(select(ActivityEvent.key).where(chosen)))
    return found


def add_events(session: Session, rows: Sequence[dict[str, Any]], late_before_us: int) -> None:
    """Write events whose keys the store does not have, and count them by UTC day; late ones apart."""
    if not rows:
        return
    session.execute(insert(ActivityEvent), list(rows))
    days = np.array([row["at_us"] // DAY_US for row in rows])
    late = np.array([row["at_us"] < late_before_us for row in rows])
    known = {
        row.day: row
        for row in session.scalars(select(ActivityDay).where(ActivityDay.day.in_(np.unique(days).tolist())))
    }
    for day in np.unique(days).tolist():
        row = known.get(day) or ActivityDay(day=day)
        session.add(row)
        row.events += int((days == day).sum())
        row.late += int((late & (days == day)).sum())


def events_between(session: Session, start_us: int, end_us: int) -> pd.DataFrame:
    """The events in [start_us, end_us) by COLUMNS: ids or -1 for none, no confidence as NaN."""
    row = ActivityEvent
    statement = select(
        row.at_us,
        row.kind,
        func.coalesce(row.worker_id, -1),
        func.coalesce(row.station_id, -1),
        func.coalesce(row.model_id, -1),
        func.coalesce(row.count, 0.0),
        func.coalesce(row.confidence, NO_CONFIDENCE),
        row.id,
    ).where(row.at_us >= start_us, row.at_us < end_us)
    found = frame(session, statement, COLUMNS)
    found["confidence"] = found["confidence"].where(found["confidence"] >= 0, np.float32(np.nan))
    return found


def low_confidence(session: Session, start_us: int, end_us: int, below: float, most: int) -> pd.DataFrame:
    """The least certain events first: key, at_us, kind, worker, station, model (ids or None), confidence."""
    row = ActivityEvent
    statement = (
        select(
            row.key, row.at_us, row.kind, row.worker_id, row.station_id, row.model_id, row.count,
            row.confidence,
        )
        .where(row.at_us >= start_us, row.at_us < end_us, row.confidence < below)
        .order_by(row.confidence, row.at_us, row.id)
        .limit(most)
    )  # fmt: skip
    names = ["key", "at_us", "kind", "worker", "station", "model", "count", "confidence"]
    return pd.DataFrame(raw_rows(session, statement), columns=names)


def day_counts(session: Session, first_day: int, last_day: int) -> dict[int, int]:
    """The number of events of each UTC day in [first_day, last_day] that has any."""
    statement = select(ActivityDay.day, ActivityDay.events).where(
        ActivityDay.day.between(first_day, last_day)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def totals(session: Session) -> tuple[int, int, int | None, int | None]:
    """All events, how many of them came late, the first and the last UTC day with any."""
    row = session.execute(
        select(
            func.sum(ActivityDay.events),
            func.sum(ActivityDay.late),
            func.min(ActivityDay.day),
            func.max(ActivityDay.day),
        )
    ).one()
    return int(row[0] or 0), int(row[1] or 0), row[2], row[3]


def worker_rows(session: Session) -> list[Worker]:
    """Workers, by key."""
    return list(session.scalars(select(Worker).order_by(Worker.key)))


def station_rows(session: Session) -> list[Workstation]:
    """Workstations, by key."""
    return list(session.scalars(select(Workstation).order_by(Workstation.key)))


def model_keys(session: Session) -> dict[int, str]:
    """The versions of models by their id."""
    return {row.id: row.key for row in session.scalars(select(CameraModel))}


def ids_of(
    session: Session, model: type[Worker | Workstation | CameraModel], keys: Iterable[str]
) -> dict[str, int]:
    """The ids of those of the keys that are listed."""
    wanted, found = sorted(set(keys)), dict[str, int]()
    for begin in range(0, len(wanted), SOME):
        chosen = select(model.key, model.id).where(model.key.in_(wanted[begin : begin + SOME]))
        found.update({row[0]: row[1] for row in session.execute(chosen)})
    return found


def places_of(session: Session, keys: Sequence[str]) -> Mapping[str, tuple[str, str, int, int | None]]:
    """Name, type, id and line of the machines of these keys: a workstation of the same key stands there."""
    rows = session.execute(
        select(Machine.device_key, Machine.name, Machine.type, Machine.id, Machine.line_id).where(
            Machine.device_key.in_(keys)
        )
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def number_of_workers(session: Session) -> int:
    """How many workers are listed."""
    return int(session.scalar(select(func.count(Worker.id))) or 0)


def line_of(session: Session, key: str) -> int | None:
    """The id of a line."""
    return session.scalar(select(Line.id).where(Line.key == key))
