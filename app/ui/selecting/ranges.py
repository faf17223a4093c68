"""Named time ranges in the factory's calendar as UTC microseconds. Pure: clock and zone come from outside."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from analytics.errors import InvalidInput
from app.shifts.now import ShiftRun
from app.ui.selecting.zone import local_datetime, to_us


class RangeKey(StrEnum):
    """The ranges that a person can choose."""

    THIS_SHIFT = "shift"
    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_24H = "24h"
    LAST_7D = "7d"
    LAST_30D = "30d"
    LAST_90D = "90d"
    THIS_MONTH = "month"
    CUSTOM = "custom"


RANGE_LABELS: Final[dict[RangeKey, str]] = {
    RangeKey.THIS_SHIFT: "This shift",
    RangeKey.TODAY: "Today",
    RangeKey.YESTERDAY: "Yesterday",
    RangeKey.LAST_24H: "24 hours",
    RangeKey.LAST_7D: "7 days",
    RangeKey.LAST_30D: "30 days",
    RangeKey.LAST_90D: "90 days",
    RangeKey.THIS_MONTH: "This month",
    RangeKey.CUSTOM: "Dates",
}
_DAYS: Final = {RangeKey.LAST_7D: 7, RangeKey.LAST_30D: 30, RangeKey.LAST_90D: 90}


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A half-open range [start_us, end_us) and the words for it."""

    key: RangeKey
    start_us: int
    end_us: int
    label: str


def resolve_range(
    key: RangeKey,
    now_us: int,
    zone: ZoneInfo,
    *,
    day_start: time = time(0),
    shift: ShiftRun | None = None,
    custom: tuple[date, date] | None = None,
) -> TimeRange:
    """Which instants does a named range mean now, in the factory's zone?

    A production day begins at `day_start` and has 23, 24 or 25 hours. "7 days" are today and the six days
    before, and so on; ranges that reach the present end now. "This shift" is `shift`, the running one or the
    last that ran, else today where no shift is planned. `custom` are the first and the last day, both
    included. Raises `InvalidInput` when custom days are missing, reversed or wholly in the future.
    """
    calendar = _Calendar(now_us, zone, day_start)
    today = calendar.today()
    if key is RangeKey.CUSTOM:
        return _custom(calendar, custom)
    if key is RangeKey.THIS_SHIFT:
        return _of_shift(now_us, zone, shift) if shift else calendar.days(key, today, today, "Today")
    if key is RangeKey.LAST_24H:
        return TimeRange(key, now_us - 86_400_000_000, now_us, "Last 24 hours")
    if key is RangeKey.YESTERDAY:
        before = today - timedelta(days=1)
        return calendar.days(key, before, before, "Yesterday")
    if key is RangeKey.THIS_MONTH:
        return calendar.days(key, today.replace(day=1), today, f"{today:%B %Y}")
    if key in _DAYS:
        return calendar.days(key, today - timedelta(days=_DAYS[key] - 1), today, f"Last {_DAYS[key]} days")
    return calendar.days(RangeKey.TODAY, today, today, "Today")


def week_before(chosen: TimeRange, zone: ZoneInfo) -> tuple[int, int]:
    """The range to compare with: the same wall-clock times a week earlier, or some weeks earlier.

    Both ends move back by the smallest whole number of weeks that makes the two ranges not overlap.
    """
    weeks = max(1, -(-(chosen.end_us - chosen.start_us) // (7 * 86_400_000_000)))
    moved = [
        to_us(local_datetime(edge, zone).replace(tzinfo=None) - timedelta(weeks=weeks), zone)
        for edge in (chosen.start_us, chosen.end_us)
    ]
    return moved[0], moved[1]


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Production days of the factory, cut off at now."""

    now_us: int
    zone: ZoneInfo
    day_start: time

    def start_us(self, day: date) -> int:
        return to_us(datetime.combine(day, self.day_start.replace(tzinfo=None)), self.zone)

    def today(self) -> date:
        day = local_datetime(self.now_us, self.zone).date()
        return day if self.now_us >= self.start_us(day) else day - timedelta(days=1)

    def days(self, key: RangeKey, first: date, last: date, words: str) -> TimeRange:
        start_us = self.start_us(first)
        end_us = max(start_us, min(self.start_us(last + timedelta(days=1)), self.now_us))
        year = "" if first.year == self.today().year else " %Y"
        one, several = f"%a %d %b{year}", f"%d %b{year}"
        dates = first.strftime(one) if first == last else f"{first:{several}} to {last:{several}}"
        return TimeRange(key, start_us, end_us, f"{words}, {dates}" if words else dates)


def _custom(calendar: _Calendar, custom: tuple[date, date] | None) -> TimeRange:
    if custom is None:
        raise InvalidInput.at("t_days", "Choose the first and the last day.")
    first, last = custom
    if first > last:
        raise InvalidInput.at("t_days", "The first day is after the last day: swap them.")
    if calendar.start_us(first) >= calendar.now_us:
        raise InvalidInput.at("t_days", "These days are in the future: choose days that have begun.")
    return calendar.days(RangeKey.CUSTOM, first, last, "")


def _of_shift(now_us: int, zone: ZoneInfo, shift: ShiftRun) -> TimeRange:
    since = local_datetime(shift.start_us, zone)
    is_running = now_us < shift.end_us
    words = f"{shift.name}, since {since:%H:%M}" if is_running else f"{shift.name}, {since:%a %d %b}"
    return TimeRange(RangeKey.THIS_SHIFT, shift.start_us, min(shift.end_us, now_us), words)
