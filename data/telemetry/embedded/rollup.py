"""Rows that stand for many points, and the one fold that makes coarser rows of finer ones.

Means and squared deviations combine by Chan, Golub and LeVeque (1979), areas by the trapezoid rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from data.telemetry.batch import F64, I32, I64, Kind
from data.telemetry.embedded.points import Points, series_order

Array = npt.NDArray[Any]

BASE: Final = ("count", "first_us", "last_us")
MEAN: Final = ("sum",)
EXTREMES: Final = ("min", "max", "min_us", "max_us")
ENDS: Final = ("first", "last")
SPREAD: Final = ("sum", "m2")
AREA: Final = ("first", "last", "area", "gap_us")
COLUMNS: Final = (*BASE, "sum", *EXTREMES, *ENDS, "m2", "area", "gap_us")
"""All columns. m2: sum of squared deviations from the row's mean; area: value x seconds between the row's
first and last point; gap_us: the longest time between two neighbouring points inside the row."""
WHOLE_COLUMNS: Final = frozenset({"count", "first_us", "last_us", "min_us", "max_us", "gap_us"})


@dataclass(frozen=True, slots=True, eq=False)
class Rollup:
    """Rows per series and stretch of time; `columns` holds BASE and whichever of COLUMNS were asked for."""

    series: I32
    columns: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.series)

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    @property
    def first_us(self) -> I64:
        """The time of each row's first point."""
        return self.columns["first_us"]

    @property
    def last_us(self) -> I64:
        """The time of each row's last point."""
        return self.columns["last_us"]

    def take(self, index: Array | slice) -> "Rollup":
        """The rows at `index`."""
        return Rollup(self.series[index], {name: column[index] for name, column in self.columns.items()})

    def where(self, mask: npt.NDArray[np.bool_]) -> "Rollup":
        """The rows at which the mask is true."""
        return self if bool(mask.all()) else self.take(mask)

    def ordered(self) -> "Rollup":
        """Sorted by series and first time; rows written later stay behind equal ones."""
        order = series_order(self.series, self.first_us)
        return self if order is None else self.take(order)


def empty(names: tuple[str, ...]) -> Rollup:
    """No rows, with the columns BASE and `names`."""
    wanted = dict.fromkeys((*BASE, *names))
    columns = {name: np.empty(0, np.int64 if name in WHOLE_COLUMNS else np.float64) for name in wanted}
    return Rollup(np.empty(0, np.int32), columns)


def joined(parts: list[Rollup]) -> Rollup:
    """The parts one after another; at least one part, all with the same columns."""
    filled = [part for part in parts if len(part)] or parts[:1]
    if len(filled) == 1:
        return filled[0]
    columns = {name: np.concatenate([part[name] for part in filled]) for name in filled[0].columns}
    return Rollup(np.concatenate([part.series for part in filled]), columns)


def of_points(points: Points, names: tuple[str, ...] = COLUMNS) -> Rollup:
    """One row per number among settled points; texts are left out."""
    numeric = points.kind != Kind.STRING
    kept = points.where(numeric)
    none, nothing = np.zeros(len(kept), np.int64), np.zeros(len(kept))
    sources: dict[str, Array] = {"count": none + 1, "gap_us": none, "m2": nothing, "area": nothing}
    sources |= dict.fromkeys(("first_us", "last_us", "min_us", "max_us"), kept.time_us)
    sources |= dict.fromkeys(("sum", "min", "max", "first", "last"), kept.number)
    return Rollup(kept.series, {name: sources[name] for name in dict.fromkeys((*BASE, *names))})


def starts_of(series: I32, bucket: I64) -> I64:
    """Where each run of one (series, bucket) begins in rows sorted by them."""
    if not len(series):
        return np.empty(0, np.int64)
    fresh = (series[1:] != series[:-1]) | (bucket[1:] != bucket[:-1])
    if bool(fresh.all()):
        return np.arange(len(series))
    return np.append(np.int64(0), np.flatnonzero(fresh) + 1)


@np.errstate(over="ignore", invalid="ignore")
def fold(rows: Rollup, bucket: I64) -> Rollup:
    """One row for each run of one (series, bucket); rows are sorted by series and time and do not overlap.

    A sum, spread or area beyond the range of a double is infinite.
    """
    starts = starts_of(rows.series, bucket)
    if len(starts) == len(rows):
        return rows
    ends = np.append(starts[1:], len(rows)) - 1
    lengths = ends - starts + 1
    given, made = rows.columns, dict[str, Array]()
    made["count"] = np.add.reduceat(given["count"], starts)
    for name in ("first_us", "first"):
        if name in given:
            made[name] = given[name][starts]
    for name in ("last_us", "last"):
        if name in given:
            made[name] = given[name][ends]
    if "sum" in given:
        made["sum"] = np.add.reduceat(given["sum"], starts)
    if "min" in given:
        made["min"], made["min_us"] = _extreme(np.minimum, given["min"], given["min_us"], starts, lengths)
        made["max"], made["max_us"] = _extreme(np.maximum, given["max"], given["max_us"], starts, lengths)
    if "m2" in given:
        made["m2"] = _squares(given, made, starts, lengths)
    if "area" in given:
        made["area"], made["gap_us"] = _areas(given, starts)
    return Rollup(rows.series[starts], {name: made[name] for name in given})


def _extreme(pick: np.ufunc, value: F64, at: I64, starts: I64, lengths: I64) -> tuple[F64, I64]:
    best = pick.reduceat(value, starts)
    found = np.flatnonzero(value == np.repeat(best, lengths))
    return best, at[found[np.searchsorted(found, starts)]]


def _squares(given: Mapping[str, Array], made: Mapping[str, Array], starts: I64, lengths: I64) -> F64:
    mean = given["sum"] / given["count"]
    off = mean - np.repeat(made["sum"] / made["count"], lengths)
    spread: F64 = np.add.reduceat(given["m2"] + given["count"] * off * off, starts)
    return spread


def _areas(given: Mapping[str, Array], starts: I64) -> tuple[F64, I64]:
    gap_us = np.zeros(len(given["count"]), np.int64)
    gap_us[1:] = given["first_us"][1:] - given["last_us"][:-1]
    area = np.zeros(len(gap_us))
    area[1:] = (given["first"][1:] + given["last"][:-1]) / 2 * (gap_us[1:] / 1e6)
    gap_us[starts], area[starts] = 0, 0.0
    return np.add.reduceat(given["area"] + area, starts), np.maximum.reduceat(
        np.maximum(given["gap_us"], gap_us), starts
    )
