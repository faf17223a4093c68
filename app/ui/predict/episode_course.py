"""The course of an episode: its score over the signals, or the parts of shift records, that led it."""

from typing import Any, Final

import numpy as np
import pandas as pd

from app.predict.anomaly.rows import record_rows
from app.predict.anomaly.scans import Episode
from app.predict.anomaly.sources import RECORDS
from app.production.measured.signals import known_parameters, lines
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import Figure, layout, legend_below, safe, time_axis, titled
from app.ui.palette import faded, series_token
from app.ui.predict.episode_list import TOP
from app.ui.predict.words import RECORD_WORDS
from app.ui.scene import Scene
from app.ui.selecting.zone import axis_zone, local_times

AROUND_US: Final = 6 * 3_600_000_000
RECORDS_AROUND_US: Final = 14 * 86_400_000_000
SCORE_SHARE: Final = 0.28


def episode_course(at: Scene, one: Episode, body: dict[str, Any]) -> None:
    """The score on top, what led it below, over one time axis."""
    course = body.get("course") or {"time_us": [], "score": []}
    of_records = one.scan.source == RECORDS
    start, end = _records_around(one) if of_records else _around(one)
    stamps = np.array(course["time_us"], np.int64)
    shown = (stamps >= start) & (stamps < end)
    score = np.array(course["score"], np.float64)[shown]
    times = local_times(stamps[shown], at.zone)
    below = _records(at, one, start, end) if of_records else _signals(at, one, start, end)
    figure = _figure(at, one, (times, score), below)
    led = "the parts of shift records" if of_records else "the signals"
    chart_card(
        figure, pd.DataFrame({"time": times, "score": score}), key="episode-course",
        title=f"Score over {led} that contributed most",
        finding="The score is the distance from normal in multiples of the limit; the episode is shaded.",
        revision=f"{one.scan.id}-{one.position}",
    )  # fmt: skip


def _around(one: Episode) -> tuple[int, int]:
    start = max(one.start_us - AROUND_US, one.scan.start_us)
    return start, max(min(one.end_us + AROUND_US, one.scan.end_us), start + 1)


def _records_around(one: Episode) -> tuple[int, int]:
    """Shifts before and after, also those that were taken as normal: an odd one shows beside usual ones."""
    start = max(one.start_us - RECORDS_AROUND_US, min(one.scan.normal_start_us, one.scan.start_us))
    return start, max(min(one.end_us + RECORDS_AROUND_US, one.scan.end_us), one.end_us + 1)


def _signals(at: Scene, one: Episode, start_us: int, end_us: int) -> list[dict[str, Any]]:
    keys = [name for name, _ in one.contributions[:TOP]]
    table = lines(at.access, one.scan.machine, keys, start_us, end_us)
    if one.scan.machine not in at.plant.machine_by_key:
        return []
    known = {p.key: p for p in known_parameters(at.access, at.plant, one.scan.machine)}
    traces: list[dict[str, Any]] = []
    for key in keys:
        mine = table[table["parameter"] == key]
        unit = known[key].unit if key in known else ""
        label = (known[key].display_name or key) if key in known else key
        course = mine["time_us"].to_numpy(np.int64), mine["value"].to_numpy(np.float64)
        traces.append(_trace(at, len(traces), (label, unit), course, "lines"))
    return traces


def _records(at: Scene, one: Episode, start_us: int, end_us: int) -> list[dict[str, Any]]:
    if one.scan.machine not in at.plant.machine_by_key:
        return []
    keys = [name for name, _ in one.contributions[:TOP] if name in RECORD_WORDS]
    table = record_rows(at.access, one.scan.machine, keys, start_us, end_us)
    times_us = table.index.as_unit("us").asi8  # type: ignore[attr-defined]
    traces: list[dict[str, Any]] = []
    for key in keys:
        label, unit, factor = RECORD_WORDS[key]
        course = times_us, factor * table[key].to_numpy(np.float64)
        traces.append(_trace(at, len(traces), (label, unit), course, "lines+markers"))
    return traces


def _trace(
    at: Scene, place: int, words: tuple[str, str], course: tuple[Any, Any], mode: str
) -> dict[str, Any]:
    """One row below the score; a shift is a point, so that one between gaps is seen."""
    (label, unit), (times_us, values) = words, course
    return {
        "type": "scatter", "mode": mode, "name": safe(label),
        "x": [t.item() for t in local_times(times_us, at.zone)],
        "y": values, "xaxis": "x", "yaxis": f"y{place + 2}",
        "line": {"color": series_token(place), "width": 1.4}, "connectgaps": False,
        "hovertemplate": f"%{{y:.4~g}} {safe(unit)}<extra>{safe(label)}</extra>",
        "meta": {"unit": unit, "label": label},
    }  # fmt: skip


def _figure(at: Scene, one: Episode, course: tuple[Any, Any], signals: list[dict[str, Any]]) -> Figure:
    times, score = course
    top = {
        "type": "scatter", "mode": "lines+markers" if one.scan.source == RECORDS else "lines",
        "name": "Score", "x": [t.item() for t in times], "y": score,
        "line": {"color": "@limit", "width": 1.6}, "xaxis": "x", "yaxis": "y",
        "hovertemplate": "%{y:.2f} x limit<extra>Score</extra>",
    }  # fmt: skip
    edges = [t.item() for t in local_times(np.array([one.start_us, one.end_us], np.int64), at.zone)]
    shade = {"type": "rect", "xref": "x", "yref": "paper", "x0": edges[0], "x1": edges[1], "y0": 0, "y1": 1,
             "line": {"width": 0}, "fillcolor": faded("@limit", 0.1), "layer": "below"}  # fmt: skip
    limit = {"type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": 1, "y1": 1,
             "line": {"color": "@limit", "width": 1, "dash": "dash"}}  # fmt: skip
    zone = axis_zone(at.zone, one.start_us, one.end_us + 1)
    axes: dict[str, Any] = {
        "xaxis": time_axis(zone, anchor=f"y{len(signals) + 1}" if signals else "y"),
        "yaxis": {"domain": [1 - SCORE_SHARE, 1.0], "title": titled("Score"), "rangemode": "tozero"},
    }
    height = (1 - SCORE_SHARE) / max(len(signals), 1)
    for place, trace in enumerate(signals):
        above = 1 - SCORE_SHARE - place * height
        words = trace.pop("meta")
        axes[f"yaxis{place + 2}"] = {
            "domain": [max(above - height + 0.02, 0.0), above - 0.04], "anchor": "x", "nticks": 4,
            "title": titled(safe(words["unit"] or words["label"])),
        }  # fmt: skip
    return {
        "data": [top, *signals],
        "layout": layout(
            "", height=240 + 120 * len(signals), showlegend=True, legend=legend_below(), hovermode="x",
            margin={"l": 8, "r": 12, "t": 16, "b": 76}, shapes=[shade, limit], **axes,
        ),
    }  # fmt: skip
