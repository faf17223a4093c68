"""How long each unit has left, learned from units that ran until they failed."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.errors import FieldProblem, InvalidInput
from analytics.failure.features import Floats

MINIMUM_UNITS: Final = 4
MINIMUM_ROWS: Final = 50
SEED: Final = 42
CAP: Final = 0.6
FOLDS: Final = 3
BANDS: Final = 3
EDGES: Final = (0.1, 0.9)
SHORTEST, LONGEST = 4, 30


@dataclass(frozen=True)
class LifeModel:
    """Says the remaining life; made by `analytics.failure.fit_remaining_life`.

    `cap`: no more than this is ever told, because a unit that is new shows nothing yet; `error` and
    `naive_error`: root mean squared error, in the unit of time, over all rows of units that were not learned
    from, of the model and of the mean of the others; `window`: rows; `naive`: the mean of the capped lives,
    what the naive rule tells; `cuts` and `bands`: between which told lives which errors lay, lower and upper.
    """

    unit: str
    time: str
    signals: tuple[str, ...]
    window: int
    cap: float
    fallback: Floats
    members: tuple[Any, ...]
    error: float
    naive_error: float
    naive: float
    cuts: Floats
    bands: Floats

    def interval(self, runs: pd.DataFrame) -> pd.DataFrame:
        """Between what lies the remaining life of each unit? Columns remaining_life, lower, upper; rows as
        `predict`.

        Eight of ten rows of units that were not learned from lay inside bands of this width, which is told
        apart for short, middle and long lives. Both ends lie within 0 and `cap`. Raises as `predict`.
        """
        told = self.predict(runs)
        beside = self.bands[np.searchsorted(self.cuts, told.to_numpy())]
        ends = np.clip(told.to_numpy()[:, None] + beside, 0.0, self.cap)
        return pd.DataFrame({"remaining_life": told, "lower": ends[:, 0], "upper": ends[:, 1]})

    def predict(self, runs: pd.DataFrame) -> "pd.Series[float]":
        """The remaining life of each unit at its last row, in the units of `time` (hours where it holds
        times).

        The index holds the units in ascending order. A unit with a single row has an answer too; missing
        values take the unit's last known one, then the median of the histories. Raises `InvalidInput` for
        other columns.
        """
        table = _ordered(runs, self.unit, self.time, self.signals)
        if not len(table.times):
            return pd.Series(np.empty(0), name="remaining_life")
        last = np.append(np.flatnonzero(np.diff(table.codes)), len(table.codes) - 1)
        matrix = _matrix(table, self.window, self.fallback)[last]
        told = np.clip(_told(self.members, matrix), 0.0, self.cap)
        return pd.Series(told, index=pd.Index(table.units, name=self.unit), name="remaining_life")


@dataclass(frozen=True)
class _Table:
    units: list[Any]
    codes: np.ndarray[Any, np.dtype[np.int64]]
    times: Floats
    values: Floats


def fit_remaining_life(runs: pd.DataFrame, unit: str, time: str) -> LifeModel:
    """A model of the remaining life from run-to-failure histories: the last row of each unit is its failure.

    `unit` and `time` name columns (numbers, or times, which count in hours); all other columns are signals
    and must be numeric. Features are level, slope, spread and change since the beginning, over rolling
    windows of a tenth of a usual life (4 to 30 rows), and the age. The target is capped at 0.6 of the median
    life (piecewise linear, as in Heimes, PHM 2008). The model is the mean of extremely randomised trees and
    gradient boosting. Raises `InvalidInput` below 4 units or 50 rows, for columns that are missing or not
    numeric, and if no signal varies.
    """
    names = tuple(str(name) for name in runs.columns if str(name) not in (unit, time))
    table = _ordered(runs, unit, time, names)
    lives = np.bincount(table.codes, minlength=0)
    if len(table.units) < MINIMUM_UNITS or len(table.times) < MINIMUM_ROWS:
        raise InvalidInput.at("runs", f"At least {MINIMUM_UNITS} units and {MINIMUM_ROWS} rows are needed.")
    varies = [len(np.unique(column[~np.isnan(column)])) > 1 for column in table.values.T]
    if not any(varies):
        raise InvalidInput.at("runs", "No signal varies: there is nothing to learn.")
    names = tuple(name for name, is_varying in zip(names, varies, strict=True) if is_varying)
    table = _Table(table.units, table.codes, table.times, table.values[:, varies])
    window = int(np.clip(np.median(lives) // 10, SHORTEST, LONGEST))
    fallback = np.nanmedian(table.values, axis=0)
    left = _left(table)
    cap = CAP * float(np.median(_lengths(table)))
    target = np.minimum(left, cap)
    matrix = _matrix(table, window, fallback)
    told, naive = _unseen(matrix, target, table.codes)
    return LifeModel(
        unit, time, names, window, cap, fallback, _members(matrix, target), _rms(told - target),
        _rms(naive - target), float(target.mean()), *_bands(told, target),
    )  # fmt: skip


def _ordered(runs: pd.DataFrame, unit: str, time: str, signals: tuple[str, ...]) -> _Table:
    named = runs.set_axis([str(name) for name in runs.columns], axis=1)
    missing = [name for name in (unit, time, *signals) if name not in named.columns]
    if missing or not signals:
        problems = [FieldProblem(name, f"The column {name} is missing.") for name in missing]
        raise InvalidInput(*(problems or [FieldProblem("runs", "There is no signal column.")]))
    if named[unit].isna().any():
        raise InvalidInput.at(unit, "A row has no unit.")
    times = _times(named[time], time)
    codes, units = pd.factorize(named[unit], sort=True)
    order = np.lexsort((times, codes))
    values = np.column_stack([_numbers(named[name], name) for name in signals])
    return _Table(list(units), codes[order].astype(np.int64), times[order], values[order])


def _times(column: "pd.Series[Any]", name: str) -> Floats:
    if pd.api.types.is_numeric_dtype(column.dtype):
        times = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        try:
            stamps = pd.DatetimeIndex(pd.to_datetime(column, utc=True)).as_unit("us")
        except (ValueError, TypeError) as error:
            raise InvalidInput.at(name, f"The column {name} holds no times: {error}") from error
        times = np.where(stamps.isna(), np.nan, stamps.asi8 / 3.6e9)
    if not np.isfinite(times).all():
        raise InvalidInput.at(name, "A row has no time.")
    return times


def _numbers(column: "pd.Series[Any]", name: str) -> Floats:
    try:
        values = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise InvalidInput.at(name, f"The column {name} is not numeric.") from error
    return np.where(np.isfinite(values), values, np.nan)


def _left(table: _Table) -> Floats:
    ends = np.full(len(table.units), -np.inf)
    np.maximum.at(ends, table.codes, table.times)
    return np.asarray(ends[table.codes] - table.times)


def _lengths(table: _Table) -> Floats:
    left = _left(table)
    longest = np.zeros(len(table.units))
    np.maximum.at(longest, table.codes, left)
    return np.maximum(longest, 1e-9)


def _matrix(table: _Table, window: int, fallback: Floats) -> Floats:
    """Per row: age, and of each signal the short and long level, slope, spread and change since the
    beginning."""
    return np.vstack(
        [
            _of_unit(table.times[begin:end], table.values[begin:end], window, fallback)
            for begin, end in _bounds(table.codes)
        ]
    )


def _bounds(codes: Any) -> list[tuple[int, int]]:
    cuts = (np.flatnonzero(np.diff(codes)) + 1).tolist()
    return list(zip([0, *cuts], [*cuts, len(codes)], strict=True))


def _of_unit(times: Floats, values: Floats, window: int, fallback: Floats) -> Floats:
    frame = pd.DataFrame(values).ffill().fillna(pd.Series(fallback))
    rolling = frame.rolling(window, min_periods=1)
    level = rolling.mean()
    short = frame.rolling(max(window // 4, 2), min_periods=1).mean()
    spread = rolling.std().fillna(0.0)
    rows = np.arange(len(frame))
    begun = level.to_numpy()[np.minimum(rows, window - 1)]
    half = max(window // 2, 1)
    earlier = level.to_numpy()[np.maximum(rows - half, 0)]
    age = times - times[0]
    pause = np.maximum(age - age[np.maximum(rows - half, 0)], 1e-9)
    slope = np.where(rows[:, None] > 0, (level.to_numpy() - earlier) / pause[:, None], 0.0)
    parts = [
        age[:, None],
        short.to_numpy(),
        level.to_numpy(),
        slope,
        spread.to_numpy(),
        level.to_numpy() - begun,
    ]
    return np.hstack(parts)


def _members(matrix: Floats, target: Floats) -> tuple[Any, ...]:
    from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    members = (
        ExtraTreesRegressor(100, min_samples_leaf=5, max_features=0.4, random_state=SEED, n_jobs=1),
        HistGradientBoostingRegressor(
            learning_rate=0.05, max_iter=150, min_samples_leaf=20, early_stopping=False, random_state=SEED
        ),
    )
    with threadpool_limits(limits=1):
        return tuple(member.fit(matrix, target) for member in members)


def _told(members: tuple[Any, ...], matrix: Floats) -> Floats:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        told = [np.asarray(member.predict(matrix), dtype=np.float64) for member in members]
    return np.asarray(sum(told) / len(told))


def _unseen(matrix: Floats, target: Floats, codes: Any) -> tuple[Floats, Floats]:
    """What is told of units that were not learned from, by the model and by the mean of the others."""
    count = min(FOLDS, int(codes.max()) + 1)
    side = np.random.default_rng(SEED).permutation(int(codes.max()) + 1) % count
    told, naive = np.zeros(len(target)), np.zeros(len(target))
    for part in range(count):
        unseen = side[codes] == part
        told[unseen] = _told(_members(matrix[~unseen], target[~unseen]), matrix[unseen])
        naive[unseen] = target[~unseen].mean()
    return told, naive


def _rms(error: Floats) -> float:
    return float(np.sqrt(np.mean(error**2)))


def _bands(told: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Thirds of the told lives, and between which bounds eight of ten errors lay in each."""
    cuts = np.quantile(told, np.arange(1, BANDS) / BANDS)
    third = np.searchsorted(cuts, told)
    error = target - told
    bands = [np.quantile(error[third == one] if (third == one).any() else error, EDGES)
             for one in range(BANDS)]  # fmt: skip
    return cuts, np.array([[min(low, 0.0), max(high, 0.0)] for low, high in bands])
