"""The control chart as a figure, with the points that break a rule marked by shape and colour."""

from zoneinfo import ZoneInfo

import numpy as np

from analytics.spc import RULES
from app.production.measured.control import Control
from app.ui.figures.frame import Figure, layout, safe, time_axis, titled
from app.ui.selecting.zone import axis_zone, local_times

SPREAD_HEIGHT = 190


def control_figure(found: Control, zone: ZoneInfo) -> Figure:
    """The values with centre and limits; specification limits where they are known."""
    chart = found.chart
    times = [one.item() for one in local_times(found.time_us, zone)]
    broken = found.broken.to_numpy(np.bool_)
    bad = np.flatnonzero(broken.any(axis=1)).tolist()
    said = [
        "<br>".join(f"Rule {n + 1}: {RULES[n + 1]}" for n in np.flatnonzero(broken[at]).tolist())
        for at in bad
    ]
    centre = np.full(len(times), chart.centre)
    traces = [
        _line(times, chart.upper, "Upper limit", "@limit", "dash"),
        _line(times, chart.lower, "Lower limit", "@limit", "dash"),
        _line(times, centre, "Centre", "@muted", "dot"),
        {
            "type": "scatter", "mode": "lines+markers", "name": safe(found.name), "x": times,
            "y": chart.value.tolist(), "line": {"color": "@accent", "width": 1.5}, "marker": {"size": 4},
            "hovertemplate": f"%{{x|%a %d %b %H:%M}}: %{{y:.5g}} {safe(found.unit)}<extra></extra>",
        },
        {
            "type": "scatter", "mode": "markers", "name": "Breaks a rule",
            "x": [times[at] for at in bad], "y": chart.value[bad].tolist(), "text": said,
            "marker": {"color": "@state.down", "size": 9, "symbol": "diamond"},
            "hovertemplate": "%{x|%a %d %b %H:%M}: %{y:.5g}<br>%{text}<extra></extra>",
        },
    ]  # fmt: skip
    for value, name in ((found.upper, "Upper specification"), (found.lower, "Lower specification")):
        if value is not None:
            traces.append(_line(times, np.full(len(times), value), name, "@target", "solid"))
    return {
        "data": traces,
        "layout": layout(
            "", height=400, showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
            yaxis={"title": titled(safe(found.name), safe(found.unit))},
            xaxis=time_axis(_zone(found, zone)),
        ),
    }  # fmt: skip


def spread_figure(found: Control, zone: ZoneInfo) -> Figure:
    """The ranges of neighbours or of subgroups, with their limit."""
    chart = found.chart
    times = [one.item() for one in local_times(found.time_us, zone)][-len(chart.spread) :]
    traces = [
        _line(times, np.full(len(times), chart.spread_upper), "Upper limit", "@limit", "dash"),
        _line(times, np.full(len(times), chart.spread_centre), "Mean range", "@muted", "dot"),
        {
            "type": "scatter", "mode": "lines", "name": "Range", "x": times,
            "y": [None if np.isnan(one) else float(one) for one in chart.spread],
            "line": {"color": "@accent", "width": 1.2},
        },
    ]  # fmt: skip
    return {
        "data": traces,
        "layout": layout(
            "", height=SPREAD_HEIGHT, showlegend=False, yaxis={"title": titled("Range", safe(found.unit))},
            xaxis=time_axis(""),
        ),
    }  # fmt: skip


def _line(times: list[object], values: object, name: str, colour: str, dash: str) -> Figure:
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": times, "y": np.asarray(values).tolist(),
        "line": {"color": colour, "dash": dash, "width": 1.2}, "hoverinfo": "skip",
    }  # fmt: skip


def _zone(found: Control, zone: ZoneInfo) -> str:
    return axis_zone(zone, int(found.time_us[0]), int(found.time_us[-1]))
