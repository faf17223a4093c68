"""Which stops cost the most?"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.timeline import Segments, WindowsOf, pieces
from analytics.timeline.arrays import Codes, Int8s
from analytics.timeline.slots import windows_of
from analytics.vocabulary import TimeClass

STOPS: Final = (TimeClass.UNPLANNED_STOP, TimeClass.MINOR_STOP, TimeClass.SETUP)
"""The classes that are a loss of planned production time."""

BY: Final = ("reason", "machine", "state", "time_class", "window", "day", "shift")


def pareto(
    segments: Segments,
    classes: Int8s,
    windows: WindowsOf,
    *,
    until_us: int,
    by: Sequence[str] = ("reason",),
    include: Sequence[TimeClass] = STOPS,
    machines: Codes | None = None,
) -> pd.DataFrame:
    """How long and how often did machines stop, by reason or by any of `BY`, the longest first?

    Only time inside the windows counts, in the class that holds there, so the total is the stop time of
    `elements` over measured data. A stop that several windows cut is one stop in each group that it touches.
    Returns the `by` columns, time_us, stops, share of the total time and cumulative_share; equal times are in
    order of the `by` columns. Errors: InvalidInput for an unknown `by`.
    """
    unknown = [name for name in by if name not in BY]
    if unknown or not by:
        raise InvalidInput.at("by", f"A Pareto chart can be made by {', '.join(BY)}.")
    line = pieces(segments, classes, windows, until_us=until_us, machines=machines)
    line = line[line["time_class"].isin([int(one) for one in include]) & (line["segment"] >= 0)].copy()
    line["time_us"] = line["end_us"] - line["start_us"]
    if "day" in by or "shift" in by:
        _add_places(line, windows)
    keys = list(by)
    table = line.groupby(keys, as_index=False, sort=True).agg(
        time_us=("time_us", "sum"), stops=("segment", "nunique")
    )
    table = table.sort_values("time_us", ascending=False, kind="stable", ignore_index=True)
    total = int(table["time_us"].sum())
    table["share"] = table["time_us"] / total if total else 0.0
    table["cumulative_share"] = table["time_us"].cumsum() / total if total else 0.0
    return table


def _add_places(line: pd.DataFrame, windows: WindowsOf) -> None:
    """Add the day and the shift of each piece."""
    machine, window = line["machine"].to_numpy(), line["window"].to_numpy()
    day, shift = np.zeros(len(line), np.int64), np.full(len(line), "", dtype=object)
    for code in np.unique(machine).tolist():
        rows = np.flatnonzero(machine == code)
        one = windows_of(windows, code)
        day[rows], shift[rows] = one.day[window[rows]], one.shift_key[window[rows]]
    line["day"], line["shift"] = day, shift
