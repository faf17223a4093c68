"""What each machine did, minute by minute: one lane a machine, one colour a state."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from analytics.vocabulary import State, TimeClass
from app.ui.figures.frame import (
    Figure,
    layout,
    legend_below,
    marker,
    row_axis,
    safe,
    safe_all,
    time_axis,
    when_empty,
)
from app.ui.formats import duration
from app.ui.palette import CLASS_TONES, STATE_TONES, Tone

LANE_PX = 30
FRAME_PX = 104
LEAST_PX = 180
"""On a phone the legend takes three rows, and a lane must still fit above it."""


def timeline(
    segments: pd.DataFrame,
    *,
    title: str,
    start: datetime,
    end: datetime,
    zone_title: str,
    machines: Sequence[str] = (),
    by: str = "state",
) -> Figure:
    """Which state was each machine in, and why? A Gantt chart with one lane a machine.

    `segments` has machine (text), start and end (naive local datetimes, half-open), `state` (State numbers)
    or `class` (TimeClass numbers, with `by="class"`), and optionally reason (text or missing). A segment is
    cut to [start, end); one without length is left out. Lanes are in the order of `machines`, or of first
    appearance; a machine without segments keeps an empty lane. A click's customdata is [machine, start,
    end, reason].
    """
    tones: Mapping[Any, Tone] = STATE_TONES if by == "state" else CLASS_TONES
    kinds: type[State] | type[TimeClass] = State if by == "state" else TimeClass
    shown = _cut(segments, start, end)
    lanes = list(machines) or list(dict.fromkeys(shown["machine"]))
    codes = shown[by].to_numpy(dtype="int64")
    traces = [_trace(shown[codes == kind], tones[kind]) for kind in kinds if bool((codes == kind).any())]
    figure: Figure = {
        "data": traces,
        "layout": layout(
            title,
            height=max(LEAST_PX, FRAME_PX + LANE_PX * len(lanes)),
            barmode="overlay",
            bargap=0.25,
            showlegend=True,
            legend=legend_below(),
            margin={"l": 8, "r": 12, "t": 24, "b": 72},
            meta={"narrow": {"margin": {"l": 4, "r": 8, "t": 24, "b": 110}}},
            xaxis=time_axis(zone_title, range=[start, end]),
            yaxis=row_axis(safe_all(lanes)),
        ),
    }
    return when_empty(figure, shown.empty, "No state was recorded in this range.")


def _cut(segments: pd.DataFrame, start: datetime, end: datetime) -> pd.DataFrame:
    shown = segments.copy(deep=False)
    shown["start"] = np.maximum(shown["start"].to_numpy("datetime64[us]"), np.datetime64(start))
    shown["end"] = np.minimum(shown["end"].to_numpy("datetime64[us]"), np.datetime64(end))
    if "reason" not in shown.columns:
        shown["reason"] = None
    return shown.loc[shown["end"] > shown["start"]]


def _trace(rows: pd.DataFrame, tone: Tone) -> dict[str, Any]:
    starts, ends = (rows[name].to_numpy("datetime64[us]") for name in ("start", "end"))
    lengths = (ends - starts) / np.timedelta64(1, "ms")
    machines, reasons = rows["machine"].tolist(), rows["reason"].fillna("").tolist()
    lanes = safe_all(machines)
    # Plain datetimes are formatted ten times faster than pandas' own.
    edges = list(zip(starts.tolist(), ends.tolist(), strict=True))
    hover = [
        f"<b>{lane}</b>  {tone.word}{f': {safe(reason)}' if reason else ''}<br>"
        f"{begin:%a %d %b %H:%M:%S} to {finish:%H:%M:%S}<br>{duration(length / 60_000)}"
        for lane, reason, (begin, finish), length in zip(lanes, reasons, edges, lengths.tolist(), strict=True)
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "name": tone.word,
        "y": lanes,
        "base": starts,
        "x": lengths,
        "marker": marker(tone),
        "hovertext": hover,
        "hoverinfo": "text",
        "customdata": [
            [machine, begin.isoformat(sep=" "), finish.isoformat(sep=" "), reason]
            for machine, reason, (begin, finish) in zip(machines, reasons, edges, strict=True)
        ],
    }
