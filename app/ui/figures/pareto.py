"""Which few causes make up most of the loss? Bars in falling order and their running share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.ui.figures.frame import Figure, distinct, layout, row_axis, safe_all, titled, when_empty
from app.ui.formats import count, duration, percent

ROW_PX = 26
COLOR = "@class.unplanned_stop"
REST = "@muted"


@dataclass(frozen=True, slots=True)
class _Ranking:
    names: list[str]
    keys: list[str]
    colors: list[str]
    minutes: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    running: npt.NDArray[np.float64]


def pareto(
    labels: Sequence[str],
    minutes: Sequence[float],
    counts: Sequence[int],
    *,
    title: str,
    colors: Sequence[str] = (),
    most: int = 15,
) -> Figure:
    """Which causes cost the most? Bars, the largest on top, and the cumulative share on a second axis.

    `colors` are the bars' own, in the order of `labels`; without them all are those of unplanned stops. Ties
    keep their given order. Beyond `most` causes the rest is one bar "Other (n)". A click's customdata is
    the label, or "" for the rest.
    """
    ranking = _ranked(labels, minutes, counts, list(colors) or [COLOR] * len(labels), most)
    rows = distinct(safe_all(ranking.names))
    figure: Figure = {
        "data": [_bars(rows, ranking), _line(rows, ranking)],
        "layout": layout(
            title,
            height=110 + ROW_PX * max(3, len(rows)),
            bargap=0.3,
            margin={"l": 8, "r": 16, "t": 48, "b": 8},
            **_axes(rows),
        ),
    }
    return when_empty(figure, not rows, "No stop was recorded in this range.")


def _ranked(
    labels: Sequence[str],
    minutes: Sequence[float],
    counts: Sequence[int],
    colors: Sequence[str],
    most: int,
) -> _Ranking:
    sizes = np.asarray(minutes, dtype=np.float64)
    order = np.argsort(-sizes, kind="stable")
    names = [labels[position] for position in order]
    sizes, times = sizes[order], np.asarray(counts, dtype=np.int64)[order]
    keys = list(names)
    tones = [colors[position] for position in order]
    if len(names) > most:
        names = [*names[:most], f"Other ({len(names) - most})"]
        keys = [*keys[:most], ""]
        tones = [*tones[:most], REST]
        sizes = np.append(sizes[:most], sizes[most:].sum())
        times = np.append(times[:most], times[most:].sum())
    total = float(sizes.sum())
    running = np.cumsum(sizes) / total if total > 0 else np.zeros(len(sizes))
    return _Ranking(names, keys, tones, sizes, times, running)


def _hover(rows: list[str], ranking: _Ranking) -> list[str]:
    columns = zip(rows, ranking.minutes, ranking.counts, ranking.running, strict=True)
    return [
        f"<b>{row}</b><br>{duration(size)} in {count(int(times), 'stops')}<br>{percent(share)} with all above"
        for row, size, times, share in columns
    ]


def _bars(rows: list[str], ranking: _Ranking) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": "Lost time",
        "y": rows,
        "x": ranking.minutes / 60,
        "marker": {"color": ranking.colors},
        "text": [duration(size) for size in ranking.minutes],
        "textposition": "auto",
        "insidetextanchor": "start",
        "hovertext": _hover(rows, ranking),
        "hoverinfo": "text",
        "customdata": ranking.keys,
    }


def _line(rows: list[str], ranking: _Ranking) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "Cumulative share",
        "y": rows,
        "x": 100 * ranking.running,
        "xaxis": "x2",
        "line": {"color": "@text", "width": 1.5},
        "marker": {"size": 5, "color": "@text"},
        "hovertext": _hover(rows, ranking),
        "hoverinfo": "text",
        "customdata": ranking.keys,
    }


def _axes(rows: list[str]) -> dict[str, Any]:
    return {
        "yaxis": row_axis(rows),
        "xaxis": {"title": titled("Lost time", "h"), "rangemode": "tozero", "fixedrange": True},
        "xaxis2": {
            "title": titled("Cumulative share", "%"),
            "overlaying": "x",
            "side": "top",
            "range": [0, 104],
            "tickvals": [0, 20, 40, 60, 80, 100],
            "showgrid": False,
            "fixedrange": True,
        },
    }
