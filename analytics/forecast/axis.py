"""What a forecast takes: a series over time, put on a regular clock of local wall time."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput

SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND_US
LONGEST: Final = 60_000
SPARSEST: Final = 0.2
LEAST_VALUES: Final = 3
USUAL_STEPS_S: Final = (
    1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 21_600, 28_800,
    43_200, 86_400, 604_800,
)  # fmt: skip
CALENDAR: Final = {1: (27.5, 31.5), 3: (88.5, 92.5), 6: (180.5, 184.5), 12: (364.5, 366.5)}

Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]
Booleans = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Axis:
    """Slot k begins `step_us` x k after `start_us` in wall time, or `months` x k calendar months after it.

    `phase_us` is where a stamp lies in its slot; with `months`, `start_us` counts months since 1970 and
    `day` is the day of the month (0: the last one). `zone` is None for naive stamps.
    """

    start_us: int
    step_us: int
    months: int
    day: int
    zone: dt.tzinfo | None

    def slots(self, wall_us: Integers) -> Integers:
        """The nearest slot of each wall time (halves down, so that a change of clocks merges no two)."""
        if self.months:
            return np.asarray((_months(wall_us) - self.start_us) // self.months, dtype=np.int64)
        return -((-2 * (wall_us - self.start_us) + self.step_us) // (2 * self.step_us))

    def wall(self, slots: Integers) -> pd.DatetimeIndex:
        """The naive wall time of each slot."""
        if not self.months:
            return pd.DatetimeIndex((self.start_us + slots * self.step_us).astype("datetime64[us]"))
        first = (self.start_us + slots * self.months).astype("datetime64[M]")
        begins = pd.DatetimeIndex(first.astype("datetime64[us]"))
        last = begins.days_in_month.to_numpy()
        days = np.minimum(last, self.day) if self.day else last
        return pd.DatetimeIndex(begins + pd.to_timedelta(days - 1, unit="D"))


@dataclass(frozen=True)
class History:
    """`values` by slot, gaps filled from the past only; `known`: where a value was measured.

    The first and the last slot are known. `future`: the stamps asked for, in the form of the index given;
    `ahead`: their slots, counted from 0 as those of `values`.
    """

    axis: Axis
    values: Floats
    known: Booleans
    future: pd.Index
    ahead: Integers


def taken(history: "pd.Series[Any]", horizon: int) -> History:
    """The series on its clock, and the `horizon` stamps after its last one.

    The interval is the median between stamps, a round one where it is within 5 %; stamps are put to the
    nearest slot. Of rows with the same stamp the last known one counts; several in one slot are averaged.
    Times with a zone are laid on its wall clock: the hour that is there twice is averaged, the one that is
    missing is a gap. Only the last 60,000 slots count. Infinite values are missing.
    Raises `InvalidInput` for no series, values that are not numbers, an index without times, fewer than three
    values, and stamps so irregular that four of five slots are empty.
    """
    if not isinstance(history, pd.Series):
        raise InvalidInput.at("history", "Pass a Series: numbers over a time index.")
    if isinstance(horizon, bool) or not isinstance(horizon, (int, np.integer)) or horizon < 1:
        raise InvalidInput.at("horizon", "The horizon is a whole number of intervals, at least 1.")
    values = _numbers(history)
    stamps = _stamps(history.index)
    wall_us = np.asarray(stamps.tz_localize(None).as_unit("us").asi8, dtype=np.int64)
    instant_us = np.asarray(stamps.as_unit("us").asi8, dtype=np.int64)
    order = np.argsort(instant_us, kind="stable")
    wall_us, instant_us, values = wall_us[order], instant_us[order], values[order]
    last_us = (int(wall_us[-1]), int(instant_us[-1])) if len(wall_us) else (0, 0)
    is_last = _last_known(instant_us, values)
    wall_us, instant_us, values = wall_us[is_last], instant_us[is_last], values[is_last]
    if int((~np.isnan(values)).sum()) < LEAST_VALUES:
        raise InvalidInput.at("history", f"At least {LEAST_VALUES} values are needed for a forecast.")
    axis = _axis(wall_us, instant_us, stamps.tz)
    slots = axis.slots(wall_us)
    binned, first = _binned(slots, values)
    axis = _moved(axis, first)
    future = _future(axis, last_us, int(horizon))
    ahead = axis.slots(np.asarray(future.tz_localize(None).as_unit("us").asi8, dtype=np.int64))
    known = ~np.isnan(binned)
    return History(axis, filled(binned, axis), known, _as_given(future, history.index), ahead)


def filled(values: Floats, axis: Axis) -> Floats:
    """Missing values as one day (or, with longer steps, one step) before them: from the past only."""
    result = values.copy()
    day = round(DAY_US / axis.step_us) if axis.step_us and axis.step_us < DAY_US else 1
    for at in np.flatnonzero(np.isnan(values)).tolist():
        result[at] = result[at - day] if at >= day else result[at - 1]
    return result


def _numbers(history: "pd.Series[Any]") -> Floats:
    if isinstance(history.dtype, pd.CategoricalDtype) or pd.api.types.is_datetime64_any_dtype(history.dtype):
        raise InvalidInput.at("history", "The values are not numbers.")
    try:
        numbers = pd.to_numeric(history).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise InvalidInput.at("history", "The values are not numbers.") from error
    return np.where(np.abs(numbers) < 1e150, numbers, np.nan)


def _stamps(index: pd.Index) -> pd.DatetimeIndex:
    if isinstance(index, pd.PeriodIndex):
        return pd.DatetimeIndex(index.to_timestamp())
    if isinstance(index, pd.MultiIndex) or pd.api.types.is_bool_dtype(index.dtype):
        raise InvalidInput.at("history", "The index must hold times.")
    if pd.api.types.is_numeric_dtype(index.dtype):
        seconds = index.to_numpy(dtype=np.float64)
        if not (np.abs(seconds) < 1e11).all():
            raise InvalidInput.at("history", "A value has no time.")
        return pd.DatetimeIndex(np.round(seconds * SECOND_US).astype(np.int64).astype("datetime64[us]"))
    try:
        is_time = isinstance(index, pd.DatetimeIndex)
        stamps = pd.DatetimeIndex(index if is_time else pd.to_datetime(index, format="ISO8601"))
    except (ValueError, TypeError) as error:
        raise InvalidInput.at("history", f"The index must hold times: {error}") from error
    if stamps.hasnans:
        raise InvalidInput.at("history", "A value has no time.")
    return stamps


def _last_known(times: Integers, values: Floats) -> Booleans:
    """One row per time: its last one that is known, else its last one."""
    rows = np.arange(len(times))
    group = np.cumsum(np.diff(times, prepend=times[:1]) > 0)
    rank = rows + len(times) * ~np.isnan(values)
    best = np.full(len(times), -1, dtype=np.int64)
    np.maximum.at(best, group, rank)
    return np.asarray(rank == best[group])


def _axis(wall_us: Integers, instant_us: Integers, zone: dt.tzinfo | None) -> Axis:
    gaps = np.diff(instant_us)
    months = _calendar_step(wall_us, gaps)
    if months:
        day = _day_of_month(wall_us)
        return Axis(int(_months(wall_us)[0]), 0, months, day, zone)
    middle = int(np.median(gaps))
    if (gaps == middle).mean() < 0.5:
        usual = min((seconds * SECOND_US for seconds in USUAL_STEPS_S), key=lambda us: abs(us - middle))
        middle = usual if abs(usual - middle) <= 0.05 * middle else middle
    phases, counts = np.unique(wall_us % middle, return_counts=True)
    phase = int(phases[counts.argmax()]) if counts.max() > len(wall_us) / 2 else 0
    nearest = round((int(wall_us[0]) - phase) / middle)
    return Axis(phase + nearest * middle, middle, 0, 0, zone)


def _calendar_step(wall_us: Integers, gaps: Integers) -> int:
    """How many months lie between stamps that come by the calendar; 0 for a fixed step."""
    days = float(np.median(gaps)) / DAY_US
    months = next((count for count, (low, high) in CALENDAR.items() if low < days < high), 0)
    if not months:
        return 0
    between = np.diff(_months(wall_us))
    is_calendar = bool((between % months == 0).all() and (between > 0).all())
    return months if is_calendar and _day_of_month(wall_us) >= 0 else 0


def _day_of_month(wall_us: Integers) -> int:
    """The day that all stamps share: 0 if each is its month's last, -1 if they share none."""
    stamps = pd.DatetimeIndex(wall_us.astype("datetime64[us]"))
    if bool(stamps.is_month_end.all()):
        return 0
    days = stamps.day.to_numpy()
    lasts = stamps.days_in_month.to_numpy()
    day = int(days.max())
    return day if bool((days == np.minimum(day, lasts)).all()) else -1


def _months(wall_us: Integers) -> Integers:
    return wall_us.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def _binned(slots: Integers, values: Floats) -> tuple[Floats, int]:
    """The mean of the known values of each slot from the first to the last known one, and the first slot."""
    known = ~np.isnan(values)
    last = int(slots[known][-1])
    known &= slots > last - LONGEST
    own, numbers = slots[known], values[known]
    first = int(own[0])
    count = np.bincount(own - first)
    if (count > 0).mean() < SPARSEST:
        raise InvalidInput.at(
            "history", "The values come too irregularly: bring them to a regular interval first."
        )
    sums = np.bincount(own - first, weights=numbers)
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan), first


def _moved(axis: Axis, first: int) -> Axis:
    start = axis.start_us + first * (axis.months or axis.step_us)
    return Axis(start, axis.step_us, axis.months, axis.day, axis.zone)


def _future(axis: Axis, last_us: tuple[int, int], horizon: int) -> pd.DatetimeIndex:
    """The stamps after the last one: equal steps in absolute time below a day, by the calendar from there."""
    wall_us, instant_us = last_us
    last = axis.slots(np.array([wall_us]))
    steps = np.arange(1, horizon + 1, dtype=np.int64)
    if axis.zone is None or axis.months or axis.step_us % DAY_US == 0:
        wall = axis.wall(last + steps)
        if axis.months and wall_us % DAY_US:
            wall = pd.DatetimeIndex(wall + pd.Timedelta(microseconds=wall_us % DAY_US))
        if axis.zone is None:
            return wall
        is_summer = np.zeros(horizon, dtype=bool)
        return wall.tz_localize(axis.zone, ambiguous=is_summer, nonexistent="shift_forward")
    off_us = wall_us - axis.start_us - int(last[0]) * axis.step_us
    is_on_grid = abs(off_us) % (1800 * SECOND_US) == 0
    begin = instant_us - (0 if is_on_grid else off_us)
    instants = pd.DatetimeIndex((begin + steps * axis.step_us).astype("datetime64[us]"))
    return instants.tz_localize("UTC").tz_convert(axis.zone)


def _as_given(future: pd.DatetimeIndex, index: pd.Index) -> pd.Index:
    if pd.api.types.is_numeric_dtype(index.dtype):
        seconds = future.as_unit("us").asi8 / SECOND_US
        is_whole = pd.api.types.is_integer_dtype(index.dtype) and bool((seconds % 1 == 0).all())
        return pd.Index(seconds.astype(np.int64) if is_whole else seconds, name=index.name)
    if isinstance(index, pd.PeriodIndex):
        return future.to_period(index.freqstr).rename(index.name)
    return future.rename(index.name)
