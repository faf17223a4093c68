"""When planned work is due, by the calendar and by running hours."""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from analytics.errors import InvalidInput

FARTHEST_DAYS: Final = 3_660
"""A forecast beyond ten years says nothing."""


class Unit(StrEnum):
    """What a plan counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    HOUR = "hour"
    """Hours that the machine ran."""


UNITS: Final = tuple(unit.value for unit in Unit)


class Standing(StrEnum):
    """How a piece of work stands against its date."""

    OVERDUE = "overdue"
    DUE = "due"
    LATER = "later"
    UNKNOWN = "unknown"
    """Nobody can say when: the machine does not run."""


def next_due(last: date, every: int, unit: Unit) -> date:
    """The date on which work that was last done on `last` is due again by the calendar.

    A month that is too short gives its last day: monthly from 31 January is due on 28 February. Errors:
    InvalidInput for less than 1, and for running hours, which no calendar knows.

    >>> next_due(date(2026, 1, 31), 1, Unit.MONTH), next_due(date(2026, 1, 31), 2, Unit.WEEK)
    (datetime.date(2026, 2, 28), datetime.date(2026, 2, 14))
    """
    if every < 1 or unit is Unit.HOUR:
        raise InvalidInput.at("every", "Give a whole number of days, weeks or months from 1 on.")
    if unit is Unit.MONTH:
        months = last.year * 12 + last.month - 1 + every
        year, month = divmod(months, 12)
        return date(year, month + 1, min(last.day, monthrange(year, month + 1)[1]))
    return last + timedelta(days=every * (7 if unit is Unit.WEEK else 1))


def forecast(today: date, remaining_h: float, run_h_per_day: float) -> date | None:
    """The date on which so many more hours will have been run, at a pace in hours per calendar day.

    Today where none remain; None where the machine does not run, or not within ten years.

    >>> forecast(date(2026, 3, 1), 50.0, 20.0), forecast(date(2026, 3, 1), 50.0, 0.0)
    (datetime.date(2026, 3, 3), None)
    """
    if remaining_h <= 0:
        return today
    if run_h_per_day <= 0 or remaining_h / run_h_per_day > FARTHEST_DAYS:
        return None
    return today + timedelta(days=int(remaining_h / run_h_per_day))


def standing(today: date, due: date | None, lead_days: int = 7) -> Standing:
    """Is work overdue (its date has passed), due (today or within the lead), or later?

    >>> [standing(date(2026, 3, 10), date(2026, 3, day)).value for day in (9, 10, 17, 18)]
    ['overdue', 'due', 'due', 'later']
    """
    if due is None:
        return Standing.UNKNOWN
    if due < today:
        return Standing.OVERDUE
    return Standing.DUE if (due - today).days <= lead_days else Standing.LATER
