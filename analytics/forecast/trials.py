"""Rolling-origin backtest: what each model would have told at earlier origins, beside what came."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.forecast.axis import Floats, Integers
from analytics.forecast.members import SINGLE, Model, Task

ORIGINS: Final = 40
REFITS: Final = {"boosting": 3, "prophet": 2}
BEST: Final = 3
LEAST_PAST: Final = 3
NAIVE: Final = "seasonal_naive"
MEDIAN: Final = "median"


@dataclass(frozen=True)
class Trials:
    """`actual` and each of `told`: (origins, span), `actual` NaN where nothing was measured; `season`: of the
    naive guess; `scale`: its mean error within the values before the first origin, one season ahead."""

    origins: Integers
    actual: Floats
    told: dict[str, Floats]
    season: int
    scale: float

    def error(self, method: str) -> float:
        """Mean absolute error over all origins and steps."""
        return float(np.nanmean(np.abs(self.told[method] - self.actual)))

    def mase(self, method: str) -> float:
        """The error in units of `scale` (Hyndman and Koehler 2006); 0 of 0 is 0."""
        error = self.error(method)
        return error / self.scale if self.scale > 0 else (0.0 if error == 0 else float("inf"))

    @property
    def ranking(self) -> list[str]:
        """Single models, the best first."""
        return sorted((name for name in self.told if name != MEDIAN), key=self.error)

    @property
    def best(self) -> list[str]:
        """Those of whom the default forecast is the median."""
        return self.ranking[:BEST]


def trials(task: Task, methods: tuple[str, ...]) -> Trials | None:
    """Backtest of the models over the last two fifths of the history; None where that leaves no origin.

    Up to 40 origins, a whole number of days apart where the history allows; boosting and Prophet are fitted
    anew at two or three of them and never know what comes after the origin.
    """
    span = min(task.reach, max(len(task.values) // 3, 1))
    origins = _origins(task, span)
    if not len(origins):
        return None
    targets = origins[:, None] + np.arange(span)
    actual = np.where(task.known[targets], task.values[targets], np.nan)
    if np.isnan(actual).all():
        return None
    season, guess = _naive(task, origins, span, actual)
    told = {NAIVE: guess}
    for method in methods:
        found = None if method == NAIVE else _told(task, method, origins, span)
        if found is not None:
            told[method] = np.maximum(found, task.floor)
    result = Trials(origins, actual, told, season, naive_scale(task.values[: origins[0]], season))
    told[MEDIAN] = np.median([told[name] for name in result.best], axis=0)
    return result


def naive_scale(values: Floats, season: int) -> float:
    """Mean distance of each value from the one a season before it; 0 without such a pair."""
    return float(np.abs(values[season:] - values[:-season]).mean()) if len(values) > season else 0.0


def naive_model(task: Task, season: int) -> Model:
    """The naive guess of a season."""
    return next(model for model in task.naive() if model.season == season)


def _origins(task: Task, span: int) -> Integers:
    count = len(task.values)
    last = count - span
    first = max(-(-count * 3 // 5), LEAST_PAST) if last >= LEAST_PAST else count
    first = min(first, max(last, LEAST_PAST))
    room = last - first
    space = max(-(-room // ORIGINS), 1)
    if 2 <= task.day <= room // 4:
        apart = -(-space // task.day)
        space = (apart + (apart % 7 == 0)) * task.day
    return np.arange(last, first - 1, -space, dtype=np.int64)[:ORIGINS][::-1]


def _naive(task: Task, origins: Integers, span: int, actual: Floats) -> tuple[int, Floats]:
    """The season whose naive guess errs least, and the guess."""
    fitting = [model for model in task.naive() if model.season <= origins[0]]
    guesses = [model.predict(task.values, origins, span) for model in fitting]
    errors = [float(np.nanmean(np.abs(guess - actual))) for guess in guesses]
    best = int(np.argmin(errors))
    return fitting[best].season, guesses[best]


def _told(task: Task, method: str, origins: Integers, span: int) -> Floats | None:
    groups = np.array_split(origins, min(REFITS.get(method, 1), len(origins)))
    parts = []
    for group in groups:
        model = task.fitted(method, int(group[0]))
        if model is None:
            return None
        parts.append(model.predict(task.values, group, span))
    return np.vstack(parts)


def default_methods(task: Task) -> tuple[str, ...]:
    """All models; Prophet only where it learns from the whole history within seconds."""
    return tuple(name for name in SINGLE if name != "prophet" or task.is_affordable)
