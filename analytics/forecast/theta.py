"""Theta: the mean of a line through the history and of simple exponential smoothing, season taken out."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.forecast.axis import Floats, Integers

WEIGHTS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
SEASONS_USED: Final = 8
SEASONLESS_USED: Final = 2_000
SIGNIFICANT: Final = 1.645


@dataclass(frozen=True)
class Theta:
    """Assimakopoulos and Nikolopoulos (2000), in the form of Hyndman and Billah (2003): exponential smoothing
    with half of the slope of the line as drift. `season` 1: none."""

    season: int

    def predict(self, values: Floats, origins: Integers, horizon: int) -> Floats:
        """(origins, horizon): the continuation of the last eight seasons (2,000 values without one)."""
        return np.vstack([self._from(values[:origin], horizon) for origin in origins.tolist()])

    def _from(self, past: Floats, horizon: int) -> Floats:
        has_season = self.season > 1 and len(past) >= 2 * self.season
        used = past[-SEASONS_USED * self.season if has_season else -SEASONLESS_USED :]
        season = self.season if has_season and _is_seasonal(used, self.season) else 1
        is_ratio = bool(used.min() > 0)
        shape = _shape(used, season, is_ratio)
        repeated = np.resize(shape, len(used) + horizon)
        rest = used / repeated[: len(used)] if is_ratio else used - repeated[: len(used)]
        told = _continued(rest, horizon)
        ahead = repeated[len(used) :]
        return np.asarray(told * ahead if is_ratio else told + ahead)


def _is_seasonal(values: Floats, season: int) -> bool:
    """Whether the autocorrelation at the season exceeds its 90 % bound (Bartlett)."""
    apart = values - values.mean()
    power = np.abs(np.fft.rfft(apart, 2 * len(apart))) ** 2
    sums = np.fft.irfft(power)[: season + 1]
    if not sums[0] > 0:
        return False
    shares = sums / sums[0]
    bound = SIGNIFICANT * np.sqrt((1 + 2 * float((shares[1:season] ** 2).sum())) / len(values))
    return bool(abs(shares[season]) > bound)


def _shape(values: Floats, season: int, is_ratio: bool) -> Floats:
    """The mean distance (or ratio) of each phase from the centred moving average, in phase with the first
    value."""
    if season == 1:
        return np.ones(1) if is_ratio else np.zeros(1)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    plain = (sums[season:] - sums[:-season]) / season
    centred = plain if season % 2 else (plain[1:] + plain[:-1]) / 2
    begin = season // 2
    middle = values[begin : begin + len(centred)]
    apart = middle / centred if is_ratio else middle - centred
    phase = (begin + np.arange(len(apart))) % season
    count = np.maximum(np.bincount(phase, minlength=season), 1)
    means = np.bincount(phase, weights=apart, minlength=season) / count
    return np.asarray(np.maximum(means / means.mean(), 1e-3) if is_ratio else means - means.mean())


def _continued(values: Floats, horizon: int) -> Floats:
    """Smoothing with the weight that errs least one step ahead, and half of the line's slope."""
    from scipy.signal import lfilter

    count = len(values)
    time = np.arange(count) - (count - 1) / 2
    slope = float(time @ values) / float(time @ time) if count > 1 else 0.0
    best, level, chosen = np.inf, float(values[-1]), 1.0
    for weight in WEIGHTS:
        start = (1 - weight) * values[:1]
        smooth = lfilter([weight], [1.0, weight - 1.0], values, zi=start)[0]
        error = float(np.abs(values[1:] - smooth[:-1]).mean()) if count > 1 else 0.0
        if error < best * (1 - 1e-12):
            best, level, chosen = error, float(smooth[-1]), weight
    late = (1 - (1 - chosen) ** count) / chosen
    return np.asarray(level + slope / 2 * (np.arange(horizon) + late))
