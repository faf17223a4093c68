"""What stands behind a loss: its stops one by one or, where it has none, the machines that had it."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.vocabulary import TIME_CLASS_LABELS, TimeClass
from app.production.figures import NO_REASON, Question
from app.ui.answers import flow_of, pieces_of, stops_of
from app.ui.charts.chart import Click
from app.ui.formats import duration, many
from app.ui.oee.charts import STEPS
from app.ui.overview.lanes import joined, local_pieces
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting

LOSS_PARAM = "d_loss"
REASON_PARAM = "d_reason"
MINUTE_US = 60_000_000
MOST = 500
STOPS = (TimeClass.UNPLANNED_STOP, TimeClass.SETUP, TimeClass.MINOR_STOP)
CLASS_OF = {
    "breakdown": TimeClass.UNPLANNED_STOP,
    "setup": TimeClass.SETUP,
    "minor_stop": TimeClass.MINOR_STOP,
    "planned_stop": TimeClass.PLANNED_STOP,
    "unknown": TimeClass.UNKNOWN,
}
COLUMN_OF = {"reduced_speed": "speed_us", "defect": "defect_us", "startup": "startup_us"}
"""Losses that happen while a machine runs: they have no stops."""
LABELS = {kind: next(label for label, _, step in STEPS if step == kind) for kind in (*CLASS_OF, *COLUMN_OF)}


@dataclass(frozen=True, slots=True)
class Behind:
    """What the person wants to look behind: a loss, a reason, both, or neither (all stops)."""

    loss: str | None = None
    reason: str | None = None


def follow(waterfall: Click | None, pareto: Click | None) -> None:
    """Take over a click on a loss or a reason; a second click on the same bar takes it back."""
    if waterfall is not None and str(waterfall.customdata) in LABELS:
        kind = str(waterfall.customdata)
        _toggle(LOSS_PARAM, kind)
        st.session_state[REASON_PARAM] = None
    if pareto is not None and pareto.customdata:
        _toggle(REASON_PARAM, str(pareto.customdata))
        st.session_state[LOSS_PARAM] = None


def _toggle(param: str, value: str) -> None:
    st.session_state[param] = None if st.session_state.get(param) == value else value


def stops_card(at: Scene, question: Question) -> None:
    """Draw the stops of the range, the longest first, with a loss and a reason to choose (or clicked)."""
    reasons = [str(name) for name in stops_of(at, question)["name"]]
    with st.container(border=True, key="card-stops", gap="small"):
        head = st.empty()
        with st.container(horizontal=True, key="stop-filters"):
            loss = _choice("Loss", LOSS_PARAM, list(LABELS), LABELS)
            reason = None
            if loss not in COLUMN_OF:
                reason = _choice("Reason", REASON_PARAM, reasons, {name: name for name in reasons})
        behind = Behind(loss, reason)
        if loss in COLUMN_OF:
            _by_machine(at, question, loss, head)
        else:
            _one_by_one(at, question, behind, head)


def _choice(noun: str, param: str, keys: list[str], labels: dict[str, str]) -> str | None:
    if st.session_state.get(param) not in {None, *keys}:
        st.session_state[param] = None
    return st.selectbox(
        noun,
        keys,
        index=None,
        format_func=labels.__getitem__,
        key=param,
        placeholder="All losses" if param == LOSS_PARAM else "All reasons",
        label_visibility="collapsed",
        bind="query-params",
        width=290,
    )


def chosen_stops(pieces: pd.DataFrame, behind: Behind) -> pd.DataFrame:
    """The pieces of a loss and a reason with their minutes, the longest first; ties keep their order."""
    classes = [CLASS_OF[behind.loss]] if behind.loss else list(STOPS)
    stops = pieces[pieces["class"].isin([int(item) for item in classes])].copy()
    if behind.reason is not None:
        wanted = "" if behind.reason == NO_REASON else behind.reason
        stops = stops[stops["reason"] == wanted]
    stops["minutes"] = (stops["end"] - stops["start"]).dt.total_seconds() / 60
    return stops.sort_values("minutes", ascending=False, kind="stable", ignore_index=True)


def _one_by_one(at: Scene, question: Question, behind: Behind, head: DeltaGenerator) -> None:
    stops = chosen_stops(local_pieces(at, joined(pieces_of(at, question))), behind)
    total = float(stops["minutes"].sum())
    words = f": {many(len(stops), 'stop')}, {duration(total)}" if len(stops) else ""
    noun = LABELS[behind.loss] if behind.loss else "Stops"
    of = f" by {behind.reason}" if behind.reason else ""
    head.markdown(f"**{noun}{of}, longest first**{words}")
    written = _written(at, question, behind, total)
    if written >= 1:
        st.caption(f"{duration(written)} more stand in shift records, which say how long but not when.")
    if stops.empty:
        st.caption("No stop in this range." if behind == Behind() else "No such stop in this range.")
        return
    shown = pd.DataFrame(
        {
            "Start": stops["start"],
            "Minutes": stops["minutes"],
            "Machine": stops["machine"],
            "Reason": stops["reason"].where(stops["reason"] != "", NO_REASON),
            "Kind": [TIME_CLASS_LABELS[TimeClass(int(item))] for item in stops["class"]],
        }
    )
    data_table(
        shown.head(MOST),
        key="stops",
        label="Stops, longest first",
        columns={
            "Start": st.column_config.DatetimeColumn("Start", format="ddd D MMM HH:mm"),
            "Minutes": st.column_config.NumberColumn("Minutes", format="%.1f"),
        },
        download_name="stops",
        export=shown,
        height=fitting(len(shown), 8),
    )


def _written(at: Scene, question: Question, behind: Behind, measured_min: float) -> float:
    """Minutes that the shift records add; known by reason only."""
    if behind.loss is not None:
        return 0.0
    table = stops_of(at, question)
    if behind.reason is not None:
        table = table[table["name"] == behind.reason]
    return float(table["minutes"].sum()) - measured_min


def _by_machine(at: Scene, question: Question, loss: str, head: DeltaGenerator) -> None:
    flow = flow_of(at, question, ("machine",))
    names = at.names
    shown = pd.DataFrame(
        {"Machine": flow["machine"].map(names), "Minutes": flow[COLUMN_OF[loss]] / MINUTE_US}
    )
    shown = shown[shown["Minutes"] > 0].sort_values("Minutes", ascending=False, ignore_index=True)
    head.markdown(f"**{LABELS[loss]} by machine**: {duration(float(shown['Minutes'].sum()))} in all")
    st.caption("This loss happens while a machine runs, so there are no stops to list.")
    if len(shown):
        data_table(
            shown,
            key="loss-machines",
            label=f"{LABELS[loss]} by machine",
            columns={"Minutes": st.column_config.NumberColumn("Minutes", format="%.1f")},
            download_name=f"{loss}-by-machine",
            height=fitting(len(shown), 8),
        )
