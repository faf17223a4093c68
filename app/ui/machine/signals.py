"""The telemetry chart: every peak kept, finer data on zoom, the zoom kept while it refreshes."""

from datetime import datetime

import numpy as np
import pandas as pd
import streamlit as st

from app.production.measured.signals import known_parameters, latest, lines
from app.ui.badges import stale_note
from app.ui.charts.chart import zoomed
from app.ui.charts.chart_card import chart_card
from app.ui.figures.telemetry import SignalLine, telemetry
from app.ui.formats import measured
from app.ui.live import live
from app.ui.scene import Scene, moved, scene
from app.ui.selecting.selection import Selection
from app.ui.selecting.zone import axis_zone, local_datetime, local_times, to_us
from data.models import Parameter

REFRESH_S = 5.0
PARAM = "s_signal"
FIRST = 3


@live(REFRESH_S)
def signals_card(selection: Selection, machine_key: str) -> None:
    """Choose signals, see them, zoom in; refreshes itself."""
    at = scene()
    parameters = known_parameters(at.access, at.plant, machine_key)
    if not parameters:
        st.caption("This machine has sent no telemetry yet.")
        return
    chosen = _choose(parameters)
    later = moved(at, selection)
    newest = latest(at.access, machine_key)
    stale_note(int(newest["time_us"].max()) if len(newest) else None, at.now_us, what="Telemetry")
    key = f"signals-{machine_key}"
    revision = f"{later.revision}|{machine_key}|{[p.key for p in chosen]}"
    start_us, end_us = _visible(at, later, zoomed(key, revision))
    table = lines(at.access, machine_key, [p.key for p in chosen], start_us, end_us)
    signals = [_line(at, parameter, table) for parameter in chosen]
    figure = telemetry(
        signals,
        title="",
        zone_title=axis_zone(at.zone, start_us, end_us),
        start=local_datetime(later.start_us, at.zone).replace(tzinfo=None),
        end=local_datetime(later.end_us, at.zone).replace(tzinfo=None),
    )
    chart_card(
        figure,
        _as_table(at, table),
        key=key,
        title="Signals",
        finding=_finding(chosen, newest),
        on_range=True,
        revision=revision,
    )


def _choose(parameters: list[Parameter]) -> list[Parameter]:
    names = {parameter.key: parameter.display_name or parameter.key for parameter in parameters}
    first = [p.key for p in parameters if p.is_kpi][:FIRST] or [p.key for p in parameters][:FIRST]
    kept = [key for key in st.session_state.get(PARAM, first) if key in names]
    st.session_state[PARAM] = kept
    keys = st.multiselect(
        "Signals",
        list(names),
        format_func=names.__getitem__,
        key=PARAM,
        placeholder="Choose signals",
        label_visibility="collapsed",
    )
    return [parameter for parameter in parameters if parameter.key in keys]


def _visible(at: Scene, selection: Selection, shown: tuple[datetime, datetime] | None) -> tuple[int, int]:
    """The part of the range that is zoomed in, with half as much on both sides, in finer steps."""
    if shown is None:
        return selection.start_us, selection.end_us
    low, high = (to_us(edge, at.zone) for edge in shown)
    start_us, end_us = max(low, selection.start_us), min(high, selection.end_us)
    if end_us <= start_us:
        return selection.start_us, selection.end_us
    margin = (end_us - start_us) // 2
    return max(start_us - margin, selection.start_us), min(end_us + margin, selection.end_us)


def _line(at: Scene, parameter: Parameter, table: pd.DataFrame) -> SignalLine:
    mine = table[table["parameter"] == parameter.key]
    values = mine["value"].to_numpy(np.float64)
    limits = (("low", parameter.low_limit), ("high", parameter.high_limit))
    return SignalLine(
        parameter.display_name or parameter.key,
        parameter.unit,
        local_times(mine["time_us"].to_numpy(np.int64), at.zone),
        values,
        values,
        tuple((word, value) for word, value in limits if value is not None),
    )


def _as_table(at: Scene, table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "signal": table["parameter"].to_numpy(object),
            "time": local_times(table["time_us"].to_numpy(np.int64), at.zone),
            "value": table["value"].to_numpy(np.float64),
        }
    )


def _finding(chosen: list[Parameter], newest: pd.DataFrame) -> str:
    """The newest value of each chosen signal, and which are beyond a limit."""
    values = {str(key): value for key, value in zip(newest["parameter"], newest["value"], strict=True)}
    words = []
    for parameter in chosen:
        value = values.get(parameter.key)
        if not isinstance(value, int | float):
            continue
        mark = ""
        if parameter.high_limit is not None and value > parameter.high_limit:
            mark = " (above its limit)"
        if parameter.low_limit is not None and value < parameter.low_limit:
            mark = " (below its limit)"
        words.append(
            f"{parameter.display_name or parameter.key} {measured(float(value), parameter.unit)}{mark}"
        )
    return "Now: " + ", ".join(words) if words else "No value yet."
