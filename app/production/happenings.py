"""What happened on some production days, read from the store and laid out for `analytics`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analytics.oee import NO_PRODUCT
from analytics.timeline import (
    Overlaps,
    Segments,
    ShiftPattern,
    Windows,
    WindowsOf,
    classify,
    day_windows,
    from_intervals,
    shift_windows,
)
from analytics.timeline.arrays import Int8s
from analytics.vocabulary import MICROSECONDS, ReasonCategory
from app.bootstrap import Access
from app.production.plant import Plant
from data.models import Shift
from data.queries import production as queries


@dataclass(frozen=True, slots=True, eq=False)
class Happenings:
    """States in classes, counts, records and windows of a span, up to `until_us`."""

    segments: Segments
    classes: Int8s
    overlaps: Overlaps
    windows: WindowsOf
    counts: pd.DataFrame
    records: pd.DataFrame
    until_us: int


def clock_time(minute: int) -> time:
    """A minute of the day as a wall-clock time."""
    return time(minute // 60 % 24, minute % 60)


def pattern(shift: Shift) -> ShiftPattern:
    """The stored shift as `analytics` knows it."""
    breaks = tuple(
        (time.fromisoformat(begin), time.fromisoformat(end))
        for begin, _, end in (part.strip().partition("-") for part in shift.breaks.split(",") if part.strip())
    )
    days = frozenset(day for day in range(7) if shift.weekdays >> day & 1)
    return ShiftPattern(
        shift.key, shift.name, clock_time(shift.start_min), clock_time(shift.end_min), days, breaks=breaks
    )


def calendar(access: Access, plant: Plant, first: date, last: date) -> Windows:
    """The shifts of the production days (both included) and the time between them; days without shifts."""
    start = clock_time(access.factory.day_start_min)
    if plant.rows.shifts:
        patterns = [pattern(shift) for shift in plant.rows.shifts]
        return shift_windows(patterns, first, last, access.factory.zone, start)
    return day_windows(first, last, access.factory.zone, start)


def read(
    access: Access, plant: Plant, windows: Windows, until_us: int, *, with_counts: bool = True
) -> Happenings:
    """Read what touches the windows, up to now; counts, the most rows, only where they are needed."""
    start_us, end_us = int(windows.start_us[0]), min(int(windows.end_us[-1]), until_us)
    with access.read() as session:
        states = queries.state_events(session, start_us, end_us)
        counts = _counts(session, start_us, end_us) if with_counts else pd.DataFrame()
        records = queries.performance_records(session, start_us, end_us)
    segments, overlaps = from_intervals(
        states["machine"],
        states["start_us"],
        closed_ends(states, until_us),
        states["state"],
        states["reason"],
        until_us=until_us,
    )
    categories = {reason.id: ReasonCategory(reason.category) for reason in plant.rows.reasons}
    return Happenings(
        segments=segments,
        classes=classify(segments, categories, access.factory.minor_stop_s * MICROSECONDS),
        overlaps=overlaps,
        windows=_windows_by_machine(plant, windows, states),
        counts=counts,
        records=_in_microseconds(records),
        until_us=until_us,
    )


def _counts(session: Session, start_us: int, end_us: int) -> pd.DataFrame:
    """The counts of the range, and each machine's last one before it, which names the product there."""
    before = queries.last_counts(session, start_us)
    inside = queries.production_counts(session, start_us, end_us)
    return pd.concat([before[before["end_us"] <= start_us], inside], ignore_index=True)


def closed_ends(states: pd.DataFrame, until_us: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The end of each event: its own, else the machine's next event, else now. Sorted by machine, start."""
    machine = states["machine"].to_numpy()
    start = states["start_us"].to_numpy()
    following = np.append(start[1:], until_us)
    last = np.append(machine[1:] != machine[:-1], True) if len(machine) else np.empty(0, np.bool_)
    following = np.where(last, until_us, following[: len(machine)])
    end = states["end_us"].to_numpy()
    open_end = np.maximum(following, start)
    return np.where(end == queries.OPEN, open_end, end)


def _windows_by_machine(plant: Plant, windows: Windows, states: pd.DataFrame) -> WindowsOf:
    """Without a shift calendar, a machine that only has records is scheduled when its records say so."""
    if plant.rows.shifts:
        return windows
    unscheduled = replace(windows, scheduled=np.zeros(len(windows), np.bool_))
    told = set(states["machine"].unique().tolist())
    by_machine: Mapping[int, Windows] = {
        machine.id: windows if machine.id in told else unscheduled for machine in plant.rows.machines
    }
    return by_machine


def _in_microseconds(records: pd.DataFrame) -> pd.DataFrame:
    for name in ("planned", "operating", "downtime"):
        seconds = records.pop(f"{name}_s")
        records[f"{name}_us"] = np.rint(seconds * MICROSECONDS).astype(np.int64)
    room = records["end_us"] - records["start_us"]
    records["planned_us"] = np.minimum(records["planned_us"], room)
    records["downtime_us"] = np.minimum(records["downtime_us"], records["planned_us"])
    spare = records["planned_us"] - records["downtime_us"]
    records["operating_us"] = np.minimum(records["operating_us"], spare)
    return records


def ideal_cycles(plant: Plant) -> dict[tuple[int, int], float]:
    """Seconds per part of (machine, product); the machine's own default stands under NO_PRODUCT."""
    cycles = {(row.machine_id, row.product_id): row.cycle_s for row in plant.rows.cycles}
    defaults = {
        (machine.id, NO_PRODUCT): machine.ideal_cycle_s
        for machine in plant.rows.machines
        if machine.ideal_cycle_s
    }
    return {**defaults, **cycles}
