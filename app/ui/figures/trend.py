"""How a share such as OEE moved from day to day: value, bounds, target, and how much data stood behind it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from app.ui.figures.frame import Figure, layout, legend_below, safe, titled, when_empty
from app.ui.formats import percent

ENOUGH_COVERAGE = 0.9
_DAY_MS = 86_400_000


def trend(
    days: Sequence[date],
    values: npt.ArrayLike,
    *,
    title: str,
    measure: str = "OEE",
    target: float | None = None,
    lower: npt.ArrayLike | None = None,
    upper: npt.ArrayLike | None = None,
    coverage: npt.ArrayLike | None = None,
    zone_title: str = "Day",
) -> Figure:
    """Is it getting better? Shares (1 = 100 %) per production day, shape (n,); NaN is a gap in the line.

    `lower` and `upper` are the bounds if all unknown time were lost or productive, drawn as a pale bar per
    day. Days with coverage under 0.9 are hollow and grey. A click's customdata is the day (ISO).
    """
    shares = 100 * np.asarray(values, dtype=np.float64)
    known = np.ones(len(shares)) if coverage is None else np.asarray(coverage, dtype=np.float64)
    stamps = [day.isoformat() for day in days]
    traces: list[dict[str, Any]] = []
    if lower is not None and upper is not None:
        traces.append(_bounds(stamps, np.asarray(lower, np.float64), np.asarray(upper, np.float64)))
    traces.append(_line(stamps, shares, known, measure))
    if target is not None:
        traces.append(_target(stamps, target))
    every = max(1, -(-len(stamps) // 12))
    figure: Figure = {
        "data": traces,
        "layout": layout(
            title,
            height=320,
            bargap=0.35,
            showlegend=True,
            legend=legend_below(),
            margin={"l": 8, "r": 12, "t": 16, "b": 66},
            xaxis={
                "type": "date",
                "title": titled(zone_title),
                "tickformat": "%d %b",
                "dtick": every * _DAY_MS,
                "tick0": stamps[0] if stamps else None,
                "showgrid": False,
            },
            yaxis={"title": titled(measure, "%"), "rangemode": "tozero", "fixedrange": True},
        ),
    }
    return when_empty(figure, not stamps, "No day in this range has a result.")


def _line(
    stamps: list[str], shares: npt.NDArray[np.float64], known: npt.NDArray[np.float64], measure: str
) -> dict[str, Any]:
    enough = known >= ENOUGH_COVERAGE
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": safe(measure),
        "x": stamps,
        "y": shares,
        "connectgaps": False,
        "line": {"color": "@series.0", "width": 2},
        "marker": {
            "size": 7,
            "color": ["@series.0" if full else "@muted" for full in enough],
            "symbol": ["circle" if full else "circle-open" for full in enough],
            "line": {"width": 1.5},
        },
        "hovertext": [
            f"<b>{day}</b><br>{safe(measure)} {percent(share / 100)}<br>{percent(part, 0)} of the data"
            for day, share, part in zip(stamps, shares, known, strict=True)
        ],
        "hoverinfo": "text",
        "customdata": stamps,
    }


def _bounds(
    stamps: list[str], lower: npt.NDArray[np.float64], upper: npt.NDArray[np.float64]
) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": "Bounds from missing data",
        "x": stamps,
        "base": 100 * lower,
        "y": 100 * (upper - lower),
        "marker": {"color": "@muted/0.28", "line": {"width": 0}},
        "hovertext": [
            f"<b>{day}</b><br>between {percent(low)} and {percent(high)}"
            for day, low, high in zip(stamps, lower, upper, strict=True)
        ],
        "hoverinfo": "text",
        "customdata": stamps,
    }


def _target(stamps: list[str], target: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"Target {percent(target)}",
        "x": stamps,
        "y": np.full(len(stamps), 100 * target),
        "line": {"color": "@target", "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }
