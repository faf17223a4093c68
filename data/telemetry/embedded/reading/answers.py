"""The answers that pages and analytics ask for, computed from a question's rows."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analytics.errors import InvalidInput, TooManyPoints
from data.telemetry.batch import F64, I32, I64, KIND_WORDS, Kind
from data.telemetry.embedded.files import Names
from data.telemetry.embedded.points import Points
from data.telemetry.embedded.reading.source import RowSource
from data.telemetry.embedded.rollup import ENDS, EXTREMES, MEAN, SPREAD, Rollup, fold
from data.telemetry.embedded.tiers import WIDTH_US, Tier
from data.telemetry.protocol import MEASURES
from data.telemetry.windows import Windows

AGGREGATED: Final = (*MEAN, *EXTREMES, *ENDS, *SPREAD)
NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "count": (), "mean": MEAN, "sum": MEAN, "min": EXTREMES, "max": EXTREMES, "first": ENDS, "last": ENDS,
    "std": SPREAD,
}  # fmt: skip
"""Roll-up columns behind each measure."""
MOST_CELLS: Final = 50_000_000


def keys_frame(names: Names, ids: I32) -> dict[str, pd.Series]:
    """The columns machine and parameter for rows with these series ids."""
    rows = pa.array(ids)
    columns = (("machine", names.machines), ("parameter", names.parameters))
    return {word: pd.Series(pd.array(texts.take(rows), dtype="str")) for word, texts in columns}


def points_frame(names: Names, points: Points) -> pd.DataFrame:
    """machine, parameter, time_us and value in the values' own type; the points' series are ids."""
    columns: dict[str, object] = dict(keys_frame(names, points.series))
    return pd.DataFrame(columns | {"time_us": points.time_us, "value": values_of(points)})


def values_of(points: Points) -> pd.Series:
    """float64, int64, bool or str where all values share the type, else objects of their own types."""
    kinds = np.unique(points.kind).tolist()
    match kinds:
        case [] | [Kind.FLOAT]:
            return pd.Series(points.number)
        case [Kind.INT]:
            return pd.Series(points.exact())
        case [Kind.BOOL]:
            return pd.Series(points.number != 0)
        case [Kind.STRING]:
            return pd.Series(points.text, dtype="str")
        case _:
            return _mixed(points)


def _mixed(points: Points) -> pd.Series:
    values = points.number.astype(object)
    values[points.kind == Kind.INT] = points.exact()[points.kind == Kind.INT].astype(object)
    values[points.kind == Kind.BOOL] = (points.number[points.kind == Kind.BOOL] != 0).astype(object)
    if points.text is not None:
        values[points.kind == Kind.STRING] = points.text[points.kind == Kind.STRING]
    return pd.Series(values, dtype=object)


def parameters_frame(names: Names, newest: Points, first_us: I64) -> pd.DataFrame:
    """machine, parameter, kind, first_us, last_us; the points' series are ids."""
    columns: dict[str, object] = dict(keys_frame(names, newest.series))
    kinds = pd.Series([KIND_WORDS[kind] for kind in newest.kind.tolist()], dtype="str")
    return pd.DataFrame(columns | {"kind": kinds, "first_us": first_us, "last_us": newest.time_us})


def fitting(inner: I64) -> Tier:
    """The coarsest tier whose rows no inner edge runs through."""
    for tier in (Tier.HOUR, Tier.MINUTE):
        if not bool((inner % WIDTH_US[tier]).any()):
            return tier
    return Tier.RAW


def _windowed(question: RowSource, windows: Windows) -> tuple[Rollup, I64]:
    edges = windows.edges_us
    start_us, end_us = windows.start_us, windows.end_us
    rows = question.rows(fitting(edges[1:-1]), start_us, end_us, np.array([start_us, end_us]))
    rows = rows.where((rows.first_us >= start_us) & (rows.first_us < end_us))
    bucket = _window_of(windows, rows.first_us)
    rows = fold(rows, bucket)
    return rows, _window_of(windows, rows.first_us)


def _window_of(windows: Windows, time_us: I64) -> I64:
    edges = windows.edges_us
    step_us = int(edges[1] - edges[0])
    if bool((np.diff(edges[:-1]) == step_us).all()) and edges[-1] - edges[-2] <= step_us:
        return (time_us - windows.start_us) // step_us
    return np.searchsorted(edges, time_us, "right") - 1


def aggregate(question: RowSource, windows: Windows) -> pd.DataFrame:
    """machine, parameter, start_us and MEASURES; the question brings the columns AGGREGATED."""
    rows, bucket = _windowed(question, windows)
    columns: dict[str, object] = dict(keys_frame(question.names, question.ids[rows.series]))
    columns["start_us"] = windows.edges_us[bucket]
    return pd.DataFrame(columns | {name: measured(rows, name) for name in MEASURES})


@np.errstate(over="ignore", invalid="ignore")
def measured(rows: Rollup, measure: str) -> npt.NDArray[Any]:
    """One measure of each row."""
    if measure == "mean":
        return np.divide(rows["sum"], rows["count"])
    if measure == "std":
        freedom = rows["count"] - 1
        variance: F64 = np.full(len(rows), np.nan)
        np.divide(rows["m2"], freedom, out=variance, where=freedom > 0)
        return np.sqrt(variance)
    return rows[measure]


def matrix(question: RowSource, windows: Windows, measure: str) -> pd.DataFrame:
    """Windows x (machine, parameter); the question brings the columns NEEDED[measure]."""
    if len(windows) * len(question.ids) > MOST_CELLS:
        raise TooManyPoints(f"The table would have more than {MOST_CELLS:,} cells: choose a longer step.")
    rows, bucket = _windowed(question, windows)
    table = np.full((len(question.ids), len(windows)), np.nan)
    table[rows.series, bucket] = measured(rows, measure)
    names = question.names
    columns = pd.MultiIndex.from_frame(pd.DataFrame(keys_frame(names, question.ids)))
    return pd.DataFrame(table.T, pd.Index(windows.edges_us[:-1], name="start_us"), columns, copy=False)


def needed(measure: str) -> tuple[str, ...]:
    """The roll-up columns of a measure; InvalidInput if there is no such measure."""
    if measure not in NEEDED:
        raise InvalidInput.at(
            "measure", f"There is no measure {measure!r}; choose one of {', '.join(NEEDED)}."
        )
    return NEEDED[measure]
