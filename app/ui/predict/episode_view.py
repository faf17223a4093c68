"""One episode: its course, what contributed, and what a person says of it."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.predict.anomaly.labels import take_label_back
from app.predict.anomaly.scans import Episode, label_episode, scan_body
from app.ui.cards import error_card
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import Figure, layout, safe_all, titled
from app.ui.formats import duration, moment, number
from app.ui.predict.episode_course import episode_course
from app.ui.predict.episode_list import METHOD_NAMES, judged, mostly
from app.ui.predict.words import SOURCE_WORDS, contributors
from app.ui.scene import Scene

SEVERITY_COLORS: Final[dict[str, Any]] = {"high": "red", "medium": "orange", "low": "gray"}
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
            f"{METHOD_NAMES.get(one.scan.method, one.scan.method)} in {SOURCE_WORDS[one.scan.source].lower()}"
        )
    st.markdown(f"Mostly: {mostly(at, one)}.")
    _judge(at, one)
    try:
        body = scan_body(at.access, one.scan)
    except GembaError as error:
        error_card(error)
        return
    episode_course(at, one, body)
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


def _contributions(at: Scene, one: Episode) -> None:
    known = [(name, share) for name, share in one.contributions if share > 0]
    if not known:
        return
    shown = contributors(at.plant, one.scan)
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
