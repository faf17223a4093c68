"""Scores of rows as they come, without those that would say more than is known, and a memory to be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isnan
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.anomaly.detector import Detector, State
from analytics.anomaly.frames import readings

LEAST_KNOWN: Final = 0.5
"""A row that measured less than this share of the channels is not judged: the rest would be guessed."""
SURE: Final = "is_sure"


@dataclass(frozen=True)
class Memory:
    """What the next row needs: the detector's state, and how many rows came since the last restart."""

    state: State
    rows: int = 0

    def as_json(self) -> dict[str, Any]:
        """The memory as plain values; doubles keep every bit."""
        kept = {one.name: _plain(getattr(self.state, one.name)) for one in fields(State)}
        return {"rows": self.rows, "state": kept}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Memory":
        """The memory that `as_json` gave."""
        kept = {one.name: _array(body["state"][one.name], one.name) for one in fields(State)}
        if kept["recent"] is not None:
            kept["recent"] = kept["recent"].reshape(-1, len(kept["value"]))
        return cls(State(**kept), int(body["rows"]))


def fresh_memory(detector: Detector) -> Memory:
    """Ahead of the first row."""
    return Memory(detector.fresh())


def live_scores(detector: Detector, memory: Memory, frame: pd.DataFrame) -> tuple[pd.DataFrame, Memory]:
    """How far are the next rows from normal, and may it be told?

    `frame` has the detector's columns over ascending times. Returns the columns of `Detector.score` and
    `is_sure`: False while a window is not full of rows since the last restart, and for a row that measured
    less than half of the channels. However a stream is cut, the answer is the same bit for bit.
    Raises `InvalidInput` for other columns and for rows older than the memory.
    """
    scored, state = detector.step(memory.state, frame)
    taken = readings(frame, detector.names)
    measured = ~np.isnan(taken.values[:, np.array(detector.used, dtype=bool)])
    since = _since_restart(detector, memory, taken.times_us)
    is_sure = (since >= detector.plan.lags) & (measured.mean(axis=1) >= LEAST_KNOWN)
    scored[SURE] = is_sure
    return scored, Memory(state, int(since[-1]) if len(since) else memory.rows)


def _since_restart(detector: Detector, memory: Memory, times_us: Any) -> Any:
    """Of each row, how many rows its window may consist of: those since the last long silence."""
    count = np.arange(1, len(times_us) + 1)
    if not len(times_us):
        return count
    last = memory.state.last_us
    is_first = last is None or int(times_us[0]) - last > detector.plan.gap_us
    starts = np.append(is_first, np.diff(times_us) > detector.plan.gap_us)
    begun = np.maximum.accumulate(np.where(starts, count - 1, -memory.rows))
    return count - begun


def _plain(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    listed: list[Any] = value.tolist()
    return [None if isinstance(one, float) and isnan(one) else one for one in listed]


def _array(value: Any, name: str) -> Any:
    if not isinstance(value, list):
        return value
    return np.array(value, dtype=np.int64 if name == "age" else np.float64)
