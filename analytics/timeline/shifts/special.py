"""Days that the weekly pattern does not tell: holidays, closures, extra shifts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class DayException:
    """What people said about one date. `shifts` are keys; empty means all of them.

    Closed: these shifts do not run. Open with shifts: these run, also where their weekdays and cycle say no.
    Open without: the date is worked as its pattern says, though it is a holiday.
    """

    day: date
    is_open: bool
    shifts: frozenset[str] = NOTHING
    name: str = ""


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """What is different on one date: nothing usual runs (`is_closed`), some shifts do not, others do."""

    name: str = ""
    is_closed: bool = False
    without: frozenset[str] = field(default=NOTHING)
    extra: frozenset[str] = field(default=NOTHING)

    def runs(self, key: str, usually: bool) -> bool:
        """Does the shift run on this date, which it usually does or does not?"""
        return key in self.extra or (usually and not self.is_closed and key not in self.without)


def special_days(
    holidays: Mapping[date, str], exceptions: Iterable[DayException] = ()
) -> dict[date, SpecialDay]:
    """Which dates are special, and how? An exception wins over the holiday of its date.

    A holiday closes its date. Where a date has several exceptions, what is opened wins over what is closed.
    A holiday that is worked as usual keeps its name.

    >>> days = special_days({date(2026, 5, 1): "Labour Day"},
    ...                     [DayException(date(2026, 5, 1), True, frozenset({"early"}))])
    >>> day = days[date(2026, 5, 1)]
    >>> day.runs("early", True), day.runs("late", True)
    (True, False)
    """
    found = {day: SpecialDay(name, is_closed=True) for day, name in holidays.items()}
    for one in sorted(exceptions, key=lambda one: (one.day, one.is_open, one.name)):
        found[one.day] = _changed(found.get(one.day, SpecialDay()), one)
    return found


def _changed(day: SpecialDay, one: DayException) -> SpecialDay:
    name = one.name or day.name
    if one.is_open and one.shifts:
        return replace(day, name=name, without=day.without - one.shifts, extra=day.extra | one.shifts)
    if one.is_open:
        return replace(day, name=name, is_closed=False, without=NOTHING)
    if one.shifts:
        return replace(day, name=name, without=day.without | one.shifts)
    return replace(day, name=name, is_closed=True)
