"""What happened on some production days, read from the store and laid out for `analytics`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analytics.oee import NO_PRODUCT, elements
from analytics.timeline import (
    Overlaps,
    Segments,
    ShiftPattern,
    Windows,
    WindowsOf,
    classify,
    day_windows,
    from_intervals,
    labelled,
    shift_windows,
)
from analytics.timeline.arrays import Int8s, Int64s
from analytics.vocabulary import MICROSECONDS, ReasonCategory
from app.bootstrap import Access
from app.production.job_counts import JobCycles, with_jobs, with_products
from app.production.plant import Plant
from app.production.terms.holidays import special_between
from data.models import Shift
from data.queries import production as queries
from data.queries.shop import job_spells
from data.queries.stopped import told_machines, whole_stops


@dataclass(frozen=True, slots=True, eq=False)
class Happenings:
    """States in classes, counts, records and windows of a span, up to `until_us`."""

    segments: Segments
    classes: Int8s
    overlaps: Overlaps
    windows: WindowsOf
    label: Int64s
    """For each segment the id of the judgement that named its reason, -1 for none."""
    counts: pd.DataFrame
    records: pd.DataFrame
    until_us: int
    jobs: JobCycles
    """The ideal cycles of the jobs whose codes stand among the products of `counts`."""


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
    cycle = {} if shift.cycle_from is None else {"cycle_from": shift.cycle_from}
    return ShiftPattern(
        shift.key,
        shift.name,
        clock_time(shift.start_min),
        clock_time(shift.end_min),
        days,
        shift.valid_from,
        shift.valid_to,
        breaks,
        shift.cycle_weeks,
        frozenset(week for week in range(shift.cycle_weeks) if shift.cycle_in >> week & 1),
        **cycle,
    )


def calendar(access: Access, plant: Plant, first: date, last: date) -> Windows:
    """The shifts of the production days (both included) and the time between them; days without shifts.

    Holidays and what people said about single dates are followed.
    """
    start, special = clock_time(access.factory.day_start_min), special_between(plant, first, last)
    if plant.rows.shifts:
        patterns = [pattern(shift) for shift in plant.rows.shifts]
        return shift_windows(patterns, first, last, access.factory.zone, start, special)
    return day_windows(first, last, access.factory.zone, start, special)


def read(
    access: Access, plant: Plant, windows: Windows, until_us: int, *, with_counts: bool = True
) -> Happenings:
    """Read what touches the windows, up to now; counts, the most rows, only where they are needed."""
    start_us, end_us = int(windows.start_us[0]), min(int(windows.end_us[-1]), until_us)
    with access.read() as session:
        labels, states = whole_stops(session, start_us, end_us, until_us)
        told = () if plant.rows.shifts else told_machines(session)
        counts, jobs = _counts(session, start_us, end_us) if with_counts else (pd.DataFrame(), JobCycles())
        records = queries.performance_records(session, start_us, end_us)
    segments, overlaps = from_intervals(
        states["machine"],
        states["start_us"],
        closed_ends(states, until_us),
        states["state"],
        states["reason"],
        until_us=until_us,
    )
    segments, place = labelled(segments, labels)
    categories = {reason.id: ReasonCategory(reason.category) for reason in plant.rows.reasons}
    return Happenings(
        segments=segments,
        classes=classify(segments, categories, access.factory.minor_stop_s * MICROSECONDS),
        overlaps=overlaps,
        windows=_windows_by_machine(plant, windows, told),
        label=np.append(labels["label"].to_numpy(np.int64), -1)[place],
        counts=counts,
        records=_in_microseconds(records),
        until_us=until_us,
        jobs=jobs,
    )


def cells_of(plant: Plant, happened: Happenings, machines: Iterable[int]) -> pd.DataFrame:
    """The cells of what happened (see `analytics.oee.elements`), with the ideal cycle of the job that ran."""
    cells = elements(
        happened.segments,
        happened.classes,
        happened.windows,
        until_us=happened.until_us,
        machines=np.array(sorted(machines), np.int32),
        counts=happened.counts,
        ideal_s={**ideal_cycles(plant), **happened.jobs.cycle_s},
        records=happened.records,
        overlaps=happened.overlaps,
    )
    return with_products(cells, happened.jobs)


def _counts(session: Session, start_us: int, end_us: int) -> tuple[pd.DataFrame, JobCycles]:
    """The counts of the range, and each machine's last one before it, which names the product there.

    Those that a production job made carry its code.
    """
    before = queries.last_counts(session, start_us)
    inside = queries.production_counts(session, start_us, end_us)
    counts = pd.concat([before[before["end_us"] <= start_us], inside], ignore_index=True)
    first_us = min(start_us, int(counts["start_us"].min())) if len(counts) else start_us
    return with_jobs(counts, job_spells(session, first_us, end_us))


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


def _windows_by_machine(plant: Plant, windows: Windows, told: Sequence[int]) -> WindowsOf:
    """Without a shift calendar, a machine that never told a state is scheduled when its records say so."""
    if plant.rows.shifts:
        return windows
    unscheduled = replace(windows, scheduled=np.zeros(len(windows), np.bool_))
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
