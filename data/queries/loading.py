"""Writes many rows at once: what is stored already, what differs, and which days that touches."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from data.models import ProductionCount, StateEvent
from data.queries.arrays import frame

NEW: Final = 0
UNCHANGED: Final = 1
CHANGED: Final = 2
NONE: Final = -1
DAY_US: Final = 86_400_000_000
IDS_AT_ONCE: Final = 500

STATE_KEY: Final = ("machine", "start_us", "state")
COUNT_KEY: Final = ("machine", "product", "start_us")
_STATES: Final = dict.fromkeys(("id", "machine", "start_us", "end_us", "state", "reason"), "int64")
_COUNTS: Final = {
    "id": "int64", "machine": "int64", "product": "int64", "start_us": "int64", "end_us": "int64",
    "good": "float64", "scrap": "float64", "rework": "float64", "startup_scrap": "float64",
}  # fmt: skip
_NULLABLE: Final = {"end_us", "reason", "product"}


def stored_states(session: Session, rows: pd.DataFrame) -> pd.DataFrame:
    """The stored state events of the machines and the span of time of `rows` (machine, start_us).

    Columns id, machine, start_us, end_us, state, reason; a missing end or reason is NONE.
    """
    event = StateEvent
    end_us, reason = func.coalesce(event.end_us, NONE), func.coalesce(event.reason_id, NONE)
    statement = select(event.id, event.machine_id, event.start_us, end_us, event.state, reason)
    return frame(session, _within(statement, event, rows), _STATES)


def stored_counts(session: Session, rows: pd.DataFrame) -> pd.DataFrame:
    """The stored counts of the machines and the span of time of `rows` (machine, start_us).

    Columns id, machine, product, start_us, end_us, good, scrap, rework, startup_scrap; a missing product is
    NONE.
    """
    count = ProductionCount
    statement = select(
        count.id, count.machine_id, func.coalesce(count.product_id, NONE), count.start_us, count.end_us,
        count.good, count.scrap, count.rework, count.startup_scrap,
    )  # fmt: skip
    return frame(session, _within(statement, count, rows), _COUNTS)


def _within(
    statement: Select[*tuple[Any, ...]], model: type[StateEvent] | type[ProductionCount], rows: pd.DataFrame
) -> Select[*tuple[Any, ...]]:
    machines = np.unique(rows["machine"].to_numpy()).tolist()
    low, high = (int(rows["start_us"].min()), int(rows["start_us"].max())) if len(rows) else (0, -1)
    return statement.where(model.machine_id.in_(machines), model.start_us >= low, model.start_us <= high)


def compared(
    rows: pd.DataFrame, stored: pd.DataFrame, key: Sequence[str], values: Sequence[str]
) -> pd.DataFrame:
    """Which rows are new, unchanged or changed against the stored ones of the same key?

    `values` are the columns that count as content; a row that is stored takes the stored value of every
    other one. Adds `status` (NEW, UNCHANGED, CHANGED) and `id` (NONE for a new row); the order stays. Keys
    are distinct on both sides.
    """
    joined = rows.reset_index(drop=True).merge(stored, on=list(key), how="left", suffixes=("", "_stored"))
    known = joined["id"].notna().to_numpy()
    differs = np.zeros(len(joined), np.bool_)
    others = [name for name in stored.columns if name not in {*key, "id"}]
    for name in others:
        old = joined[f"{name}_stored"].to_numpy()
        if name in values:
            differs |= known & (joined[name].to_numpy() != old)
        else:
            kept = np.where(known, old, joined[name].to_numpy())
            joined[name] = kept.astype(rows[name].to_numpy().dtype)
    joined["status"] = np.where(known, np.where(differs, CHANGED, UNCHANGED), NEW).astype(np.int8)
    joined["id"] = joined["id"].fillna(NONE).astype(np.int64)
    return joined[[*rows.columns, "status", "id"]]


def put_states(session: Session, rows: pd.DataFrame, received_us: int) -> None:
    """Store new and changed state events as `compared` marked them."""
    names = {"machine": "machine_id", "reason": "reason_id"}
    _put(session, StateEvent, rows, ["machine", "start_us", "end_us", "state", "reason"], names, received_us)


def put_counts(session: Session, rows: pd.DataFrame, received_us: int) -> None:
    """Store new and changed counts as `compared` marked them."""
    columns = [name for name in _COUNTS if name != "id"]
    _put(
        session,
        ProductionCount,
        rows,
        columns,
        {"machine": "machine_id", "product": "product_id"},
        received_us,
    )


def _put(
    session: Session,
    model: type[StateEvent] | type[ProductionCount],
    rows: pd.DataFrame,
    columns: list[str],
    names: dict[str, str],
    received_us: int,
) -> None:
    chosen = rows[rows["status"] != UNCHANGED]
    if chosen.empty:
        return
    old = chosen.loc[chosen["status"] == CHANGED, "id"].tolist()
    for first in range(0, len(old), IDS_AT_ONCE):
        session.execute(
            delete(model).where(model.id.in_(old[first : first + IDS_AT_ONCE])),
            execution_options={"synchronize_session": False},
        )
    cells = chosen[columns].rename(columns=names).astype(object)
    for name in _NULLABLE & set(columns):
        column = names.get(name, name)
        cells[column] = cells[column].where(cells[column] != NONE, None)
    cells["received_us"] = received_us
    names_of = [str(name) for name in cells.columns]
    session.execute(insert(model), [dict(zip(names_of, row, strict=True)) for row in cells.to_numpy()])


def days_touched(start_us: npt.NDArray[np.int64], end_us: npt.NDArray[np.int64]) -> set[int]:
    """The UTC days that the half-open intervals touch; one without length touches the day of its start."""
    first = start_us // DAY_US
    last = np.maximum(end_us - 1, start_us) // DAY_US
    spans = np.unique(np.stack([first, last], axis=1), axis=0) if len(first) else np.zeros((0, 2), np.int64)
    return {day for low, high in spans.tolist() for day in range(low, high + 1)}


def state_reach(session: Session, rows: pd.DataFrame, now_us: int, minor_us: int = 0) -> set[int]:
    """The UTC days whose states change when `rows` (machine, start_us, end_us) are written.

    An open event reaches to the machine's next one, or to now; so does the place that a closed event cuts
    out of an open one before it. Asked after the rows are written. A stop before the rows, or behind their
    reach, may now be shorter or longer than a minor one: within `minor_us`, the limit, its days change too.
    """
    start, end = rows["start_us"].to_numpy(np.int64), rows["end_us"].to_numpy(np.int64)
    days = days_touched(start - minor_us, np.maximum(end, start) + minor_us)
    for machine, part in rows.groupby("machine"):
        first, last = int(part["start_us"].min()), int(part["start_us"].max())
        if bool((part["end_us"] == NONE).any()) or _is_open(session, int(str(machine)), first, last):
            until = _next_us(session, StateEvent, int(str(machine)), last, now_us)
            days |= days_touched(np.array([first - minor_us]), np.array([until + minor_us]))
    return days


def _is_open(session: Session, machine: int, first_us: int, last_us: int) -> bool:
    """Whether an open event lies in [first_us, last_us] or is the last one before it."""
    event = StateEvent
    inside = select(event.id).where(
        event.machine_id == machine, event.start_us.between(first_us, last_us), event.end_us.is_(None)
    )
    if session.scalar(inside.limit(1)) is not None:
        return True
    found = session.execute(
        select(event.start_us, event.end_us)
        .where(event.machine_id == machine, event.start_us < first_us)
        .order_by(event.start_us.desc())
        .limit(1)
    ).first()
    return found is not None and found.end_us is None


def count_reach(session: Session, rows: pd.DataFrame, now_us: int) -> set[int]:
    """The UTC days whose counts change when `rows` (machine, start_us, end_us) are written.

    The time from a count on belongs to its product: up to the machine's next count, or to now.
    """
    days = days_touched(rows["start_us"].to_numpy(np.int64), rows["end_us"].to_numpy(np.int64))
    for machine, part in rows.groupby("machine"):
        first, last = int(part["start_us"].min()), int(part["start_us"].max())
        until = _next_us(session, ProductionCount, int(str(machine)), last, now_us)
        days |= days_touched(np.array([first]), np.array([until]))
    return days


def _next_us(
    session: Session,
    table: type[StateEvent] | type[ProductionCount],
    machine: int,
    after_us: int,
    now_us: int,
) -> int:
    """When the machine's next row begins; where there is none, now."""
    following = session.scalar(
        select(func.min(table.start_us)).where(table.machine_id == machine, table.start_us > after_us)
    )
    return max(now_us, after_us + 1) if following is None else int(following)
