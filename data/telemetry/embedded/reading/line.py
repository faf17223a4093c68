"""A line to draw of any range: few points, every peak, and gaps that stay gaps."""

from typing import Final

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.vocabulary import MICROSECONDS
from data.telemetry.batch import I64
from data.telemetry.embedded.reading.answers import keys_frame
from data.telemetry.embedded.reading.question import Mask
from data.telemetry.embedded.reading.source import RowSource
from data.telemetry.embedded.rollup import Rollup, fold
from data.telemetry.embedded.tiers import DAY_US, WIDTH_US, Tier

SECOND, MINUTE, HOUR = 1, 60, 3_600
NICE_US: Final = tuple(
    count * unit * MICROSECONDS
    for unit, counts in (
        (SECOND, (1, 2, 5, 10, 15, 20, 30)),
        (MINUTE, (1, 2, 3, 5, 10, 15, 20, 30)),
        (HOUR, (1, 2, 3, 4, 6, 8, 12)),
    )
    for count in counts
)
"""Bucket widths that divide a day; longer ones are whole days."""
FINE_US: Final = tuple(count * unit for unit in (1, 10, 100, 1_000, 10_000, 100_000) for count in (1, 2, 5))


def bucket_width_us(start_us: int, end_us: int, buckets: int) -> int:
    """The shortest convenient width of which at most `buckets` aligned buckets meet [start_us, end_us)."""
    for width in (*FINE_US, *NICE_US):
        if _met(start_us, end_us, width) <= buckets:
            return width
    days = max((end_us - start_us) // (DAY_US * buckets), 1)
    while _met(start_us, end_us, days * DAY_US) > buckets:
        days += 1
    return days * DAY_US


def _met(start_us: int, end_us: int, width: int) -> int:
    return -(-end_us // width) - start_us // width


def downsample(question: RowSource, start_us: int, end_us: int, points: int, max_gap_us: int) -> pd.DataFrame:
    """machine, parameter, time_us, value: the extremes of every bucket; the question brings EXTREMES.

    A series that has few enough points comes as it is. The row that breaks a line stands in the middle of
    its gap.
    """
    if points < 4 or end_us <= start_us:
        raise InvalidInput.at(
            "points", "A line needs at least 4 points and an end that is later than its start."
        )
    width = bucket_width_us(start_us, end_us, points // 2)
    tier = max(tier for tier in Tier if width % WIDTH_US[tier] == 0)
    rows = question.rows(tier, start_us, end_us, np.array([start_us, end_us]))
    rows = rows.where((rows.first_us >= start_us) & (rows.first_us < end_us))
    plain = _plain(rows, len(question.ids), points, max_gap_us)
    rows = fold(rows, np.where(plain[rows.series], rows.first_us, rows.first_us // width))
    breaks = _breaks(rows, np.where(plain[rows.series], max_gap_us, max(max_gap_us, 2 * width)))
    return _line(question, rows, breaks)


def _plain(rows: Rollup, series: int, points: int, max_gap_us: int) -> Mask:
    """Which series need no buckets: single points, and with their gaps not too many."""
    held = np.bincount(rows.series, minlength=series)
    single = np.bincount(rows.series, rows["count"] == 1, series) == held
    gaps = _breaks(rows, np.full(len(rows), max_gap_us, np.int64))
    plain: Mask = single & (held + np.bincount(rows.series[gaps], minlength=series) <= points)
    return plain


def _breaks(rows: Rollup, longest_us: I64) -> I64:
    """Positions of rows after which no point of their series comes for longer than `longest_us`."""
    same = rows.series[1:] == rows.series[:-1]
    return np.flatnonzero(same & (rows.first_us[1:] - rows.last_us[:-1] > longest_us[:-1]))


def _line(question: RowSource, rows: Rollup, breaks: I64) -> pd.DataFrame:
    two = np.flatnonzero(rows["min_us"] != rows["max_us"])
    middle = (rows.last_us[breaks] + rows.first_us[np.minimum(breaks + 1, len(rows) - 1)]) // 2
    place = np.concatenate([rows.series, rows.series[two], rows.series[breaks]])
    time_us = np.concatenate([rows["min_us"], rows["max_us"][two], middle])
    value = np.concatenate([rows["min"], rows["max"][two], np.full(len(breaks), np.nan)])
    order = np.lexsort((time_us, place))
    columns: dict[str, object] = dict(keys_frame(question.names, question.ids[place[order]]))
    return pd.DataFrame(columns | {"time_us": time_us[order], "value": value[order]})
