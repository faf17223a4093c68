"""What is charted and how, the chart itself, what breaks a rule, and the capability."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from analytics.spc import RULES
from analytics.vocabulary import ANOMALY_SCORE
from app.auth.permissions import Permission
from app.production.measured.control import COUNTS, Control, ControlQuestion, control
from app.production.measured.signals import known_parameters
from app.ui.cards import empty_state
from app.ui.charts.chart import plot
from app.ui.charts.chart_card import chart_card
from app.ui.formats import many, percent
from app.ui.machines.views import parameters_of
from app.ui.scene import Scene
from app.ui.selecting.links import address
from app.ui.selecting.selection import Selection
from app.ui.selecting.zone import local_times
from app.ui.spc.chart import control_figure, spread_figure
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid
from data.models import Parameter

KINDS: Final = {"Single values (I-MR)": "individuals", "Means (X-bar, R)": "means", "EWMA": "ewma"}
KIND_WORDS: Final = {"individuals": "single values", "means": "means of subgroups", "ewma": "EWMA"}
WEEKS_US: Final = 4 * 7 * 86_400_000_000
GOOD: Final = 1.33
LOWER: Final = "s_low"
UPPER: Final = "s_high"
LIMITS_OF: Final = "spc-limits-of"
"""The machine and signal that the written limits belong to: for another one they are forgotten."""


def chosen(at: Scene, selection: Selection, machine: str) -> ControlQuestion | None:
    """The bar of choices; None where the machine sends nothing that can be charted."""
    listed = [one for one in known_parameters(at.access, at.plant, machine) if one.data_type != "string"]
    # What is computed of the others comes behind them: the first one is what somebody sees who only looks in.
    listed.sort(key=lambda one: one.key == ANOMALY_SCORE)
    names = {one.key: one.display_name or one.key for one in listed} | {k: n for k, (n, _) in COUNTS.items()}
    with st.container(horizontal=True, vertical_alignment="bottom", key="spc-choices"):
        signal = st.selectbox("Signal", list(names), format_func=names.__getitem__, key="s_signal",
                              bind="query-params", width=260)  # fmt: skip
        kind = st.segmented_control("Chart", list(KINDS), default=next(iter(KINDS)), key="s_kind",
                                    bind="query-params", required=True)  # fmt: skip
        size = 5
        if KINDS[str(kind)] == "means":
            size = int(st.number_input("Subgroup of", 2, 10, 5, key="s_size", width=120))
        lower, upper = _limits(listed, machine, str(signal))
        before = st.toggle("Limits from the four weeks before", key="s_before")
        running = st.toggle("Only while it runs", value=True, key="s_running")
    if signal is None:
        return None
    reference = selection.start_us - WEEKS_US if before else None
    return ControlQuestion(
        machine, str(signal), selection.start_us, min(selection.end_us, at.now_us), KINDS[str(kind)], size,
        reference_us=reference, only_running=bool(running), lower=lower, upper=upper,
    )  # fmt: skip


def _limits(listed: Sequence[Parameter], machine: str, signal: str) -> tuple[float | None, float | None]:
    """Specification limits that somebody writes for this view and its link; empty: those of the parameter."""
    if st.session_state.get(LIMITS_OF, (machine, signal)) != (machine, signal):
        st.session_state[LOWER] = st.session_state[UPPER] = None
    st.session_state[LIMITS_OF] = (machine, signal)
    own = next((one for one in listed if one.key == signal), None)
    found = []
    for word, key, stored in (
        ("Lower specification", LOWER, own.low_limit if own else None),
        ("Upper specification", UPPER, own.high_limit if own else None),
    ):
        found.append(
            st.number_input(
                word, value=None, key=key, bind="query-params", width=170, format="%g",
                placeholder="none" if stored is None else f"{stored:g}",
                help="The tolerance by which Cp, Cpk, Cm and Cmk are computed here and in the link of this "
                "page. Empty: the limit that the parameter has, if any.",
            )
        )  # fmt: skip
    return found[0], found[1]


def panel(at: Scene, selection: Selection, asked: ControlQuestion) -> None:
    """Tiles, chart, ranges and the list of what breaks a rule."""
    try:
        found = control(at.access, asked)
    except GembaError as error:
        empty_state("Nothing to chart here", str(error), icon="show_chart", key="spc")
        return
    _tiles(asked, found)
    _where_limits_are_given(at, asked, found)
    _chart(at, selection, asked, found)
    _broken(at, found)


def _where_limits_are_given(at: Scene, asked: ControlQuestion, found: Control) -> None:
    if asked.signal in COUNTS and (found.lower is None or found.upper is None):
        st.caption("Cp and Cpk of counts need a lower and an upper limit, given above; Cpk and Cmk need one.")
        return
    if found.lower is not None and found.upper is not None:
        return
    if at.access.principal.may(Permission.MANAGE_MACHINES):
        link = address("machines", parameters_of(at.plant.machine_by_key[asked.machine]))
        st.markdown(f"Cp and Cpk need a low and a high limit: [give them on the page Machines]({link}).")
    else:
        st.caption("Cp and Cpk need a low and a high limit, which who manages machines gives.")


def _tiles(asked: ControlQuestion, found: Control) -> None:
    bad = int(found.broken.to_numpy(bool).any(axis=1).sum())
    able = found.capability
    missing = _why_missing(asked, found)
    with tile_grid(key="spc-tiles"):
        kpi_tile("Points that break a rule", float(bad), key="spc-bad", unit="", decimals=0, better="down",
                 note=f"of {len(found.chart.value)}")  # fmt: skip
        for label, value in (
            ("Cp", able.cp if able else None), ("Cpk", able.cpk if able else None),
            ("Cm", able.cm if able else None), ("Cmk", able.cmk if able else None),
        ):  # fmt: skip
            kpi_tile(label, value, key=f"spc-{label}", unit="", decimals=2, target=GOOD, missing=missing)
        if able is not None:
            kpi_tile("Outside the limits", able.outside, key="spc-outside", decimals=2, better="down",
                     note=f"expected {percent(able.expected_outside, 2)}")  # fmt: skip


def _why_missing(asked: ControlQuestion, found: Control) -> str:
    if found.lower is None and found.upper is None:
        return "no limit is given" if asked.signal in COUNTS else "the parameter has no limits"
    if found.lower is None or found.upper is None:
        return "this needs a lower and an upper limit"
    return "the values do not vary"


def _chart(at: Scene, selection: Selection, asked: ControlQuestion, found: Control) -> None:
    table = pd.DataFrame(
        {
            "time": local_times(found.time_us, at.zone), "value": found.chart.value,
            "lower": found.chart.lower, "upper": found.chart.upper, **found.broken,
        }
    )  # fmt: skip
    bad = int(found.broken.to_numpy(bool).any(axis=1).sum())
    revision = f"{selection.revision}|{asked.machine}|{asked.signal}|{asked.kind}"
    chart_card(
        control_figure(found, at.zone), table, key="spc-chart",
        title=f"{found.name}: {KIND_WORDS[asked.kind]}",
        finding="Nothing special: all points are what this process gives."
        if not bad
        else f"{many(bad, 'point')} broke a rule: look for what was special then.",
        revision=revision,
    )  # fmt: skip
    plot(spread_figure(found, at.zone), key="spc-spread", label="Ranges with their limit", revision=revision)


def _broken(at: Scene, found: Control) -> None:
    marks = found.broken.to_numpy(bool)
    rows, rules = np.nonzero(marks)
    if not len(rows):
        return
    times = local_times(found.time_us, at.zone)
    shown = pd.DataFrame(
        {
            "Time": times[rows],
            "Value": found.chart.value[rows],
            "Rule": [f"{int(rule) + 1}: {RULES[int(rule) + 1]}" for rule in rules],
        }
    ).iloc[::-1]
    st.markdown(f"**{many(len(shown), 'broken rule')}**, the newest first")
    data_table(
        shown, key="spc-broken", label="Broken rules", download_name="control-chart",
        columns={"Time": st.column_config.DatetimeColumn("Time", format="ddd D MMM HH:mm")},
        height=fitting(len(shown), 10),
    )  # fmt: skip
