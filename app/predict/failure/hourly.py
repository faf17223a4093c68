"""Hourly features of one machine, and whether it failed soon after: what a failure model learns from."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.errors import NotEvaluable
from analytics.vocabulary import ANOMALY_SCORE
from app.bootstrap import Access
from app.production.figures import Question
from app.production.plant import plant
from app.stops.failures import failed
from app.stops.listing import stops
from data.telemetry import Windows

HOUR_US: Final = 3_600_000_000
DAY_H: Final = 24
MEASURES: Final = ("mean", "std", "min", "max")
RISE: Final = "rise"
SINCE: Final = "hours since a failure"
REMEMBERED_H: Final = 168
"""A failure longer ago than a week counts as a week ago."""
LABELS: Final = frozenset(
    {
        "failure", "failed", "fault", "breakdown", "alarm", "twf", "hdf", "pwf", "osf", "rnf", "target",
        "label",
    }
)  # fmt: skip
"""Parameters of these names tell the failure itself: they are never features."""


def is_signal(name: object) -> bool:
    """Whether a model may learn from this parameter: no label, and no score that Gemba makes itself."""
    return str(name).lower() not in LABELS | {ANOMALY_SCORE}


Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of a machine, by start: [start_us, end_us)."""

    start_us: Int64s
    end_us: Int64s


def failures_of(access: Access, machine: str, start_us: int, end_us: int, least_stop_min: float) -> Failures:
    """Unplanned stops of the machine itself that cost at least so many minutes of planned time."""
    found = stops(access, Question(start_us, end_us, machines=(machine,)))
    mine = found[failed(plant(access), found) & (found["lost_us"] >= least_stop_min * 60e6)]
    mine = mine.sort_values("start_us")
    return Failures(mine["start_us"].to_numpy(np.int64), mine["end_us"].to_numpy(np.int64))


def features(
    access: Access, machine: str, span: tuple[int, int], known: Failures, only: tuple[str, ...] = ()
) -> pd.DataFrame:
    """One row per full hour in the span, indexed by its end (int64 us); hours without readings are left out.

    Per parameter the hour's mean, standard deviation, lowest and highest value, and its rise above the mean
    of the day before; and the hours since the last failure ended. Nothing of a row is later than its hour.
    Hours in which the machine stands failed at their end are left out. `only` names the parameters.
    """
    first, last = -(-span[0] // HOUR_US) * HOUR_US, span[1] // HOUR_US * HOUR_US
    if last - first < HOUR_US:
        raise NotEvaluable("The range is shorter than an hour.")
    windows = Windows.every(first - DAY_H * HOUR_US, last, HOUR_US)
    table = access.gemba.telemetry.aggregate(access.factory.slug, windows, [machine], list(only) or None)
    table = table[table["parameter"].map(is_signal)]
    if table.empty:
        raise NotEvaluable("There are no readings of this machine in the range.")
    wide = table.pivot(index="start_us", columns="parameter", values=list(MEASURES))
    wide = wide.reindex(windows.edges_us[:-1]).astype(np.float64)
    day = wide["mean"].rolling(DAY_H, min_periods=DAY_H // 2).mean().shift(1)
    columns = {f"{name}, {measure}": wide[measure, name] for name in wide["mean"] for measure in MEASURES}
    columns |= {f"{name}, {RISE}": wide["mean"][name] - day[name] for name in wide["mean"]}
    frame = pd.DataFrame(columns).dropna(how="all")
    frame.index = pd.Index(frame.index.to_numpy(np.int64) + HOUR_US, name="time_us")
    at = frame.index.to_numpy(np.int64)
    frame[SINCE] = _since(at, known)
    return frame[(at > first) & ~_is_down(at, known)]


def soon(at_us: Int64s, known: Failures, horizon_h: float) -> npt.NDArray[np.bool_]:
    """Whether a failure begins in [t, t + horizon) of each moment."""
    until = at_us + int(horizon_h * HOUR_US)
    following = np.searchsorted(known.start_us, at_us, side="left")
    first = np.append(known.start_us, np.iinfo(np.int64).max)[following]
    return np.asarray(first < until)


def _since(at_us: Int64s, known: Failures) -> Any:
    ends = np.sort(known.end_us)
    place = np.searchsorted(ends, at_us, side="right") - 1
    hours = (
        np.where(place >= 0, (at_us - ends[np.maximum(place, 0)]) / HOUR_US, REMEMBERED_H)
        if len(ends)
        else (np.full(len(at_us), float(REMEMBERED_H)))
    )
    return np.minimum(hours, REMEMBERED_H)


def _is_down(at_us: Int64s, known: Failures) -> npt.NDArray[np.bool_]:
    place = np.searchsorted(known.start_us, at_us, side="right") - 1
    if not len(known.start_us):
        return np.zeros(len(at_us), dtype=bool)
    return np.asarray((place >= 0) & (at_us < known.end_us[np.maximum(place, 0)]))
