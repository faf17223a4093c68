"""Conformal intervals: how far the backtest was off, by step ahead, time of day and kind of day."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analytics.forecast.axis import Floats, Integers
from analytics.forecast.members import Task
from analytics.forecast.trials import Trials

PARTS_OF_DAY: Final = 24
PRIOR: Final = 10.0
LEAST_SHARE: Final = 0.02
HALF_LIFE: Final = 10.0


@dataclass(frozen=True)
class Spread:
    """`sizes`: usual error of each step ahead; `ratios`: sorted errors in units of it, with their `weights`;
    `origins`: how many origins they come from."""

    sizes: Floats
    ratios: Floats
    weights: Floats
    origins: int

    def bounds(self, level: float) -> tuple[Floats, Floats]:
        """Distances below and above the forecast (<= 0, >= 0) that hold the share `level` of the errors,
        widened as Student's t is over the normal distribution for few origins."""
        from scipy.stats import norm, t

        tail = (1 - level) / 2
        wider = float(t.ppf(1 - tail, max(self.origins - 1, 1)) / norm.ppf(1 - tail))
        shares = (np.cumsum(self.weights) - self.weights / 2) / self.weights.sum()
        low, high = np.interp([tail, 1 - tail], shares, self.ratios)
        return min(float(low), 0.0) * wider * self.sizes, max(float(high), 0.0) * wider * self.sizes


def spread(task: Task, trials: Trials, method: str) -> Spread:
    """The spread of a model's errors over the slots after the history (split conformal prediction with
    normalised residuals; Lei et al. 2018, section 5.2).

    The size of an error is the product of a factor for the part of the day and the kind of day (shrunk to the
    mean where few errors are known) and one for the step ahead. Beyond the steps of the backtest it grows
    with the square root of the steps. Later origins weigh more, half as much 10 origins before (Barber et
    al., Conformal prediction beyond exchangeability, 2023), because the spread of a plant's load changes.
    """
    errors = trials.actual - trials.told[method]
    count, span = len(task.values), errors.shape[1]
    group = _groups(task)
    known = ~np.isnan(errors)
    if not np.abs(errors[known]).any():
        return Spread(np.zeros(task.reach), np.zeros(1), np.ones(1), len(errors))
    age = np.arange(len(errors))[::-1][:, None] + np.zeros(span)
    weights = 0.5 ** (age[known] / HALF_LIFE)
    own = group[(trials.origins[:, None] + np.arange(span))[known]]
    by_group = _by_group(np.abs(errors[known]), own, weights, int(group.max()) + 1)
    steps = np.tile(np.arange(span), (len(errors), 1))[known]
    by_step = _by_step(np.abs(errors[known]) / by_group[own], steps, span)
    ratios = errors[known] / by_group[own] / by_step[steps]
    order = np.argsort(ratios, kind="stable")
    ahead = np.arange(task.reach)
    growth = by_step[np.minimum(ahead, span - 1)] * np.sqrt(np.maximum((ahead + 1) / span, 1.0))
    return Spread(by_group[group[count:]] * growth, ratios[order], weights[order], len(errors))


def _by_group(sizes: Floats, own: Integers, weights: Floats, total: int) -> Floats:
    """The weighted mean size of each group's errors, shrunk to the mean of all as if ten of them were its."""
    mean = float(sizes @ weights / weights.sum())
    sums = np.bincount(own, weights=sizes * weights, minlength=total) + PRIOR * mean
    found = sums / (np.bincount(own, weights=weights, minlength=total) + PRIOR)
    return np.maximum(found, LEAST_SHARE * mean)


def rough_spread(task: Task) -> Spread:
    """The spread of a history too short to be tested: steps of the values, growing with the square root."""
    sizes = np.abs(np.diff(task.values))
    mean = float(sizes.mean()) if len(sizes) else 0.0
    growth = np.sqrt(np.arange(task.reach) + 1.0)
    return Spread(mean * growth, np.array([-2.0, 2.0]), np.ones(2), max(len(sizes), 2))


def _groups(task: Task) -> Integers:
    calendar = task.calendar
    if not task.day:
        return np.zeros(len(calendar.day), dtype=np.int64)
    if task.day == 1:
        return np.where(calendar.is_holiday, 6, calendar.weekday)
    part = np.floor(calendar.part * PARTS_OF_DAY + 1e-9).astype(np.int64)
    is_weekend = (calendar.weekday >= 5) | calendar.is_holiday
    return np.asarray(part + PARTS_OF_DAY * is_weekend)


def _by_step(sizes: Floats, steps: Integers, span: int) -> Floats:
    """The mean size of each step ahead, over a quarter of the steps around it."""
    width = max(span // 8, 0)
    sums = np.concatenate([[0.0], np.cumsum(np.bincount(steps, weights=sizes, minlength=span))])
    counts = np.concatenate([[0.0], np.cumsum(np.bincount(steps, minlength=span).astype(np.float64))])
    at = np.arange(span)
    low, high = np.maximum(at - width, 0), np.minimum(at + width + 1, span)
    found = counts[high] - counts[low]
    whole: Any = sums[-1] / counts[-1]
    return np.asarray(np.maximum((sums[high] - sums[low] + whole) / (found + 1), 1e-6 * whole))
