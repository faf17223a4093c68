"""Gradient boosting on lags: one model for all steps ahead, told as distance from the recent level."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from analytics.forecast.axis import Booleans, Floats, Integers
from analytics.forecast.days import Days
from analytics.forecast.naive import last_seen

ROWS: Final = 16_000
LEAST_ROWS: Final = 200
TREES: Final = 100
BACK: Final = 4
A_YEAR_ROUND: Final = 400
GOLDEN: Final = 0.6180339887498949


@dataclass(frozen=True)
class Boosting:
    """`seasons`: steps whose lags are features; `level`: steps that make the recent level and spread;
    `span`: the steps ahead that it learned."""

    model: Any
    seasons: tuple[int, ...]
    level: int
    span: int
    has_year: bool
    calendar: Days

    def predict(self, values: Floats, origins: Integers, horizon: int) -> Floats:
        """(origins, horizon): what the trees make of the slots before each origin."""
        from threadpoolctl import threadpool_limits

        starts = np.repeat(origins, horizon)
        targets = starts + np.tile(np.arange(horizon), len(origins))
        matrix, level, spread = _features(values, starts, targets, self)
        with threadpool_limits(limits=1):
            told = self.model.predict(matrix)
        return np.asarray((told * spread + level).reshape(len(origins), horizon))


def boosting(
    values: Floats, known: Booleans, horizon: int, seasons: tuple[int, ...], calendar: Days
) -> Boosting | None:
    """Trees that learned from all of `values`; None where these are too few or do not vary."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    quarter = len(values) // 4
    level = max([season for season in seasons if season <= quarter], default=min(8, quarter))
    has_year = bool(calendar.day[len(values) - 1] - calendar.day[0] > A_YEAR_ROUND)
    shape = Boosting(None, seasons, level, horizon, has_year, calendar)
    origins, targets = _examples(known, level, horizon)
    if len(origins) < LEAST_ROWS or np.ptp(values) == 0:
        return None
    matrix, base, spread = _features(values, origins, targets, shape)
    aim = np.clip((values[targets] - base) / spread, -50, 50)
    model = HistGradientBoostingRegressor(
        loss="absolute_error", max_iter=TREES, learning_rate=0.07, max_leaf_nodes=12,
        min_samples_leaf=int(np.clip(len(aim) // 100, 10, 100)), l2_regularization=1.0, early_stopping=False,
        random_state=42,
    )  # fmt: skip
    with threadpool_limits(limits=1):
        model.fit(matrix, aim)
    return replace(shape, model=model)


def _examples(known: Booleans, level: int, horizon: int) -> tuple[Integers, Integers]:
    """Pairs of an origin and a later slot, spread evenly over the history and over the steps ahead."""
    count = len(known)
    room = max(count - level, 0)
    pairs = min(ROWS, room * min(horizon, 24))
    at = np.arange(pairs, dtype=np.int64)
    origins = level + (at * room) // max(pairs, 1)
    targets = origins + np.floor(((at * GOLDEN) % 1) * horizon).astype(np.int64)
    is_inside = targets < count
    is_inside[is_inside] = known[targets[is_inside]]
    return origins[is_inside], targets[is_inside]


def _features(
    values: Floats, origins: Integers, targets: Integers, shape: Boosting
) -> tuple[Floats, Floats, Floats]:
    """The features of each pair, and the level and spread before its origin.

    Steps ahead; time of day, weekday, holiday, time of year (where it came round); the same phase in the last
    four of each season, the first one's neighbours, the median of the four; the last values and the means
    before the origin. All values are distances from the level in units of the spread.
    """
    level, spread = _scale(values, origins, shape.level)
    calendar = shape.calendar
    columns = [(targets - origins) / shape.span]
    if shape.seasons:
        columns += [calendar.part[targets], calendar.weekday[targets].astype(np.float64)]
        columns.append(calendar.is_holiday[targets].astype(np.float64))
        if shape.has_year:
            columns.append(calendar.year_part[targets])
    sums = np.concatenate([[0.0], np.cumsum(values - values[0])])
    for season in shape.seasons:
        columns += _seasonal(values, origins, targets, season, level, spread)
        columns.append((_mean(sums, origins, season) + values[0] - level) / spread)
    columns += [(values[np.maximum(origins - back, 0)] - level) / spread for back in (1, 2, 3)]
    columns.append((_mean(sums, origins, max(shape.level // 28, 4)) + values[0] - level) / spread)
    earlier = _mean(sums, np.maximum(origins - shape.level, 1), shape.level) + values[0]
    columns.append((earlier - level) / spread)
    return np.column_stack(columns), level, spread


def _seasonal(
    values: Floats, origins: Integers, targets: Integers, season: int, level: Floats, spread: Floats
) -> list[Floats]:
    found: list[Floats] = []
    for back in range(1, BACK + 1):
        at = last_seen(targets, origins, season, back)
        else_told = found[-1] if found else np.zeros(len(at))
        found.append(np.where(at >= 0, (values[np.maximum(at, 0)] - level) / spread, else_told))
    at = last_seen(targets, origins, season, 1)
    around = [values[np.clip(at + shift, 0, origins - 1)] for shift in (-2, -1, 1, 2)]
    near = (np.mean(around, axis=0) - level) / spread
    middle = np.median(found, axis=0)
    return [*found, near, middle]


def _scale(values: Floats, origins: Integers, length: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the `length` values before each origin; the deviation is at least a
    twentieth of that of all values before the origin."""
    apart = values - values[0]
    sums = np.concatenate([[0.0], np.cumsum(apart)])
    squares = np.concatenate([[0.0], np.cumsum(apart**2)])
    mean = _mean(sums, origins, length)
    spread = np.sqrt(np.maximum(_mean(squares, origins, length) - mean**2, 0.0))
    before = np.sqrt(np.maximum(_mean(squares, origins, 1 << 40) - _mean(sums, origins, 1 << 40) ** 2, 0.0))
    least = np.maximum(0.05 * before, 1e-9 * np.maximum(np.abs(mean + values[0]), 1e-9))
    return mean + values[0], np.maximum(spread, least)


def _mean(sums: Floats, ends: Integers, length: int) -> Floats:
    begins = np.maximum(ends - length, 0)
    return np.asarray((sums[ends] - sums[begins]) / np.maximum(ends - begins, 1))
