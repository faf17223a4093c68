"""A fitted detector: scores of a frame at once, or of rows as they come, with the same result bit for bit."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.anomaly.frames import Floats, Integers, Readings, readings
from analytics.anomaly.measures import Forest, Measure
from analytics.anomaly.rows import followed, held, product, smoothed, total, windows
from analytics.errors import InvalidInput

FARTHEST: Final = 1e6


@dataclass(frozen=True)
class State:
    """What the next row needs to know of those before it; made by `Detector.fresh`, advanced by `step`."""

    last_us: int | None
    value: Floats
    age: Integers
    level: Floats
    entered: Floats | None
    recent: Floats | None
    parts: Floats | None


@dataclass(frozen=True)
class Plan:
    """How rows become distances; the same for calibration and for scoring.

    `centre`, `scale`, `covariance`: of the used channels. `rate`: share of the distance by which a channel's
    level follows a row. `gap_us`: a longer silence is a restart. `entry_weight`, `exit_weight`: smoothing of
    the rows ahead of the measure and of the squared distances after it.
    """

    lags: int
    centre: Floats
    scale: Floats
    covariance: Floats
    rate: Floats
    reach: float
    gap_us: int
    entry_weight: float
    exit_weight: float

    def fresh(self) -> State:
        """The state ahead of the first row."""
        channels = len(self.centre)
        return State(
            None,
            np.full(channels, np.nan),
            np.full(channels, self.lags + 1, dtype=np.int64),
            np.zeros(channels),
            None,
            None,
            None,
        )

    def prepared(self, state: State, times_us: Integers, values: Floats) -> list[tuple[Floats, State]]:
        """Windows of the rows, one entry per stretch without a restart, each with the state after it."""
        result = []
        cuts = self._restarts(state, times_us)
        for begin, end in zip(cuts, [*cuts[1:], len(times_us)], strict=True):
            if end > begin:
                is_restart = begin > 0 or self._is_gap(state, times_us)
                state = self._forgotten(state) if is_restart else state
                rows, state = self._stretch(state, values[begin:end], int(times_us[end - 1]))
                result.append((rows, state))
        return result

    def distances(self, measure: Measure, rows: Floats, state: State) -> tuple[Floats, State]:
        """Smoothed squared distances (rows, groups x channels) of prepared windows, and the state after
        them."""
        parts = smoothed(measure.parts(rows), self.exit_weight, state.parts)
        return parts, replace(state, parts=parts[-1])

    def measured(self, measure: Measure, state: State, taken: Readings) -> tuple[Floats, State]:
        """Smoothed squared distances of all rows, and the state after them."""
        channels = len(self.centre) * measure.groups
        done = [np.empty((0, channels))]
        before = state
        for rows, after in self.prepared(state, taken.times_us, taken.values):
            parts, state = self.distances(measure, rows, replace(after, parts=before.parts))
            before = replace(state, parts=state.parts)
            done.append(parts)
        return np.vstack(done), before

    def _is_gap(self, state: State, times_us: Integers) -> bool:
        return state.last_us is not None and int(times_us[0]) - state.last_us > self.gap_us

    def _restarts(self, state: State, times_us: Integers) -> list[int]:
        return [0, *(np.flatnonzero(np.diff(times_us) > self.gap_us) + 1).tolist()]

    def _forgotten(self, state: State) -> State:
        """After a silence the level stays; windows, held values and smoothing begin anew."""
        return replace(self.fresh(), level=state.level)

    def _stretch(self, state: State, values: Floats, last_us: int) -> tuple[Floats, State]:
        filled, value, age = held(values, state.value, state.age, self.lags)
        apart = (self._completed(filled, state) - self.centre) / self.scale
        apart = np.minimum(np.maximum(apart, -FARTHEST), FARTHEST)
        rows, level = followed(apart, self.rate, self.reach, state.level)
        entered = smoothed(rows, self.entry_weight, state.entered)
        recent = state.recent if state.recent is not None else np.repeat(entered[:1], self.lags - 1, axis=0)
        joined = np.vstack([recent, entered])
        after = State(
            last_us, value, age, level, entered[-1], joined[len(joined) - self.lags + 1 :], state.parts
        )
        return windows(entered, self.lags, recent), after

    def _completed(self, filled: Floats, state: State) -> Floats:
        """Missing values as the known channels of the same row make them expected (least squares)."""
        missing = np.isnan(filled)
        if not missing.any():
            return filled
        result = filled.copy()
        for pattern in np.unique(missing[missing.any(axis=1)], axis=0):
            at = np.flatnonzero((missing == pattern).all(axis=1))
            known = ~pattern
            inner = self.covariance[np.ix_(known, known)] + 0.1 * np.eye(int(known.sum()))
            weights = np.linalg.solve(inner, self.covariance[np.ix_(known, pattern)])
            apart = (filled[np.ix_(at, known)] - self.centre[known]) / self.scale[known]
            expected = product(apart, np.ascontiguousarray(weights))
            result[np.ix_(at, pattern)] = expected * self.scale[pattern] + self.centre[pattern]
        return result


def statistics(parts: Floats, measure: Measure) -> Floats:
    """The distance of each row in each group (rows, groups) from its squared parts."""
    channels = parts.shape[1] // measure.groups
    found = []
    for group in range(measure.groups):
        own = parts[:, group * channels : (group + 1) * channels]
        found.append(np.sqrt(total(own) if measure.is_summed else own.max(axis=1, initial=0.0)))
    return np.column_stack(found)


@dataclass(frozen=True)
class Detector:
    """Knows what normal looks like; made by `analytics.anomaly.fit`.

    `names`: the parameters; `used`: those that vary in the normal data (the others contribute 0); `units`:
    the usual size of each statistic; `limit`: the ratio to it at which an alarm begins; `lags`: rows of a
    window; `cadence_us`: the usual time between rows; `ended_us`: the last row of the normal data.
    """

    method: str
    names: tuple[str, ...]
    used: tuple[bool, ...]
    plan: Plan
    measure: Measure
    units: Floats
    limit: float
    false_alarms_per_week: float
    cadence_us: int
    rows: int
    ended_us: int

    @property
    def constant(self) -> tuple[str, ...]:
        """Parameters that never change in the normal data and are left out."""
        return tuple(name for name, is_used in zip(self.names, self.used, strict=True) if not is_used)

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        """How far each row is from normal, knowing only the rows up to it.

        Returns a frame with the index of `frame` (any order, repeats allowed) and the columns `score` (1 is
        the limit), `is_anomaly` (score above 1) and `contribution_<parameter>`, which add up to the score
        (with `robust_z` and `ewma`, the largest channel makes the score and the others are told beside it).
        No value is ever NaN: the window of the first rows is filled up with the first row, a missing value
        takes the last one for as many rows as a window has and after that what the other channels let expect.
        Raises `InvalidInput` for columns other than those fitted.
        """
        return self.step(self.fresh(), frame)[0]

    def fresh(self) -> State:
        """The state ahead of the first row of a stream."""
        return self.plan.fresh()

    def step(self, state: State, frame: pd.DataFrame) -> tuple[pd.DataFrame, State]:
        """Scores of the next rows of a stream, and the state for those after them.

        However a stream is cut, the scores are those of `score` over the whole of it, bit for bit. Rows
        before the state's last time are refused with `InvalidInput`.
        """
        taken = readings(frame, self.names)
        if state.last_us is not None and len(frame) and taken.times_us[0] < state.last_us:
            raise InvalidInput.at("index", "A row is older than one that was scored already.")
        used = np.array(self.used, dtype=bool)
        own = replace(taken, values=taken.values[:, used])
        parts, after = self.plan.measured(self.measure, state, own)
        result = self._told(parts, used)
        back = np.empty(len(taken.order), dtype=np.int64)
        back[taken.order] = np.arange(len(taken.order))
        result = result.iloc[back]
        result.index = frame.index
        return result, after

    def decision(self, frame: pd.DataFrame) -> "pd.Series[float]":
        """The isolation forest's own decision values (negative: outlier), for `severity`.

        Raises `InvalidInput` for a detector of another method.
        """
        if not isinstance(self.measure, Forest):
            raise InvalidInput.at("method", "Only the isolation forest has decision values.")
        taken = readings(frame, self.names)
        values = taken.values[:, np.array(self.used, dtype=bool)]
        prepared = self.plan.prepared(self.fresh(), taken.times_us, values)
        decided = [self.measure.decision(rows) for rows, _ in prepared] or [np.empty(0)]
        return pd.Series(np.concatenate(decided), index=frame.index[taken.order], name="decision")

    def _told(self, parts: Floats, used: np.ndarray[Any, np.dtype[np.bool_]]) -> pd.DataFrame:
        told = statistics(parts, self.measure) / (self.units * self.limit)
        leading = np.argmax(told, axis=1)
        rows = np.arange(len(told))
        score = told[rows, leading]
        channels = int(used.sum())
        own = parts.reshape(len(parts), self.measure.groups, channels)[rows, leading]
        contributions = np.zeros((len(told), len(self.names)))
        if self.measure.is_summed:
            whole = total(own)
            share = own / np.where(whole > 0, whole, 1.0)[:, None]
            contributions[:, used] = share * score[:, None]
        else:
            contributions[:, used] = np.sqrt(own) / (self.units[0] * self.limit)
        columns: dict[str, Any] = {"score": score, "is_anomaly": score > 1.0}
        for at, name in enumerate(self.names):
            columns[f"contribution_{name}"] = contributions[:, at]
        return pd.DataFrame(columns)
