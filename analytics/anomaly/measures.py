"""How far a window of rows is from normal, told per channel: the four methods."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from analytics.anomaly.frames import Floats
from analytics.anomaly.rows import product, total

EXPLAINED: Final = 0.9
EWMA_WEIGHT: Final = 0.2


class Measure(Protocol):
    """One method, fitted."""

    @property
    def groups(self) -> int:
        """How many statistics it has."""

    @property
    def is_summed(self) -> bool:
        """Whether a statistic is the sum over the channels (else the largest)."""

    def parts(self, windows: Floats) -> Floats:
        """Squared distances (rows, groups x channels), none negative; newest row of each window first."""


@dataclass(frozen=True)
class Subspace:
    """PCA of lagged windows: Hotelling's T² inside the retained components, Q outside (Jackson and Mudholkar,
    Technometrics 21, 1979; lagged as in Ku, Storer and Georgakis, Chemometrics 30, 1995)."""

    lags: int
    centre: Floats
    components: Floats
    variances: Floats
    groups: int = 2
    is_summed: bool = True

    def parts(self, windows: Floats) -> Floats:
        """T² and Q of each row, split over the channels; the parts of each add up to it.

        T² is split by the squares of the window whitened inside the subspace, Q by the squared residuals.
        """
        apart = windows - self.centre
        scores = product(apart, self.components)
        inside = product(scores / np.sqrt(self.variances), np.ascontiguousarray(self.components.T))
        outside = apart - product(scores, np.ascontiguousarray(self.components.T))
        return np.hstack([self._per_channel(inside), self._per_channel(outside)])

    def _per_channel(self, rows: Floats) -> Floats:
        channels = rows.shape[1] // self.lags
        result = np.zeros((len(rows), channels))
        for lag in range(self.lags):
            part = rows[:, lag * channels : (lag + 1) * channels]
            result += part * part
        return result


def fit_subspace(windows: Floats, lags: int) -> Subspace:
    """The components that explain 90 % of the variance of windows (rows, lags x channels)."""
    centre = windows.mean(axis=0)
    apart = windows - centre
    variances, vectors = np.linalg.eigh(apart.T @ apart / max(len(apart) - 1, 1))
    variances, vectors = np.maximum(variances[::-1], 0.0), vectors[:, ::-1]
    share = np.cumsum(variances) / max(float(variances.sum()), 1e-300)
    kept = min(int(np.searchsorted(share, EXPLAINED)) + 1, max(len(windows) // 10, 1), len(variances))
    floor = 1e-6 * max(float(variances[0]), 1e-12)
    return Subspace(
        lags,
        centre,
        np.ascontiguousarray(vectors[:, :kept]),
        np.maximum(variances[:kept], floor),
    )


@dataclass(frozen=True)
class EachChannel:
    """Every channel for itself: its squared distance in units of its spread."""

    centre: Floats
    spread: Floats
    groups: int = 1
    is_summed: bool = False

    def parts(self, windows: Floats) -> Floats:
        """Squared z values (rows, channels)."""
        apart = (windows - self.centre) / self.spread
        return np.asarray(apart * apart)


def fit_each_channel(rows: Floats) -> EachChannel:
    """Median, and spread as 1.4826 x the median absolute deviation (the standard deviation where that is
    0)."""
    centre = np.median(rows, axis=0)
    spread = 1.4826 * np.median(np.abs(rows - centre), axis=0)
    deviation = np.maximum(rows.std(axis=0), 1e-9)
    return EachChannel(centre, np.where(spread > 1e-3 * deviation, spread, deviation))


@dataclass(frozen=True)
class Forest:
    """An isolation forest (Liu, Ting and Zhou, 2008) over single rows."""

    model: Any
    centre: Floats
    groups: int = 1
    is_summed: bool = True

    def decision(self, rows: Floats) -> Floats:
        """The forest's decision function: below 0 is an outlier."""
        return np.asarray(self.model.decision_function(rows), dtype=np.float64)

    def parts(self, windows: Floats) -> Floats:
        """The squared score (0.5 - decision), split by how much it falls when a channel is put to its
        median."""
        score = 0.5 - self.decision(windows)
        relief = np.empty_like(windows)
        for channel in range(windows.shape[1]):
            tried = windows.copy()
            tried[:, channel] = self.centre[channel]
            relief[:, channel] = np.maximum(score - (0.5 - self.decision(tried)), 0.0) + 1e-9
        return np.asarray(relief / total(relief)[:, None] * (score * score)[:, None])


def fit_forest(rows: Floats) -> Forest:
    """The isolation forest with random_state 42, as Steel Factory fits it."""
    from sklearn.ensemble import IsolationForest

    model = IsolationForest(random_state=42).fit(rows)
    return Forest(model, np.median(rows, axis=0))


SEVERITY_HIGH: Final = -0.25


def severity(decision: Floats) -> list[str]:
    """`high` below -0.25, `medium` below 0, else `low`, of the forest's decision values.

    >>> severity(np.array([-0.3, -0.25, -0.1, 0.0]))
    ['high', 'medium', 'medium', 'low']
    """
    return ["high" if value < SEVERITY_HIGH else "medium" if value < 0 else "low" for value in decision]
