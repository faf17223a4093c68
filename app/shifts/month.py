"""What runs on each day: shifts, crews, holidays and exceptions, for a calendar that people read."""

from dataclasses import dataclass
from datetime import date, timedelta

from analytics.errors import InvalidInput
from analytics.timeline import crew_on
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.happenings import pattern
from app.production.plant import plant
from app.production.terms.holidays import holidays_between, special_between
from app.shifts.crews import rotations

MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class ShiftOn:
    """A shift that runs on a day, with the names of its crews. `is_extra`: the pattern does not have it."""

    key: str
    name: str
    crews: tuple[str, ...]
    is_extra: bool


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One date: what runs, what it is called where it is special, and whether it is a holiday."""

    day: date
    shifts: tuple[ShiftOn, ...]
    name: str
    is_holiday: bool
    is_special: bool
    is_closed: bool
    """Nothing runs, though the weekly pattern has shifts (or none are kept at all)."""


def day_plans(access: Access, first: date, last: date) -> list[DayPlan]:
    """The plan of each date from one to another (both included). InvalidInput for too many."""
    access.require(Permission.SEE_PLANT)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InvalidInput.at("last", f"Ask for 1 to {MOST_DAYS} days.")
    known = plant(access)
    special, holidays = special_between(known, first, last), holidays_between(known, first, last)
    patterns, crews = [pattern(row) for row in known.rows.shifts], rotations(known)
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        what = special.get(day)
        running = tuple(
            ShiftOn(
                one.key,
                one.name,
                tuple(crew.name for crew in crew_on(day, one.key, crews)),
                not one.usually_on(day),
            )
            for one in patterns
            if one.starts_on(day, what)
        )
        usual = any(one.starts_on(day) for one in patterns) or not patterns
        is_closed = what is not None and usual and not running and (bool(patterns) or what.is_closed)
        name = what.name if what else ""
        found.append(DayPlan(day, running, name, day in holidays, what is not None, is_closed))
    return found
