"""The Nelson rules: patterns of points that chance hardly makes."""

from typing import Final

import numpy as np
import pandas as pd

from analytics.spc.charts import Chart
from analytics.timeline.arrays import Flags, Floats

RULES: Final = {
    1: "one point beyond 3 sigma",
    2: "nine points in a row on one side of the centre",
    3: "six points in a row rising or falling",
    4: "fourteen points in a row alternating up and down",
    5: "two of three points beyond 2 sigma on one side",
    6: "four of five points beyond 1 sigma on one side",
    7: "fifteen points in a row within 1 sigma of the centre",
    8: "eight points in a row beyond 1 sigma, on both sides",
}
"""Nelson (1984), The Shewhart control chart: tests for special causes, J. of Quality Technology 16."""


def violations(chart: Chart, rules: tuple[int, ...] = tuple(RULES)) -> pd.DataFrame:
    """Which points complete a pattern? One column `rule_N` of booleans per rule, a row per point.

    A point is marked when the pattern that ends at it holds. Points on the centre line are on neither side
    and break a run; equal neighbours neither rise nor fall. A process without any spread (sigma 0) has no
    zones: then only runs on one side, trends and alternation can be found.
    """
    zone = (chart.value - chart.centre) / chart.sigma if chart.sigma > 0 else np.zeros(len(chart.value))
    side = np.sign(chart.value - chart.centre)
    step = np.sign(np.diff(chart.value, prepend=chart.value[:1]))
    found = {
        1: (chart.value > chart.upper) | (chart.value < chart.lower),
        2: _run(side > 0, 9) | _run(side < 0, 9),
        3: _run(step > 0, 5) | _run(step < 0, 5),
        4: _run(_alternates(step), 12),
        5: _within(zone > 2, 2, 3) | _within(zone < -2, 2, 3),
        6: _within(zone > 1, 4, 5) | _within(zone < -1, 4, 5),
        7: _run(np.abs(zone) < 1, 15) & (chart.sigma > 0),
        8: _run(np.abs(zone) > 1, 8) & _both_sides(zone, 8),
    }
    return pd.DataFrame({f"rule_{number}": found[number] for number in rules})


def _run(holds: Flags, length: int) -> Flags:
    """Whether a condition has held at the last `length` points."""
    return np.asarray(_count(holds, length) == length)


def _count(holds: Flags, length: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """At how many of the last `length` points (fewer at the start) a condition holds."""
    sums = np.concatenate(([0], np.cumsum(holds.astype(np.int64))))
    ends = np.arange(1, len(holds) + 1)
    return np.asarray(sums[ends] - sums[np.maximum(ends - length, 0)], np.int64)


def _within(holds: Flags, least: int, length: int) -> Flags:
    """Whether a condition holds now, and at `least` of the last `length` points."""
    return holds & (_count(holds, length) >= least)


def _alternates(step: Floats) -> Flags:
    """Whether a step goes against the step before it."""
    before = np.concatenate((step[:1] * 0, step[:-1]))
    return np.asarray(step * before < 0)


def _both_sides(zone: Floats, length: int) -> Flags:
    return (_count(zone > 0, length) > 0) & (_count(zone < 0, length) > 0)
