"""Times in plain words: "yesterday", "last 3 weeks", "on Tuesday", "2026-11-02 to 2026-11-08"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from analytics.errors import InvalidInput
from data.models import from_us, to_us

HOUR_US: Final = 3_600_000_000
LONGEST_DAYS: Final = 400
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
DAY: Final = r"(\d{4}-\d{2}-\d{2})"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A range [start_us, end_us) with its words; `rest` is the text without them."""

    start_us: int
    end_us: int
    words: str
    rest: str


@dataclass(frozen=True, slots=True)
class Clock:
    """Now, in the factory's zone; production days begin `day_start_min` minutes after midnight."""

    now_us: int
    zone: ZoneInfo
    day_start_min: int = 0

    def day(self) -> date:
        """The production day that is running."""
        local = from_us(self.now_us).astimezone(self.zone)
        before = local.hour * 60 + local.minute < self.day_start_min
        return local.date() - timedelta(days=before)

    def begin(self, day: date) -> int:
        """When a production day begins."""
        at = time(self.day_start_min // 60, self.day_start_min % 60)
        return to_us(datetime.combine(day, at, self.zone))


def spoken(text: str, clock: Clock, default_days: int = 7) -> Spoken:
    """Which range do the words name? The last `default_days` days where they name none.

    Days are production days of the factory; ranges that reach the present end now. InvalidInput for a day
    that does not exist, an end before its start, or a range that has not begun.
    """
    for pattern, meaning in _MEANINGS:
        found = re.search(pattern, text)
        if found is None:
            continue
        start, end, words = meaning(found, clock)
        if start >= clock.now_us:
            raise InvalidInput.at("question", f"{words} has not begun.")
        if not 0 < end - start <= LONGEST_DAYS * 24 * HOUR_US:
            raise InvalidInput.at(
                "question", f"{words}: the end must be after the start, by 400 days at most."
            )
        return Spoken(start, min(end, clock.now_us), words, text[: found.start()] + " " + text[found.end() :])
    return Spoken(*_last_days(clock, default_days), text)


def _last_days(clock: Clock, many: int) -> tuple[int, int, str]:
    begin = clock.begin(clock.day() - timedelta(days=many - 1))
    return begin, clock.now_us, f"last {many} days"


def _days(clock: Clock, first: date, last: date, words: str) -> tuple[int, int, str]:
    return clock.begin(first), clock.begin(last + timedelta(days=1)), words


def _written(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput.at("question", f"There is no day {text}.") from None


def _one(found: re.Match[str], clock: Clock) -> tuple[int, int, str]:
    return _days(clock, _written(found[1]), _written(found[1]), found[1])


def _two(found: re.Match[str], clock: Clock) -> tuple[int, int, str]:
    return _days(clock, _written(found[1]), _written(found[2]), f"{found[1]} to {found[2]}")


def _counted(found: re.Match[str], clock: Clock) -> tuple[int, int, str]:
    many, unit = int(found[1]), found[2]
    if not 1 <= many <= 9_999:
        raise InvalidInput.at("question", "Count from 1 on.")
    if unit == "hour":
        return clock.now_us - many * HOUR_US, clock.now_us, f"last {many} hours"
    return _last_days(clock, many * {"day": 1, "week": 7, "month": 30}[unit])


def _relative(found: re.Match[str], clock: Clock) -> tuple[int, int, str]:
    today = clock.day()
    words = found[0]
    if words in {"today", "yesterday"}:
        day = today - timedelta(days=words == "yesterday")
        return _days(clock, day, day, words)
    if words == "last night":
        evening = datetime.combine(today - timedelta(days=1), time(22), clock.zone)
        return to_us(evening), to_us(datetime.combine(today, time(6), clock.zone)), words
    which, unit = words.split()
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * (which == "last"))
        return _days(clock, monday, monday + timedelta(days=6), words)
    first = today.replace(day=1)
    if which == "last":
        first = (first - timedelta(days=1)).replace(day=1)
    return _days(clock, first, _month_end(first), words)


def _month_end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _weekday(found: re.Match[str], clock: Clock) -> tuple[int, int, str]:
    back = (clock.day().weekday() - WEEKDAYS.index(found[1])) % 7 or 7
    day = clock.day() - timedelta(days=back)
    return _days(clock, day, day, f"{found[1].title()} {day.isoformat()}")


def _month(found: re.Match[str], clock: Clock) -> tuple[int, int, str]:
    today, number = clock.day(), MONTHS.index(found[1]) + 1
    first = date(today.year - (number > today.month), number, 1)
    return _days(clock, first, _month_end(first), f"{found[1].title()} {first.year}")


Meaning = Callable[[re.Match[str], Clock], tuple[int, int, str]]
_MEANINGS: Final[tuple[tuple[str, Meaning], ...]] = (
    (rf"\b(?:from |between )?{DAY} (?:to|and|until|till) {DAY}", _two),
    (rf"\b(?:on )?{DAY}", _one),
    (r"\b(?:in |over |during )?(?:the )?(?:last|past|previous) (\d+) (hour|day|week|month)s?\b", _counted),
    (r"\b(?:today|yesterday|last night|(?:this|last) (?:week|month))\b", _relative),
    (rf"\b(?:on |last )({'|'.join(WEEKDAYS)})\b", _weekday),
    (rf"\b(?:in |last )({'|'.join(MONTHS)})\b", _month),
)
