"""Shifts, production days and breaks of a factory's zone as windows in UTC.

A wall-clock time that a DST day skips means the moment of the switch; one that occurs twice means the first
occurrence. Both rules keep wall-clock order, so shifts that touch on the wall clock touch in real time, and a
shift has its true length: 22:00-06:00 lasts 7, 8 or 9 hours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Flags, Int32s, Int64s
from analytics.timeline.shifts.special import SpecialDay
from analytics.timeline.windows import OUTSIDE, Windows, united

EVERY_DAY: Final = frozenset(range(7))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_NO_SPECIAL: Final[Mapping[date, SpecialDay]] = {}
_SOME_MONDAY: Final = date(1970, 1, 5)


@dataclass(frozen=True, slots=True)
class ShiftPattern:
    """A shift as people write it: wall-clock start and end, on which weekdays (Monday is 0), when valid.

    An end at or before the start is on the next day (equal: 24 hours). Weekdays and validity (both days
    included) mean the date on which the shift starts. `breaks` are wall-clock (start, end) inside the shift.
    With `cycle_weeks` above 1 the shift runs only in some weeks of a cycle: those whose number from 0 is in
    `cycle_in`, counted in calendar weeks from the week (Monday to Sunday) of `cycle_from`.
    """

    key: str
    name: str
    start: time
    end: time
    weekdays: frozenset[int] = EVERY_DAY
    valid_from: date | None = None
    valid_to: date | None = None
    breaks: tuple[tuple[time, time], ...] = field(default=())
    cycle_weeks: int = 1
    cycle_in: frozenset[int] = frozenset({0})
    cycle_from: date = _SOME_MONDAY

    def __post_init__(self) -> None:
        if self.cycle_weeks < 1 or not self.cycle_in <= set(range(self.cycle_weeks)):
            raise InvalidInput.at("cycle_in", f"The weeks of the cycle of {self.name} lie outside it.")

    def is_valid_on(self, day: date) -> bool:
        """Is the shift in force on this date?"""
        after = self.valid_from is None or day >= self.valid_from
        return after and (self.valid_to is None or day <= self.valid_to)

    def usually_on(self, day: date) -> bool:
        """Do the weekdays and the cycle name this date?"""
        return day.weekday() in self.weekdays and self._week(day) in self.cycle_in

    def starts_on(self, day: date, special: SpecialDay | None = None) -> bool:
        """Does an instance of this shift start on this date, of which `special` tells what is different?"""
        if not self.is_valid_on(day):
            return False
        usually = self.usually_on(day)
        return usually if special is None else special.runs(self.key, usually)

    def _week(self, day: date) -> int:
        monday = self.cycle_from.toordinal() - self.cycle_from.weekday()
        return (day.toordinal() - monday) // 7 % self.cycle_weeks


@dataclass(frozen=True, slots=True)
class _Instance:
    start_us: int
    end_us: int
    day: int
    shift: int
    starts_on: date


def wall_to_us(day: date, clock: time, zone: ZoneInfo) -> int:
    """The instant of a wall-clock time, in microseconds UTC (skipped: the switch; twice: the first).

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> wall_to_us(date(2026, 3, 29), time(2, 30), berlin) == wall_to_us(date(2026, 3, 29), time(3), berlin)
    True
    """
    local = datetime.combine(day, clock.replace(fold=0), tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return (instant - _EPOCH) // _MICROSECOND
    before, after = local.replace(fold=1).astimezone(UTC), instant
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return (after.replace(microsecond=0) - _EPOCH) // _MICROSECOND


def day_windows(
    first_day: date,
    last_day: date,
    zone: ZoneInfo,
    day_start: time = time(0),
    special: Mapping[date, SpecialDay] = _NO_SPECIAL,
) -> Windows:
    """The production days from `first_day` to `last_day` (both included), all but closed ones scheduled.

    A production day begins at `day_start` local time and lasts 23, 24 or 25 hours. `shift` is -1: use these
    windows where a plant has no shift calendar. Errors: InvalidInput where the range is empty.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> [int(day_windows(date(2026, 3, d), date(2026, 3, d), berlin).length_us[0]) / 3.6e9 for d in (28, 29)]
    [24.0, 23.0]
    """
    edges = _day_edges(first_day, last_day, zone, day_start)
    days = range(first_day.toordinal(), last_day.toordinal() + 1)
    closed = {day.toordinal() for day, one in special.items() if one.is_closed}
    rows = [
        (start, end, day, OUTSIDE, day not in closed)
        for (start, end), day in zip(pairwise(edges), days, strict=True)
    ]
    return _windows(rows, ())


def shift_windows(
    patterns: Sequence[ShiftPattern],
    first_day: date,
    last_day: date,
    zone: ZoneInfo,
    day_start: time = time(0),
    special: Mapping[date, SpecialDay] = _NO_SPECIAL,
) -> Windows:
    """One window per shift instance of the production days, and windows without schedule between them.

    A shift belongs to the production day in which it starts (22:00-06:00: the day of the 22:00), also where
    it ends after that day; a piece of the first day that the shift of the day before holds is therefore
    left to that day, and consecutive ranges tile without gap or overlap. Time outside shifts is cut at the
    production days. `shift` is the position in `patterns`. `special` says what is different on which date;
    like weekdays it means the date on which a shift starts. Errors: InvalidInput for an empty range, shifts
    that overlap, a break outside its shift.

    >>> early = ShiftPattern("e", "Early", time(6), time(14))
    >>> windows = shift_windows([early], date(2026, 5, 4), date(2026, 5, 4), ZoneInfo("UTC"))
    >>> windows.shift.tolist(), (windows.length_us // 3_600_000_000).tolist()
    ([-1, 0, -1], [6, 8, 10])
    """
    edges = _day_edges(first_day, last_day, zone, day_start)
    every = _instances(patterns, (first_day, last_day), zone, day_start, special)
    _refuse_overlap(patterns, every)
    first, last = first_day.toordinal(), last_day.toordinal()
    rows = [(one.start_us, one.end_us, one.day, one.shift, True) for one in every if first <= one.day <= last]
    rows += _between_shifts(every, edges, first)
    breaks = [
        span for one in every if first <= one.day <= last for span in _breaks(patterns[one.shift], one, zone)
    ]
    return _windows(sorted(rows), tuple(pattern.key for pattern in patterns), breaks)


def _windows(
    rows: Iterable[tuple[int, int, int, int, bool]],
    keys: tuple[str, ...],
    breaks: Sequence[tuple[int, int]] = (),
) -> Windows:
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    start, end = np.array(columns[0], np.int64), np.array(columns[1], np.int64)
    day: Int32s = np.array(columns[2], np.int32)
    scheduled: Flags = np.array(columns[4], np.bool_)
    pause: Int64s = np.array(breaks, np.int64).reshape(-1, 2)
    break_start, break_end = united(pause[:, 0], pause[:, 1])
    shift = np.array(columns[3], np.int16)
    return Windows(start, end, day, shift, scheduled, keys, break_start, break_end)


def _day_edges(first_day: date, last_day: date, zone: ZoneInfo, day_start: time) -> list[int]:
    """The instants at which the production days begin, and the end of the last one."""
    if last_day < first_day:
        raise InvalidInput.at("last_day", "The last day is before the first day.")
    days = (last_day - first_day).days + 1
    return [wall_to_us(first_day + number * _DAY, day_start, zone) for number in range(days + 1)]


def _instances(
    patterns: Sequence[ShiftPattern],
    days: tuple[date, date],
    zone: ZoneInfo,
    day_start: time,
    special: Mapping[date, SpecialDay],
) -> list[_Instance]:
    """The shift instances of the days and of their neighbours, in order of start."""
    found = []
    for number in range(-2, (days[1] - days[0]).days + 3):
        day = days[0] + number * _DAY
        for shift, pattern in enumerate(patterns):
            if not pattern.starts_on(day, special.get(day)):
                continue
            start = wall_to_us(day, pattern.start, zone)
            end = wall_to_us(day if pattern.end > pattern.start else day + _DAY, pattern.end, zone)
            belongs = day.toordinal() - (pattern.start < day_start)
            if end > start:
                found.append(_Instance(start, end, belongs, shift, day))
    return sorted(found, key=lambda one: (one.start_us, one.shift))


def overlapping(first: str, day: date, second: str, other_day: date) -> InvalidInput:
    """The error of two shifts that overlap."""
    return InvalidInput.at(
        "shifts",
        f"The shifts {first} (from {day}) and {second} (from {other_day}) overlap: "
        "change their times, weekdays or validity so that one ends before the other starts.",
    )


def _refuse_overlap(patterns: Sequence[ShiftPattern], instances: Sequence[_Instance]) -> None:
    for one, other in pairwise(instances):
        if other.start_us < one.end_us:
            first, second = patterns[one.shift].name, patterns[other.shift].name
            raise overlapping(first, one.starts_on, second, other.starts_on)


def _between_shifts(
    instances: Sequence[_Instance], edges: Sequence[int], first: int
) -> list[tuple[int, int, int, int, bool]]:
    """The time of each production day that no shift holds."""
    gaps = []
    free = [edges[0], *(one.end_us for one in instances)]
    taken = [*(one.start_us for one in instances), edges[-1]]
    day = 0
    for start, end in sorted(zip(sorted(free), sorted(taken), strict=True)):
        cursor, stop = max(start, edges[0]), min(end, edges[-1])
        while cursor < stop:
            while edges[day + 1] <= cursor:
                day += 1
            until = min(stop, edges[day + 1])
            gaps.append((cursor, until, first + day, OUTSIDE, False))
            cursor = until
    return gaps


def _breaks(pattern: ShiftPattern, one: _Instance, zone: ZoneInfo) -> list[tuple[int, int]]:
    """The breaks of one shift instance in UTC; a break before the shift's start time is on its second day."""
    spans = []
    for begin, finish in pattern.breaks:
        day = one.starts_on if begin >= pattern.start else one.starts_on + _DAY
        start = wall_to_us(day, begin, zone)
        end = wall_to_us(day if finish > begin else day + _DAY, finish, zone)
        if start < one.start_us or end > one.end_us:
            raise InvalidInput.at(
                "breaks", f"The break {begin:%H:%M}-{finish:%H:%M} is not inside the shift {pattern.name}."
            )
        if end > start:
            spans.append((start, end))
    return spans
