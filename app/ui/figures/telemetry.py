"""What the machine's signals did: lines with every peak kept, one axis a unit, limits as dashed lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from app.ui.figures.frame import Figure, layout, legend_below, safe, time_axis, titled, when_empty
from app.ui.formats import measured
from app.ui.palette import series_dash, series_token

PANEL_PX = 170
FRAME_PX = 110
_GAP = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class SignalLine:
    """One signal: naive local times of n buckets, and each bucket's lowest and highest value (NaN: a gap).

    For raw samples give the same array twice. `limits` are (name, value) pairs in the signal's unit.
    """

    name: str
    unit: str
    x: npt.NDArray[np.datetime64]
    y_min: npt.NDArray[np.float64]
    y_max: npt.NDArray[np.float64]
    limits: tuple[tuple[str, float], ...] = ()


def telemetry(
    series: Sequence[SignalLine],
    *,
    title: str,
    zone_title: str,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Figure:
    """How did the signals run? One panel per unit, stacked, with one shared time axis over [start, end).

    Each line runs through the minimum and the maximum of every bucket, so no peak is lost; gaps stay gaps.
    """
    units = list(dict.fromkeys(line.unit for line in series))
    panels = {unit: position for position, unit in enumerate(units)}
    traces = [_trace(line, index, panels[line.unit]) for index, line in enumerate(series)]
    shapes = [shape for line in series for shape in _limits(line, panels[line.unit])]
    notes = [note for line in series for note in _limit_notes(line, panels[line.unit])]
    figure: Figure = {
        "data": traces,
        "layout": layout(
            title,
            height=FRAME_PX + PANEL_PX * max(1, len(units)),
            showlegend=True,
            legend=legend_below(),
            hovermode="x",
            margin={"l": 8, "r": 12, "t": 24, "b": 76},
            shapes=shapes,
            annotations=notes,
            **_axes(units, zone_title, start, end),
        ),
    }
    return when_empty(figure, not traces, "Choose a signal to see its values.")


def interleaved(line: SignalLine) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]]:
    """One line's points: minimum then maximum of each bucket, one point where both are equal or missing."""
    both = np.column_stack((line.y_min, line.y_max)).astype(np.float64)
    keep = np.column_stack((np.ones(len(both), dtype=bool), both[:, 0] != both[:, 1]))
    keep[np.isnan(both).all(axis=1), 1] = False
    return np.repeat(line.x, 2)[keep.ravel()], both.ravel()[keep.ravel()]


def _axis(panel: int, letter: str) -> str:
    return letter if panel == 0 else f"{letter}{panel + 1}"


def _trace(line: SignalLine, index: int, panel: int) -> dict[str, Any]:
    x, y = interleaved(line)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": safe(line.name),
        "x": x,
        "y": y,
        "xaxis": _axis(panel, "x"),
        "yaxis": _axis(panel, "y"),
        "connectgaps": False,
        "line": {"color": series_token(index), "dash": series_dash(index), "width": 1.5},
        "hovertemplate": f"%{{y:.4~g}} {safe(line.unit)}<extra>{safe(line.name)}</extra>",
    }


def _limits(line: SignalLine, panel: int) -> list[dict[str, Any]]:
    return [
        {
            "type": "line",
            "xref": f"{_axis(panel, 'x')} domain",
            "yref": _axis(panel, "y"),
            "x0": 0,
            "x1": 1,
            "y0": value,
            "y1": value,
            "line": {"color": "@limit", "width": 1, "dash": "dash"},
        }
        for _, value in line.limits
    ]


def _limit_notes(line: SignalLine, panel: int) -> list[dict[str, Any]]:
    return [
        {
            "xref": f"{_axis(panel, 'x')} domain",
            "yref": _axis(panel, "y"),
            "x": 1,
            "y": value,
            "xanchor": "right",
            "yanchor": "bottom",
            "showarrow": False,
            "text": f"{safe(name)} {measured(value, line.unit)}",
            "font": {"size": 11, "color": "@limit"},
        }
        for name, value in line.limits
    ]


def _axes(
    units: Sequence[str], zone_title: str, start: datetime | None, end: datetime | None
) -> dict[str, Any]:
    axes: dict[str, Any] = {}
    total = max(1, len(units))
    size = (1 - _GAP * (total - 1)) / total
    for panel, unit in enumerate(units or [""]):
        top = 1 - panel * (size + _GAP)
        suffix = "" if panel == 0 else str(panel + 1)
        is_last = panel == total - 1
        axes[f"yaxis{suffix}"] = {
            "domain": [max(0.0, top - size), top],
            "anchor": _axis(panel, "x"),
            "title": titled(safe(unit)) if unit else titled("Value"),
            "nticks": 5,
        }
        axes[f"xaxis{suffix}"] = {
            **time_axis(zone_title if is_last else "", anchor=_axis(panel, "y"), showticklabels=is_last),
            **({"range": [start, end]} if start is not None and end is not None else {}),
            **({"matches": "x"} if panel else {}),
        }
    return axes
