"""Where an alarm begins: the limit that keeps a budget of episodes, from scores of held-out normal data."""

from typing import Final

import numpy as np

from analytics.anomaly.frames import Floats

WEEK_US: Final = 7 * 86_400 * 1_000_000
USUAL: Final = 0.9
FARTHEST: Final = 3.0


def usual(statistic: Floats) -> float:
    """The 0.9 quantile of held-out values: the unit in which a statistic is told."""
    return max(float(np.quantile(statistic, USUAL)), 1e-9)


def limit(ratio: Floats, weeks: float, per_week: float, apart: int) -> float:
    """The ratio above which at most `per_week` episodes a week begin in normal data.

    `ratio` are held-out values in time, `weeks` the time they cover, `apart` the rows that part two episodes.
    Peaks over the 0.9 quantile are counted once per episode; the excesses of their squares fall off
    exponentially, as squared distances of Gaussian data do (the peaks-over-threshold method with shape 0;
    Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, 4.2), with the mean taken from
    their median, so that one odd hour in the normal data does not blind the detector. Where the data cover
    the budget, the limit is never below the peaks that the budget leaves out. Where they do not, the limit is
    that of one episode in three times their length: a rarer one cannot be told from them, and a limit
    extrapolated further would rather miss what is wrong than keep a budget that nobody can prove.
    """
    base = usual(ratio)
    peaks = np.sort(_peaks(ratio, base, apart))[::-1]
    if not len(peaks):
        return base * 1.5
    slope = max(float(np.median(peaks**2 - base**2)) / float(np.log(2)), 0.04 * base**2)
    allowed = max(weeks * per_week, 1e-6)
    told = max(allowed, 1 / FARTHEST)
    tail = float(np.sqrt(base**2 + slope * max(float(np.log(len(peaks) / told)), 0.0)))
    if allowed < 1:
        return tail
    spared = int(allowed)
    return max(tail, float(peaks[spared]) * (1 + 1e-9)) if spared < len(peaks) else tail


def _peaks(ratio: Floats, base: float, apart: int) -> Floats:
    above = np.flatnonzero(ratio > base)
    if not len(above):
        return np.empty(0)
    begins = np.flatnonzero(np.diff(above, prepend=above[0] - apart - 1) > apart)
    return np.asarray(np.maximum.reduceat(ratio[above], begins))
