"""One episode: the score over the signals, what contributed, and what a person says of it."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.predict.anomaly.labels import take_label_back
from app.predict.anomaly.scans import Episode, label_episode, scan_body
from app.production.measured.signals import known_parameters, lines
from app.ui.cards import error_card
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import Figure, layout, legend_below, safe, safe_all, time_axis, titled
from app.ui.formats import duration, moment, number
from app.ui.palette import faded, series_token
from app.ui.predict.episode_list import METHOD_NAMES, TOP, judged, mostly
from app.ui.scene import Scene
from app.ui.selecting.zone import axis_zone, local_times

SEVERITY_COLORS: Final[dict[str, Any]] = {"high": "red", "medium": "orange", "low": "gray"}
AROUND_US: Final = 6 * 3_600_000_000
SCORE_SHARE: Final = 0.28
TOLD: Final = "episode-told"


def episode_view(at: Scene, one: Episode) -> None:
    """The chosen episode."""
    machine = at.plant.machine_by_key.get(one.scan.machine)
    name = machine.name if machine else one.scan.machine
    st.subheader(f"{name}, since {moment(one.start_us, at.zone)}", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(f"Severity {one.severity}", color=SEVERITY_COLORS.get(one.severity, "gray"))
        st.badge(f"Judged: {judged(one)}", color="blue")
        st.caption(
            f"{duration((one.end_us - one.start_us) / 60e6)}, highest score {number(one.peak, 1)} times the "
            f"limit at {moment(one.peak_at_us, at.zone)}, found by "
            f"{METHOD_NAMES.get(one.scan.method, one.scan.method)}"
        )
    st.markdown(f"Mostly: {mostly(at, one)}.")
    _judge(at, one)
    try:
        body = scan_body(at.access, one.scan)
    except GembaError as error:
        error_card(error)
        return
    _course(at, one, body)
    _contributions(at, one)


def _judge(at: Scene, one: Episode) -> None:
    told = st.session_state.pop(TOLD, "")
    if told:
        st.toast(told, icon=":material/check:")
    if one.label is not None:
        note = f" “{one.label.note}”" if one.label.note else ""
        st.caption(f"{one.label.by} said so on {moment(one.label.at_us, at.zone)}.{note}")
    elif one.excused is not None:
        st.caption("Left out of the count: an episode like it was called a false alarm.")
    if Permission.RUN_ANALYTICS not in at.access.principal.permissions:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="episode-judge"):
        note = st.text_input("Note", key=f"an-note-{one.scan.id}-{one.position}", max_chars=500, width=320)
        if st.button("A real anomaly", icon=":material/check_circle:", key="an-true"):
            _label(at, one, note, is_true=True)
        if st.button("A false alarm", icon=":material/do_not_disturb_on:", key="an-false"):
            _label(at, one, note, is_true=False)
        is_said = one.label is not None
        if st.button("Take back", icon=":material/undo:", key="an-undo", disabled=not is_said) and one.label:
            _done(at, "Taken back: the next scan knows nothing of it.", one.label.id)
    st.caption(
        "The next scan learns from it: a real anomaly is not taken as normal; episodes led by the same "
        "parameter and hardly higher than a false alarm are no longer counted."
    )


def _label(at: Scene, one: Episode, note: str, *, is_true: bool) -> None:
    try:
        label_episode(at.access, one.scan.id, one.position, is_true=is_true, note=note)
    except GembaError as error:
        error_card(error)
        return
    st.session_state[TOLD] = "Kept. *Take back* undoes it."
    st.rerun()


def _done(at: Scene, text: str, label: int) -> None:
    try:
        take_label_back(at.access, label)
    except GembaError as error:
        error_card(error)
        return
    st.session_state[TOLD] = text
    st.rerun()


def _course(at: Scene, one: Episode, body: dict[str, Any]) -> None:
    """The score on top, the leading signals below it, over one time axis."""
    course = body.get("course") or {"time_us": [], "score": []}
    start = max(one.start_us - AROUND_US, one.scan.start_us)
    end = max(min(one.end_us + AROUND_US, one.scan.end_us), start + 1)
    stamps = np.array(course["time_us"], np.int64)
    shown = (stamps >= start) & (stamps < end)
    score = np.array(course["score"], np.float64)[shown]
    times = local_times(stamps[shown], at.zone)
    keys = [name for name, _ in one.contributions[:TOP]]
    table = lines(at.access, one.scan.machine, keys, start, end)
    figure = _figure(at, one, (times, score), _signals(at, one, keys, table))
    chart_card(
        figure, pd.DataFrame({"time": times, "score": score}), key="episode-course",
        title="Score over the signals that contributed most",
        finding="The score is the distance from normal in multiples of the limit; the episode is shaded.",
        revision=f"{one.scan.id}-{one.position}",
    )  # fmt: skip


def _signals(at: Scene, one: Episode, keys: list[str], table: pd.DataFrame) -> list[dict[str, Any]]:
    if one.scan.machine not in at.plant.machine_by_key:
        return []
    known = {p.key: p for p in known_parameters(at.access, at.plant, one.scan.machine)}
    traces = []
    for place, key in enumerate(keys):
        mine = table[table["parameter"] == key]
        unit = known[key].unit if key in known else ""
        label = (known[key].display_name or key) if key in known else key
        traces.append(
            {"type": "scatter", "mode": "lines", "name": safe(label),
             "x": [t.item() for t in local_times(mine["time_us"].to_numpy(np.int64), at.zone)],
             "y": mine["value"].to_numpy(np.float64), "xaxis": "x", "yaxis": f"y{place + 2}",
             "line": {"color": series_token(place), "width": 1.4}, "connectgaps": False,
             "hovertemplate": f"%{{y:.4~g}} {safe(unit)}<extra>{safe(label)}</extra>",
             "meta": {"unit": unit, "label": label}}
        )  # fmt: skip
    return traces


def _figure(at: Scene, one: Episode, course: tuple[Any, Any], signals: list[dict[str, Any]]) -> Figure:
    times, score = course
    top = {
        "type": "scatter", "mode": "lines", "name": "Score", "x": [t.item() for t in times], "y": score,
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


def _contributions(at: Scene, one: Episode) -> None:
    known = [(name, share) for name, share in one.contributions if share > 0]
    if not known:
        return
    machine = at.plant.machine_by_key.get(one.scan.machine)
    shown = {p.key: p.display_name or p.key for p in at.plant.parameters(machine.id)} if machine else {}
    names = [shown.get(name, name) for name, _ in known]
    shares = [100 * share for _, share in known]
    figure: Figure = {
        "data": [{"type": "bar", "orientation": "h", "y": safe_all(names), "x": shares,
                  "marker": {"color": "@accent"}, "hovertemplate": "%{y}: %{x:.0f} %<extra></extra>"}],
        "layout": layout("", height=80 + 30 * len(names), showlegend=False,
                         xaxis={"title": titled("Share of the score", "%"), "rangemode": "tozero"},
                         yaxis={"type": "category", "autorange": "reversed"}),
    }  # fmt: skip
    frame = pd.DataFrame({"parameter": names, "share %": shares})
    chart_card(
        figure, frame, key="episode-parts", title="What contributed", zoom=False,
        finding=f"{names[0]} made {shares[0]:.0f} % of the score over the episode.",
        revision=f"{one.scan.id}-{one.position}",
    )  # fmt: skip
