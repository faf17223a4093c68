"""Which time a report is about: two moments, or the last shift, day, week or month that has ended."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from analytics.errors import InvalidInput
from app.bootstrap import Access
from app.production.cells import production_day
from app.production.happenings import calendar, clock_time
from app.production.plant import plant
from data.models import to_us

PERIODS: Final = ("shift", "day", "week", "month")
LOOKED_BACK: Final = timedelta(days=15)


def last_ended(access: Access, period: str) -> tuple[int, int]:
    """The last period that has ended by now, [start, end) in microseconds, by the factory's clock.

    Weeks are production days from Monday to Sunday. InvalidInput for an unknown period, or where no shift
    has ended in two weeks.
    """
    found: dict[str, Callable[[Access], tuple[int, int]]] = {
        "shift": _shift, "day": _day, "week": _week, "month": _month,
    }  # fmt: skip
    if period not in found:
        raise InvalidInput.at("period", f"A period is one of {', '.join(PERIODS)}.")
    return found[period](access)


def day_start_us(access: Access, day: date) -> int:
    """When a production day begins."""
    return to_us(datetime.combine(day, clock_time(access.factory.day_start_min), access.factory.zone))


def _shift(access: Access) -> tuple[int, int]:
    now = to_us(access.now)
    today = production_day(access, now)
    windows = calendar(access, plant(access), today - LOOKED_BACK, today)
    ended = np.flatnonzero((windows.shift >= 0) & windows.scheduled & (windows.end_us <= now))
    if not len(ended):
        raise InvalidInput.at("period", "No shift has ended in the last two weeks: plan shifts first.")
    return int(windows.start_us[ended[-1]]), int(windows.end_us[ended[-1]])


def _days(access: Access, first: date, after: date) -> tuple[int, int]:
    return day_start_us(access, first), day_start_us(access, after)


def _day(access: Access) -> tuple[int, int]:
    today = production_day(access, to_us(access.now))
    return _days(access, today - timedelta(days=1), today)


def _week(access: Access) -> tuple[int, int]:
    today = production_day(access, to_us(access.now))
    monday = today - timedelta(days=today.weekday())
    return _days(access, monday - timedelta(days=7), monday)


def _month(access: Access) -> tuple[int, int]:
    today = production_day(access, to_us(access.now))
    first = today.replace(day=1)
    return _days(access, (first - timedelta(days=1)).replace(day=1), first)
