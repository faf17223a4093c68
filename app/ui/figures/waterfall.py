"""Where the time went: from calendar or scheduled time down to fully productive time."""

from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.vocabulary import Loss, TimeClass
from app.ui.figures.frame import Figure, distinct, layout, marker, row_axis, safe_all, titled, when_empty
from app.ui.formats import MINUS, duration
from app.ui.palette import CLASS_TONES, LOSS_TONES, Tone

ROW_PX: Final = 27
_TOTAL: Final = Tone("@muted", "#54606B", "#A9B4BF", "gray", ":material/functions:", "Total")
_RESULT: Final = Tone("@accent", "#0F766E", "#2F9E92", "green", ":material/check_circle:", "Result")


def waterfall(steps: pd.DataFrame, *, title: str) -> Figure:
    """How do the losses eat the time? One bar a step, each beginning where the one before ended.

    `steps` has label (text), minutes (>= 0) and kind: "total" (a level: calendar time, planned production
    time, run time), "result" (the last level), or the name of a loss (`Loss` value, `TimeClass` name in
    lower case). Totals stand on the axis at their own minutes; losses end at the running level. A
    click's customdata is the kind.
    """
    minutes = steps["minutes"].to_numpy(dtype=float)
    kinds = [str(kind) for kind in steps["kind"]]
    is_level = np.array([kind in ("total", "result") for kind in kinds], dtype=bool)
    base = _bases(minutes, is_level)
    labels = safe_all(steps["label"])
    rows = distinct(labels)
    texts = [
        duration(size) if level else MINUS + duration(size)
        for size, level in zip(minutes, is_level, strict=True)
    ]
    hours = minutes / 60
    longest = max(1 / 60, float(hours.max(initial=0.0)))
    figure: Figure = {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": rows,
                "x": hours,
                "base": base / 60,
                "marker": _markers([_tone_of(kind) for kind in kinds]),
                "text": texts,
                "textposition": "outside",
                "constraintext": "none",
                "cliponaxis": False,
                "hovertext": [f"<b>{label}</b><br>{text}" for label, text in zip(labels, texts, strict=True)],
                "hoverinfo": "text",
                "customdata": kinds,
                "name": "Time",
            }
        ],
        "layout": layout(
            title,
            height=70 + ROW_PX * max(3, len(rows)),
            bargap=0.3,
            margin={"l": 8, "r": 48, "t": 16, "b": 8},
            xaxis={"title": titled("Time", "h"), "range": [0, 1.12 * longest], "fixedrange": True},
            yaxis=row_axis(rows),
        ),
    }
    figure["layout"]["meta"]["narrow"]["xaxis"] = {"range": [0, 1.3 * longest]}
    return when_empty(figure, not len(steps), "There is no time to show in this range.")


def _bases(minutes: np.ndarray[Any, Any], is_level: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    base = np.zeros(len(minutes))
    running = 0.0
    for position, size in enumerate(minutes):
        if is_level[position]:
            running = size
        else:
            running -= size
            base[position] = running
    return base


def _tone_of(kind: str) -> Tone:
    if kind == "total":
        return _TOTAL
    if kind == "result":
        return _RESULT
    if kind in {loss.value for loss in Loss}:
        return LOSS_TONES[Loss(kind)]
    return CLASS_TONES[TimeClass[kind.upper()]]


def _markers(tones: list[Tone]) -> dict[str, Any]:
    looks = [marker(tone) for tone in tones]
    hatched = [look.get("pattern", {}) for look in looks]
    return {
        "color": [look["color"] for look in looks],
        "line": {"width": 0},
        "pattern": {
            "shape": [pattern.get("shape", "") for pattern in hatched],
            "bgcolor": [look["color"] for look in looks],
            "fgcolor": ["@hatch"] * len(looks),
            "size": 6,
            "solidity": 0.25,
        },
    }
