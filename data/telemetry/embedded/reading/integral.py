"""The integral over time, the same whether it comes from points, minutes or hours."""

import numpy as np
import pandas as pd

from data.telemetry.batch import F64, I64
from data.telemetry.embedded.reading.answers import fitting, keys_frame
from data.telemetry.embedded.reading.source import RowSource
from data.telemetry.embedded.rollup import Rollup, joined
from data.telemetry.windows import Windows

SECONDS_PER_HOUR = 3_600.0
MICRO = 1e6


@np.errstate(over="ignore", invalid="ignore")
def integral(question: RowSource, windows: Windows, max_gap_us: int) -> pd.DataFrame:
    """machine, parameter, start_us, end_us, integral_h, covered_s; the question brings AREA.

    Windows that no trapezoid reaches are left out. Adjoining windows add up to the window over both,
    because a trapezoid across an edge is cut there. The points around the range, up to `max_gap_us` away,
    take part.
    """
    edges = windows.edges_us
    cuts = np.array([windows.start_us, windows.end_us])
    begin, end = windows.start_us - max_gap_us, windows.end_us + max_gap_us
    rows = _cut(question.rows(fitting(edges[1:-1]), begin, end, cuts, max_gap_us), edges, max_gap_us)
    shape = (len(question.ids), len(windows))
    areas, covered = np.zeros(shape), np.zeros(shape)
    following, apart_us = _following(rows, max_gap_us)
    between = (rows["last"] + following) / 2 * (apart_us / MICRO)
    for time_us, area, length_us in (
        (rows.first_us, rows["area"], rows.last_us - rows.first_us),
        (rows.last_us, between, apart_us),
    ):
        window = np.searchsorted(edges, time_us, "right") - 1
        inside = (window >= 0) & (window < len(windows))
        cell = rows.series[inside] * len(windows) + window[inside]
        areas += np.bincount(cell, area[inside], areas.size).reshape(shape)
        covered += np.bincount(cell, length_us[inside] / MICRO, covered.size).reshape(shape)
    place, window = np.nonzero(covered > 0)
    columns: dict[str, object] = dict(keys_frame(question.names, question.ids[place]))
    columns["start_us"], columns["end_us"] = edges[window], edges[window + 1]
    columns["integral_h"] = areas[place, window] / SECONDS_PER_HOUR
    return pd.DataFrame(columns | {"covered_s": covered[place, window]})


def _following(rows: Rollup, max_gap_us: int) -> tuple[F64, I64]:
    """The next row's first value and the time to it, 0 where it is another series or too far away."""
    value, apart_us = np.zeros(len(rows)), np.zeros(len(rows), np.int64)
    value[:-1] = rows["first"][1:]
    apart_us[:-1] = np.where(rows.series[1:] == rows.series[:-1], rows.first_us[1:] - rows.last_us[:-1], 0)
    return value, np.where(apart_us <= max_gap_us, apart_us, 0)


def _cut(rows: Rollup, edges_us: I64, max_gap_us: int) -> Rollup:
    """The rows, with an interpolated one at each edge that lies between two that belong together."""
    following, apart_us = _following(rows, max_gap_us)
    after = np.searchsorted(edges_us, rows.last_us, "right")
    count = np.maximum(np.searchsorted(edges_us, rows.last_us + apart_us, "left") - after, 0)
    row = np.repeat(np.arange(len(rows)), count)
    if not len(row):
        return rows
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    edge_us = edges_us[after[row] + nth]
    left = rows["last"][row]
    value = left + (following[row] - left) * ((edge_us - rows.last_us[row]) / apart_us[row])
    columns = {name: np.zeros(len(row), column.dtype) for name, column in rows.columns.items()}
    columns |= {"first_us": edge_us, "last_us": edge_us, "first": value, "last": value}
    return joined([rows, Rollup(rows.series[row], columns)]).ordered()
