"""What a scan keeps of its scores: the course, the episodes with their severity, and which are excused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.predict.anomaly.labels import Labelled
from data.models import to_us

COURSE_POINTS: Final = 1_000
CONTRIBUTIONS_KEPT: Final = 8
EPISODES_KEPT: Final = 500
SEVERE: Final = 2.0
"""From twice the limit on an episode is high; the forest has its own two bounds."""
ALLOWED: Final = 1.1
"""An episode like a false alarm is excused up to a tenth above that alarm's peak."""
PREFIX: Final = "contribution_"


@dataclass(frozen=True, slots=True)
class Findings:
    """`rows` and `anomalies` without those of excused episodes; `severities` of the rows, by the forest."""

    rows: int
    anomalies: int
    episodes: list[dict[str, Any]]
    course: dict[str, list[Any]]
    severities: dict[str, int] = field(default_factory=dict)

    @property
    def counted(self) -> int:
        """How many episodes are left."""
        return sum(one["excused"] is None for one in self.episodes)


def findings(
    scored: pd.DataFrame, decision: npt.NDArray[np.float64] | None, said: Sequence[Labelled]
) -> Findings:
    """The answer of a detector as it is kept. `decision`: the forest's own values, row by row, else None.

    `said` are the labels of this machine and method. An episode led by the same parameter as one that was
    called a false alarm, and hardly higher, is kept but excused: neither it nor its rows count.
    """
    from analytics import anomaly

    found = []
    for row in anomaly.episodes(scored).head(EPISODES_KEPT).to_dict("records"):
        at = np.asarray((scored.index >= row["start"]) & (scored.index <= row["end"]))
        found.append(_episode(row, scored[at], None if decision is None else decision[at], said))
    excused = sum(one["rows"] for one in found if one["excused"] is not None)
    words = [] if decision is None else anomaly.severity(decision)
    severities = {word: words.count(word) for word in dict.fromkeys(words)}
    counted = int(scored["is_anomaly"].sum()) - excused
    return Findings(len(scored), counted, found, _course(scored), severities)


def _episode(
    row: dict[Any, Any],
    scored: pd.DataFrame,
    decision: npt.NDArray[np.float64] | None,
    said: Sequence[Labelled],
) -> dict[str, Any]:
    parts = _contributions(scored[scored["is_anomaly"]])
    leading, peak = (parts[0][0] if parts else ""), float(row["peak"])
    return {
        "start_us": to_us(row["start"].to_pydatetime()),
        "end_us": to_us(row["end"].to_pydatetime()),
        "peak": peak,
        "peak_at_us": to_us(row["peak_at"].to_pydatetime()),
        "rows": int(row["rows"]),
        "parameters": list(row["parameters"]),
        "contributions": parts,
        "severity": _severity(peak, decision),
        "excused": next(
            (one.id for one in said if not one.is_true and one.parameter == leading
             and peak <= ALLOWED * one.peak), None,
        ),
    }  # fmt: skip


def _severity(peak: float, decision: npt.NDArray[np.float64] | None) -> str:
    from analytics import anomaly

    if decision is not None:
        return anomaly.severity(decision[[int(decision.argmin())]])[0]
    return "high" if peak >= SEVERE else "medium"


def _contributions(rows: pd.DataFrame) -> list[list[Any]]:
    """Pairs of parameter and share of the positive contributions, the largest first."""
    sums = {name.removeprefix(PREFIX): float(rows[name].clip(lower=0).sum())
            for name in rows.columns if name.startswith(PREFIX)}  # fmt: skip
    whole = sum(sums.values())
    ranked = sorted((name for name in sums if sums[name] > 0), key=lambda name: (-sums[name], name))
    return [[name, sums[name] / whole] for name in ranked[:CONTRIBUTIONS_KEPT]]


def _course(scored: pd.DataFrame) -> dict[str, list[Any]]:
    """The score over time: the highest of each of up to 1,000 stretches, at its own time."""
    ordered = scored["score"].sort_index(kind="stable")
    values = ordered.to_numpy(np.float64)
    edges = np.unique(np.linspace(0, len(values), min(COURSE_POINTS, len(values)) + 1).astype(np.int64))
    at = [begin + int(values[begin:end].argmax()) for begin, end in pairwise(edges)]
    return {
        "time_us": [to_us(ordered.index[one].to_pydatetime()) for one in at],
        "score": [float(values[one]) for one in at],
    }


def until_record_ends(episodes: list[dict[str, Any]], records: pd.DataFrame) -> list[dict[str, Any]]:
    """Episodes of shift records, each until its last record ends rather than until that begins.

    The last microsecond is left out: the next record may begin there, and is no part of the episode.
    """
    ends = dict(zip(records["start_us"].tolist(), records["end_us"].tolist(), strict=True))
    return [{**one, "end_us": ends[one["end_us"]] - 1} for one in episodes]


def without(frame: pd.DataFrame, said: Sequence[Labelled]) -> pd.DataFrame:
    """Normal rows without the times of which somebody said that they were not normal."""
    keep = np.ones(len(frame), dtype=bool)
    for one in said:
        if one.is_true:
            first, last = (pd.Timestamp(us, unit="us", tz="UTC") for us in (one.start_us, one.end_us))
            keep &= ~np.asarray((frame.index >= first) & (frame.index <= last))
    return frame[keep]
