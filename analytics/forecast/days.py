"""What the calendar says of each slot: season lengths, time of day, weekday, holiday."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.errors import InvalidInput
from analytics.forecast.axis import DAY_US, Axis, Booleans, Floats, Integers

DETECTED: Final = 0.5
SUNDAY: Final = 6


@dataclass(frozen=True)
class Days:
    """Per slot: `day` (days since 1970), `part` (share of the day passed), `weekday` (0 is Monday),
    `is_holiday`, `year_part` (share of the year passed)."""

    day: Integers
    part: Floats
    weekday: Integers
    is_holiday: Booleans
    year_part: Floats

    @property
    def is_rest(self) -> Booleans:
        """Sundays and holidays."""
        return np.asarray(self.is_holiday | (self.weekday == SUNDAY))


def days(axis: Axis, slots: int, country: str | None) -> Days:
    """The calendar of slots 0 to `slots` - 1.

    `country`: a code of two letters (ISO 3166), or with a subdivision (`DE-BY`), for its public holidays.
    Raises `InvalidInput` for a country whose holidays are not known.
    """
    wall = axis.wall(np.arange(slots, dtype=np.int64))
    wall_us = np.asarray(wall.as_unit("us").asi8, dtype=np.int64)
    day = wall_us // DAY_US
    years = range(int(wall.year.min()), int(wall.year.max()) + 1)
    free = _holidays(country, years) if country is not None else np.empty(0, dtype=np.int64)
    is_daily = not axis.months and axis.step_us <= DAY_US
    return Days(
        day=day,
        part=(wall_us % DAY_US) / DAY_US,
        weekday=np.asarray(wall.day_of_week, dtype=np.int64),
        is_holiday=np.isin(day, free) & is_daily,
        year_part=(np.asarray(wall.day_of_year, dtype=np.float64) - 1) / 366,
    )


def _holidays(country: str, years: range) -> Integers:
    from holidays import country_holidays

    code, _, part = country.partition("-")
    try:
        found = country_holidays(code, subdiv=part or None, years=years)
    except (NotImplementedError, KeyError) as error:
        raise InvalidInput.at("country", f"The holidays of '{country}' are not known.") from error
    return np.array(sorted(date.toordinal() - 719_163 for date in found), dtype=np.int64)


def seasons(axis: Axis, values: Floats) -> tuple[int, ...]:
    """Steps after which the series may repeat, ascending: those of the calendar that the history holds twice,
    and one that its autocorrelation shows (a peak of at least 0.5)."""
    if axis.months:
        known = [12 // axis.months]
    elif axis.step_us > DAY_US:
        known = [round(364 * DAY_US / axis.step_us)]
    else:
        known = [round(days * DAY_US / axis.step_us) for days in (1, 7)]
        known += [364] if axis.step_us == DAY_US else []
    fitting = {steps for steps in known if 2 <= steps <= len(values) // 2}
    own = _repeating(values)
    if own and not any(
        abs(own - steps * round(own / steps)) <= 0.02 * own for steps in fitting if own >= steps
    ):
        fitting.add(own)
    return tuple(sorted(fitting))


def _repeating(values: Floats) -> int:
    """The lag of the first clear peak of the autocorrelation within a third of the series, or 0."""
    count = len(values)
    if count < 12 or np.ptp(values) == 0:
        return 0
    time = np.linspace(-1, 1, count)
    apart = values - values.mean()
    apart = apart - time * (apart @ time) / (time @ time)
    power = np.abs(np.fft.rfft(apart, 2 * count)) ** 2
    shape = np.fft.irfft(power)[: count // 3 + 1]
    if not shape[0] > 0:
        return 0
    shape = shape / shape[0] * count / (count - np.arange(len(shape)))
    below = np.flatnonzero(shape < 0)
    if not len(below):
        return 0
    rest = shape[below[0] :]
    peak = int(rest.argmax()) + int(below[0])
    return peak if peak >= 4 and shape[peak] >= DETECTED else 0
