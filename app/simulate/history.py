"""The demo plant's past: rows of states, counts and shift records in one transaction, telemetry in bulk."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import insert
from sqlalchemy.orm import Session

from analytics.twin.plant import (
    MachineModel,
    PlantModel,
    ShiftRecord,
    counts,
    plant_day,
    shift_records,
    states,
    telemetry,
)
from app.simulate.configuration import Ids
from data.models import Base, PerformanceRecord, ProductionCount, RecordStop, StateEvent
from data.telemetry import TelemetryStore

Progress = Callable[[float, str], None]
MINUTE_US: Final = 60_000_000
DAY_US: Final = 24 * 60 * MINUTE_US
RECEIVED_AFTER_US: Final = 800_000
ROWS_AT_ONCE: Final = 20_000
LOAD_DAYS: Final = 10
"""Days of telemetry that are computed and loaded together: about a million points."""
SOURCE: Final = "demo"


def first_us(model: PlantModel, days: int) -> int:
    """Where a history of so many days before the anchor day begins."""
    return plant_day(model, model.anchor - days).start_us


def add_happenings(
    session: Session, model: PlantModel, ids: Ids, start_us: int, end_us: int, now: datetime
) -> Iterator[float]:
    """Add what all machines did in [start_us, end_us); yields the share that is done."""
    for number, machine in enumerate(model.machines):
        if machine.is_manual:
            due = shift_records(model, machine, start_us, end_us)
            add_records(session, ids, machine, due, now)
        else:
            _insert(session, StateEvent, state_rows(model, machine, ids, start_us, end_us))
            _insert(session, ProductionCount, count_rows(model, machine, ids, start_us, end_us))
        yield (number + 1) / len(model.machines)


def _insert(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    for at in range(0, len(rows), ROWS_AT_ONCE):
        session.execute(insert(table), rows[at : at + ROWS_AT_ONCE])


def state_rows(
    model: PlantModel, machine: MachineModel, ids: Ids, start_us: int, end_us: int
) -> list[dict[str, Any]]:
    """Rows of `StateEvent`, open: each lasts until the next."""
    found = states(model, machine, start_us, end_us)
    columns = (found.start_us.tolist(), found.state.tolist(), found.reason.tolist())
    return [
        {
            "machine_id": ids.machines[machine.key],
            "start_us": start,
            "end_us": None,
            "state": state,
            "reason_id": ids.reasons[reason],
            "received_us": start + RECEIVED_AFTER_US,
        }
        for start, state, reason in zip(*columns, strict=True)
    ]


def count_rows(
    model: PlantModel, machine: MachineModel, ids: Ids, start_us: int, end_us: int
) -> list[dict[str, Any]]:
    """Rows of `ProductionCount`."""
    found = counts(model, machine, start_us, end_us)
    products = [ids.products[key] for key, _ in machine.cycles]
    names = ("product", "start_us", "end_us", "good", "scrap", "rework", "startup_scrap")
    return [
        {
            "machine_id": ids.machines[machine.key],
            "product_id": products[product],
            "start_us": start,
            "end_us": end,
            "good": good,
            "scrap": scrap,
            "rework": rework,
            "startup_scrap": startup,
            "received_us": end + RECEIVED_AFTER_US,
        }
        for product, start, end, good, scrap, rework, startup in zip(
            *(getattr(found, name).tolist() for name in names), strict=True
        )
    ]


def add_records(
    session: Session, ids: Ids, machine: MachineModel, due: Sequence[ShiftRecord], now: datetime
) -> None:
    """Add shift records with the reasons of their downtime."""
    for one in due:
        row = PerformanceRecord(
            machine_id=ids.machines[machine.key],
            product_id=ids.products.get(one.product),
            shift_id=ids.shifts.get(one.shift),
            operator=one.operator,
            start_us=one.start_us,
            end_us=one.end_us,
            planned_s=one.planned_s,
            operating_s=one.operating_s,
            downtime_s=one.downtime_s,
            output=one.output,
            good=one.good,
            source=SOURCE,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        for place, seconds in one.stops:
            reason_id = ids.reasons[place]
            if reason_id is not None:
                session.add(RecordStop(record_id=row.id, reason_id=reason_id, duration_s=seconds))


def load_telemetry(
    store: TelemetryStore, slug: str, model: PlantModel, start_us: int, end_us: int
) -> Iterator[float]:
    """Load the signals of [start_us, end_us) at full minutes; yields the share that is done.

    Loading the same range again changes nothing.
    """
    step = LOAD_DAYS * DAY_US
    for begin in range(start_us, end_us, step):
        end = min(begin + step, end_us)
        times = np.arange(-(-begin // MINUTE_US) * MINUTE_US, end, MINUTE_US, dtype=np.int64)
        if len(times):
            store.bulk_load(slug, telemetry_frame(model, times))
        yield (end - start_us) / (end_us - start_us)


def telemetry_frame(model: PlantModel, times_us: np.ndarray[Any, np.dtype[np.int64]]) -> pd.DataFrame:
    """All signals at these moments as a frame for `bulk_load`: machine, parameter, time_us, value."""
    sending = [machine for machine in model.machines if machine.signals]
    values = [telemetry(model, machine, times_us) for machine in sending]
    series = [(machine.key, signal.key) for machine in sending for signal in machine.signals]
    return pd.DataFrame(
        {
            "machine": _repeated([machine for machine, _ in series], len(times_us)),
            "parameter": _repeated([parameter for _, parameter in series], len(times_us)),
            "time_us": np.tile(times_us, len(series)),
            "value": np.concatenate([matrix.ravel() for matrix in values]),
        },
        copy=False,
    )


def _repeated(keys: Sequence[str], times: int) -> pd.Series:
    """Each key so many times, as codes of few categories."""
    whole = pd.Series(keys, dtype="category")
    return whole.repeat(times).reset_index(drop=True)
