"""When something that is done again and again is due, by the clock of a factory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from analytics.errors import InvalidInput

HOURLY: Final = "hourly"
DAILY: Final = "daily"
WEEKLY: Final = "weekly"
MONTHLY: Final = "monthly"
SHIFTLY: Final = "shiftly"
RHYTHMS: Final = (HOURLY, DAILY, WEEKLY, MONTHLY, SHIFTLY)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When it is due: `weekday` 0 is Monday (weekly); monthly is the first day of the month.

    `at_min` is the minute of the hour (hourly), of the day, or after the end of each shift (shiftly).
    """

    every: Literal["hourly", "daily", "weekly", "monthly", "shiftly"]
    at_min: int
    weekday: int = 0

    def __post_init__(self) -> None:
        """InvalidInput for what no clock shows."""
        most = 60 if self.every in (HOURLY, SHIFTLY) else 1_440
        if self.every not in RHYTHMS:
            raise InvalidInput.at("rhythm", f"A rhythm is one of {', '.join(RHYTHMS)}.")
        if not 0 <= self.at_min < most:
            raise InvalidInput.at("at_min", f"The minute is 0 to {most - 1}.")
        if not 0 <= self.weekday < 7:
            raise InvalidInput.at("weekday", "The weekday is 0 (Monday) to 6 (Sunday).")

    def said(self) -> str:
        """The rhythm in words.

        >>> Rhythm("weekly", 390, 4).said()
        'Fridays at 06:30'
        """
        if self.every == HOURLY:
            return f"every hour at :{self.at_min:02d}"
        if self.every == SHIFTLY:
            return f"{self.at_min} min after each shift"
        clock = f"{self.at_min // 60:02d}:{self.at_min % 60:02d}"
        days = {DAILY: "daily", MONTHLY: "on the first of each month"}
        return f"{days.get(self.every, f'{WEEKDAYS[self.weekday]}s')} at {clock}"

    def after(self, moment: datetime, zone: ZoneInfo, shift_ends: Sequence[datetime] = ()) -> datetime:
        """The first time after `moment` at which it is due, in UTC.

        A time of day that the clocks skip is due when they have jumped (02:30 at 03:30); one that they show
        twice is due the first time. An hourly one is due once in each hour that passes. A shiftly one takes
        the first of `shift_ends` that fits, and looks again a day later where there is none.

        >>> berlin = ZoneInfo("Europe/Berlin")
        >>> Rhythm("daily", 150).after(datetime(2026, 3, 28, 12, tzinfo=UTC), berlin).isoformat()
        '2026-03-29T01:30:00+00:00'
        """
        if self.every == HOURLY:
            return _next_hour(moment, self.at_min, zone)
        if self.every == SHIFTLY:
            ends = (end + timedelta(minutes=self.at_min) for end in sorted(shift_ends))
            return next((one for one in ends if one > moment), moment + timedelta(days=1))
        day = moment.astimezone(zone).date() - timedelta(days=1)
        while True:
            due = datetime.combine(day, time(self.at_min // 60, self.at_min % 60), zone).astimezone(UTC)
            if due > moment and self._is_on(day):
                return due
            day += timedelta(days=1)

    def _is_on(self, day: date) -> bool:
        if self.every == MONTHLY:
            return day.day == 1
        return self.every == DAILY or day.weekday() == self.weekday


def _next_hour(moment: datetime, at_min: int, zone: ZoneInfo) -> datetime:
    due = moment.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    while (wait := (at_min - due.astimezone(zone).minute) % 60) > 0:
        due += timedelta(minutes=wait)
    return due
