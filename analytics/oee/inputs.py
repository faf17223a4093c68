"""Counts, performance records and cycle times, checked before anything is computed from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.oee.columns import NO_PRODUCT
from analytics.timeline.arrays import Flags, Floats, Int64s, int64s

IdealCycles = Mapping[tuple[int, int], float]
"""Ideal seconds per part of (machine, product); (machine, -1) is the machine's default for other products."""

_EXPLANATIONS = {
    "good": "More good parts than parts in total",
    "startup_scrap": "More start-up scrap than scrap",
    "planned_us": "A planned time that is longer than the shift",
    "downtime_us": "Operating time and downtime that exceed the planned time",
    "end_us": "An end that is not after the start",
}


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Parts that machines reported over [start_us, end_us), in an order that does not depend on the
    input's.
    """

    machine: Int64s
    product: Int64s
    start_us: Int64s
    end_us: Int64s
    good: Floats
    scrap: Floats
    rework: Floats
    startup_scrap: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Performance records by machine and start; they do not overlap on one machine."""

    machine: Int64s
    product: Int64s
    start_us: Int64s
    end_us: Int64s
    planned_us: Int64s
    operating_us: Int64s
    downtime_us: Int64s
    total: Floats
    good: Floats


def checked_counts(frame: pd.DataFrame | None) -> Counts:
    """The counts of a frame with machine, start_us, end_us, good and, where given, product, scrap, rework,
    startup_scrap (a part of scrap). An empty interval is one instant.

    Errors: InvalidInput for a missing column, a negative or missing number, an end before its start, more
    start-up scrap than scrap.
    """
    names = ["good", "scrap", "rework", "startup_scrap"]
    machine, product, start, end = _places(frame, "count")
    _refuse(end < start, "end_us", "count")
    values = [_amounts(frame, name, "count", required=name == "good") for name in names]
    _refuse(values[3] > values[1] * (1 + 1e-12), "startup_scrap", "count")
    order = np.lexsort((*reversed(values), product, end, start, machine))
    machine, product, start, end = (column[order] for column in (machine, product, start, end))
    good, scrap, rework, startup = (column[order] for column in values)
    return Counts(machine, product, start, end, good, scrap, rework, startup)


def checked_records(frame: pd.DataFrame | None) -> Records:
    """The records of a frame with machine, start_us, end_us, planned_us, operating_us, downtime_us, total,
    good and, where given, product.

    Errors: InvalidInput for a missing column, a negative or missing number, an end that is not after the
    start, planned time beyond the interval, operating time and downtime beyond the planned time, more good
    parts than parts, and two records of one machine that overlap.
    """
    machine, product, start, end = _places(frame, "record")
    times = [_times(frame, name) for name in ("planned_us", "operating_us", "downtime_us")]
    total, good = (_amounts(frame, name, "record", required=True) for name in ("total", "good"))
    planned, operating, downtime = times
    _refuse(end <= start, "end_us", "record")
    _refuse(planned > end - start, "planned_us", "record")
    _refuse(operating + downtime > planned, "downtime_us", "record")
    _refuse(good > total, "good", "record")
    order = np.lexsort((product, end, start, machine))
    machine, product, start, end = (column[order] for column in (machine, product, start, end))
    again = (machine[1:] == machine[:-1]) & (start[1:] < end[:-1])
    if again.any():
        name = int(machine[1:][again][0])
        raise InvalidInput.at("start_us", f"Two performance records of machine {name} overlap in time.")
    planned, operating, downtime = (column[order] for column in times)
    return Records(machine, product, start, end, planned, operating, downtime, total[order], good[order])


def cycles_of(machine: Int64s, product: Int64s, ideal_s: IdealCycles) -> Floats:
    """The ideal seconds per part of each row, NaN where neither the product nor the machine has any.

    Errors: InvalidInput for a cycle time that is not a positive number.
    """
    for (at, part), seconds in ideal_s.items():
        if not 0 < seconds < float("inf"):
            raise InvalidInput.at(
                "ideal_s", f"The ideal cycle time of machine {at}, product {part} must be a positive number."
            )
    if not len(machine):
        return np.empty(0, np.float64)
    low = int(product.min())
    width = int(product.max()) - low + 1
    pairs, at_pair = np.unique(machine * width + (product - low), return_inverse=True)
    known = [
        ideal_s.get((at, part), ideal_s.get((at, NO_PRODUCT), float("nan")))
        for at, part in zip((pairs // width).tolist(), (pairs % width + low).tolist(), strict=True)
    ]
    return np.array(known, np.float64)[at_pair]


def _places(frame: pd.DataFrame | None, what: str) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """Machine, product, start and end of each row."""
    if frame is None:
        none = np.empty(0, np.int64)
        return none, none, none, none
    _require(frame, ("machine", "start_us", "end_us"), what)
    machine, start, end = (int64s(frame[name], name) for name in ("machine", "start_us", "end_us"))
    if "product" not in frame.columns:
        return machine, np.full(len(frame), NO_PRODUCT, np.int64), start, end
    return machine, int64s(frame["product"], "product"), start, end


def _require(frame: pd.DataFrame, names: Sequence[str], what: str) -> None:
    for name in names:
        if name not in frame.columns:
            raise InvalidInput.at(name, f"A {what} needs the column {name}.")


def _times(frame: pd.DataFrame | None, name: str) -> Int64s:
    if frame is None:
        return np.empty(0, np.int64)
    _require(frame, (name,), "record")
    values = int64s(frame[name], name)
    if (values < 0).any():
        raise InvalidInput.at(name, f"{name} must not be negative.")
    return values


def _amounts(frame: pd.DataFrame | None, name: str, what: str, *, required: bool) -> Floats:
    """A column of parts: finite and not negative, 0 where an optional column is absent."""
    if frame is None:
        return np.empty(0, np.float64)
    if required:
        _require(frame, (name,), what)
    if name not in frame.columns:
        return np.zeros(len(frame), np.float64)
    values = frame[name].to_numpy(np.float64)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InvalidInput.at(name, f"{name} must be a number that is not negative.")
    return values


def _refuse(wrong: Flags, field: str, what: str) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InvalidInput.at(field, f"{_EXPLANATIONS[field]}: see the {what} in row {row}.")
