"""Whether shifts can ever overlap, asked before they are used."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations
from math import lcm
from typing import Final
from zoneinfo import ZoneInfo

from analytics.timeline.shifts.calendar import ShiftPattern, overlapping, shift_windows
from analytics.timeline.shifts.special import SpecialDay

_DAY_MIN: Final = 1_440
_DAY: Final = timedelta(days=1)
_UTC: Final = ZoneInfo("UTC")
_ANY_DAY: Final = date(2024, 1, 1)


def refuse_overlaps(
    patterns: Sequence[ShiftPattern], special: Mapping[date, SpecialDay] | None = None
) -> None:
    """Raise InvalidInput at `shifts` where two shifts overlap on any date, ever.

    Weekdays, cycles and validity are followed through their whole common period; special dates are looked
    at one by one. Wall clocks are compared: what touches there touches on 23 h and 25 h days too.
    """
    for one, other in combinations(patterns, 2):
        _refuse_pair(one, other)
    for day, what in (special or {}).items():
        if what.extra:
            shift_windows(patterns, day - _DAY, day + _DAY, _UTC, special=special or {})


def _refuse_pair(one: ShiftPattern, other: ShiftPattern) -> None:
    meeting = [days for days in (-1, 0, 1) if _meet(one, other, days)]
    if not meeting:
        return
    for day in _common_days(one, other):
        for days in meeting:
            other_day = day + days * _DAY
            if one.starts_on(day) and other.starts_on(other_day):
                first, second = sorted(((day, one.name), (other_day, other.name)), key=lambda it: it[0])
                raise overlapping(first[1], first[0], second[1], second[0])


def _span(pattern: ShiftPattern) -> tuple[int, int]:
    start = pattern.start.hour * 60 + pattern.start.minute
    end = pattern.end.hour * 60 + pattern.end.minute
    return start, end if end > start else end + _DAY_MIN


def _meet(one: ShiftPattern, other: ShiftPattern, days: int) -> bool:
    """Would the other shift, started so many days after the one, run at the same time?"""
    (start, end), (other_start, other_end) = _span(one), _span(other)
    return other_start + days * _DAY_MIN < end and start < other_end + days * _DAY_MIN


def _common_days(one: ShiftPattern, other: ShiftPattern) -> Iterator[date]:
    """One whole common period of both shifts from where both are valid, and a day around it."""
    first = max([day for day in (one.valid_from, other.valid_from) if day] or [_ANY_DAY]) - _DAY
    last = first + timedelta(weeks=lcm(one.cycle_weeks, other.cycle_weeks)) + 2 * _DAY
    until = min([day for day in (one.valid_to, other.valid_to) if day] or [last])
    day = first
    while day <= min(last, until + _DAY):
        yield day
        day += _DAY
