"""The hour-of-week profile: the median of the same slot in the last weeks, with a holiday rule."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.forecast.axis import Floats, Integers
from analytics.forecast.days import SUNDAY, Days
from analytics.forecast.naive import last_seen

WEEKS: Final = 10
HALF_LIFE: Final = 6.0
REST_DAYS: Final = 8
HOLIDAYS: Final = 4
SMOOTHED_SHARE: Final = 0.02


@dataclass(frozen=True)
class Profile:
    """`season`: steps after which the profile repeats; `day`: steps of a day (0: no holiday rule);
    `width`: slots to either side that count as well, half."""

    season: int
    day: int
    width: int
    calendar: Days

    def predict(self, values: Floats, origins: Integers, horizon: int) -> Floats:
        """(origins, horizon): weighted medians of the slots before each origin."""
        result = np.empty((len(origins), horizon))
        for row, origin in enumerate(origins.tolist()):
            result[row] = self._from(values, origin, horizon)
        return result

    def _from(self, values: Floats, origin: int, horizon: int) -> Floats:
        targets = np.arange(origin, origin + horizon)
        weeks = np.arange(1, WEEKS + 1)[:, None]
        lags = last_seen(targets[None, :], np.full(1, origin), self.season, weeks)
        weights = np.where(lags >= 0, 0.5 ** (weeks / HALF_LIFE), 0.0)
        if self.day:
            is_off = self.calendar.is_holiday[np.maximum(lags, 0)]
            weights = np.where(is_off, weights * 1e-6, weights)
        told = self._median(values, lags, weights, origin)
        free = np.flatnonzero(self.calendar.is_holiday[targets] & (self.day > 0))
        if not len(free) or not self._rests(values, origin):
            return told
        return self._rested(values, told, targets, free, origin)

    def _rests(self, values: Floats, origin: int) -> bool:
        """Whether the last four holidays were more like the Sunday before than like the same weekday."""
        calendar = self.calendar
        own = np.flatnonzero(calendar.is_holiday[:origin] & (calendar.weekday[:origin] != SUNDAY))
        own = own[np.isin(calendar.day[own], np.unique(calendar.day[own])[-HOLIDAYS:])]
        sunday = own - (calendar.weekday[own] + 1) * self.day
        own, sunday = own[sunday >= 7 * self.day], sunday[sunday >= 7 * self.day]
        usual = np.abs(values[own] - values[own - 7 * self.day]).sum()
        return bool(np.abs(values[own] - values[sunday]).sum() <= usual)

    def _rested(self, values: Floats, told: Floats, targets: Integers, free: Integers, origin: int) -> Floats:
        """The targets of holidays by the last Sundays and holidays."""
        rest = np.flatnonzero(self.calendar.is_rest[: max(origin, 1)])
        past = np.unique(self.calendar.day[rest])[::-1][:REST_DAYS]
        if not len(past):
            return told
        rested = self._as_rest(values, targets[free], past, origin)
        result = told.copy()
        result[free] = np.where(np.isnan(rested), told[free], rested)
        return result

    def _as_rest(self, values: Floats, targets: Integers, past: Integers, origin: int) -> Floats:
        """The median of the same time of day on the days `past`, holidays twice; NaN without any."""
        lags = targets[None, :] - (self.calendar.day[targets][None, :] - past[:, None]) * self.day
        is_free = self.calendar.is_holiday[np.clip(lags, 0, origin - 1)]
        weights = np.where((lags >= 0) & (lags < origin), np.where(is_free, 2.0, 1.0), 0.0)
        return np.where(weights.sum(axis=0) > 0, self._median(values, lags, weights, origin), np.nan)

    def _median(self, values: Floats, lags: Integers, weights: Floats, origin: int) -> Floats:
        shifts = range(-self.width, self.width + 1)
        taken = [values[np.clip(lags + shift, 0, origin - 1)] for shift in shifts]
        heavy = [weights * (1.0 if shift == 0 else 0.5) for shift in shifts]
        return weighted_median(np.vstack(taken), np.vstack(heavy))


def weighted_median(values: Floats, weights: Floats) -> Floats:
    """Per column: the mean of the two values at which half of the weight is reached from either side."""
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    sums = np.cumsum(np.take_along_axis(weights, order, axis=0), axis=0)
    half = sums[-1] / 2
    low = (sums >= half * (1 - 1e-12)).argmax(axis=0)
    high = (sums > half * (1 + 1e-12)).argmax(axis=0)
    columns = np.arange(values.shape[1])
    return np.asarray((ordered[low, columns] + ordered[high, columns]) / 2)


def profile(season: int, day: int, calendar: Days) -> Profile:
    """A profile over `season` steps; below half an hour the neighbours count as well."""
    width = max(round(SMOOTHED_SHARE * day), 0) if day else 0
    return Profile(season, day, min(width, 3), calendar)
