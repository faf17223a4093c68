"""The KPIs of a group as a table, and one of them in detail."""

import math
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from analytics.kpis import BY_ID, KPIS, SYMBOLS, Kpi, Result
from analytics.timeline.arrays import Floats
from app.bootstrap import Access
from app.kpis.elements import elements
from app.kpis.values import kpi_trend, kpi_values
from app.production.figures import Question
from app.production.terms.targets import of_kpi
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import layout, safe_all, titled
from app.ui.formats import number, percent, points
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid

Asked = tuple[int, int, tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]
BETTER: Final = {"up": "higher is better", "down": "lower is better", "neither": "neither is better"}
MANY_HOURS: Final = 100


def _asked(question: Question) -> Asked:
    return (
        question.start_us, question.end_us, question.lines, question.machines, question.shifts,
        question.products,
    )  # fmt: skip


@st.cache_data(ttl=120, max_entries=64, show_spinner=False)
def _worth(
    factory: int, asked: Asked, stamp: int, _access: Access
) -> list[tuple[str, float | None, float | None, float | None, float | None, str]]:
    found = kpi_values(_access, Question(*asked))
    return [(one.kpi.id, one.value, one.lower, one.upper, one.coverage, one.reason) for one in found]


@st.cache_data(ttl=120, max_entries=64, show_spinner=False)
def _elements(factory: int, asked: Asked, stamp: int, _access: Access) -> dict[str, float]:
    return elements(_access, Question(*asked)).values


@st.cache_data(ttl=120, max_entries=128, show_spinner=False)
def _trend(factory: int, asked: Asked, kpi: str, by: str, stamp: int, _access: Access) -> pd.DataFrame:
    return kpi_trend(_access, Question(*asked), kpi, by)


def results(at: Scene, question: Question) -> dict[str, Result]:
    """Every KPI's result by id."""
    rows = _worth(at.access.factory.id, _asked(question), at.stamp, at.access)
    return {
        key: Result(BY_ID[key], value, lower, upper, coverage, (), reason)
        for key, value, lower, upper, coverage, reason in rows
    }


def written(kpi: Kpi, value: float | None, currency: str) -> str:
    """A value in its KPI's unit."""
    if value is None or math.isnan(value):
        return "–"
    if kpi.unit == "%":
        return percent(value)
    unit = kpi.unit.replace("money", currency)
    return f"{number(value, _decimals(value))} {unit}".strip()


def _decimals(value: float | None) -> int:
    return 0 if value is not None and abs(value) >= MANY_HOURS else 2


def goals(at: Scene, question: Question) -> dict[str, float]:
    """The targets that count for the question, by KPI."""
    found = {one.id: at.goal(question, of_kpi(one.id)) for one in KPIS}
    return {key: value for key, value in found.items() if value is not None}


def gap(kpi: Kpi, value: float | None, goal: float | None, currency: str) -> str:
    """How far a value is from its target, and whether that is good."""
    if value is None or goal is None or math.isnan(value):
        return ""
    away = value - goal
    if written(kpi, abs(away), currency) == written(kpi, 0.0, currency):
        return "met"
    is_good = (away > 0) == (kpi.better == "up")
    distance = points(abs(away)) if kpi.unit == "%" else written(kpi, abs(away), currency)
    return f"{distance.removeprefix('+')} {'better' if is_good else 'worse'}"


def table(found: dict[str, Result], group: str, currency: str, targets: dict[str, float]) -> str | None:
    """Draw the KPIs of a group; the id of the chosen one. Targets are shown where one of them has one."""
    wanted = [one for one in KPIS if group in {"All", one.group}]
    shown = pd.DataFrame(
        {
            "KPI": [one.name for one in wanted],
            "Value": [written(one, found[one.id].value, currency) for one in wanted],
            "Bounds": [_bounds(found[one.id], currency) for one in wanted],
            "Known time": [found[one.id].coverage for one in wanted],
            "Formula": [one.formula for one in wanted],
            "Better": [BETTER[one.better] for one in wanted],
            "Remark": [found[one.id].reason for one in wanted],
            "Source": [one.source for one in wanted],
        }
    )
    if any(one.id in targets for one in wanted):
        aims = [targets.get(one.id) for one in wanted]
        shown.insert(2, "Target", [
            "" if aim is None else written(one, aim, currency) for one, aim in zip(wanted, aims, strict=True)
        ])  # fmt: skip
        shown.insert(3, "Gap", [
            gap(one, found[one.id].value, aim, currency) for one, aim in zip(wanted, aims, strict=True)
        ])  # fmt: skip
    row = data_table(
        shown, key=f"kpis-{group}", label=f"KPIs: {group}", selectable=True, download_name="kpis",
        columns={"Known time": st.column_config.NumberColumn("Known time", format="percent"),
                 "Gap": st.column_config.TextColumn("Gap", width=110)},
        height=fitting(len(shown), 14),
    )  # fmt: skip
    return None if row is None else wanted[row].id


def _bounds(found: Result, currency: str) -> str:
    if found.value is None or found.lower is None or found.upper is None:
        return ""
    low, high = (written(found.kpi, one, currency) for one in (found.lower, found.upper))
    return "" if low == high else f"{low} to {high}"


def detail(at: Scene, selection: Selection, question: Question, found: Result) -> None:
    """One KPI: what it says, its elements with their values, and its course."""
    kpi, currency = found.kpi, at.access.factory.currency
    with st.container(border=True, key="card-kpi", gap="small"):
        st.subheader(kpi.name, anchor=False)
        st.caption(f"{kpi.formula} · {BETTER[kpi.better]} · for {kpi.audience} · {kpi.source}")
        if kpi.note:
            st.markdown(kpi.note)
        with tile_grid(key="kpi-tiles"):
            _tile(found, currency, at.goal(question, of_kpi(kpi.id)))
            _inputs(_elements(at.access.factory.id, _asked(question), at.stamp, at.access), kpi, currency)
    by = st.segmented_control(
        "By", ["day", "machine", "line", "shift"], default="day", key="k_by", bind="query-params",
        label_visibility="collapsed", format_func=lambda one: f"By {one}", required=True,
    )  # fmt: skip
    _course(at, selection, question, kpi, str(by))


def _tile(found: Result, currency: str, goal: float | None) -> None:
    share = found.kpi.unit == "%"
    kpi_tile(
        found.kpi.name, found.value, key="kpi-value", missing=found.reason,
        unit="%" if share else found.kpi.unit.replace("money", currency),
        decimals=1 if share else _decimals(found.value),
        bounds=None if found.lower is None or found.upper is None else (found.lower, found.upper),
        coverage=found.coverage, target=goal,
    )  # fmt: skip


def _inputs(values: dict[str, float], kpi: Kpi, currency: str) -> None:
    for key in kpi.inputs:
        symbol = SYMBOLS[key]
        value = values.get(key)
        unit = symbol.unit.replace("money", currency)
        kpi_tile(
            f"{key}: {symbol.name}", value, key=f"kpi-{key}", unit=unit,
            decimals=_decimals(value), better="neither",
            missing=f"from {symbol.known_from}", help_text=f"From: {symbol.known_from}.",
        )  # fmt: skip


def _course(at: Scene, selection: Selection, question: Question, kpi: Kpi, by: str) -> None:
    course = _trend(at.access.factory.id, _asked(question), kpi.id, by, at.stamp, at.access)
    known = course[course["value"].notna()]
    if known.empty:
        st.caption(f"Nothing to draw by {by}: the KPI could not be computed for any part.")
        return
    scale = 100.0 if kpi.unit == "%" else 1.0
    values = known["value"].to_numpy(np.float64) * scale
    names = [_named(at, by, one) for one in known[by]]
    unit = "%" if kpi.unit == "%" else kpi.unit.replace("money", at.access.factory.currency)
    figure = {
        "data": [{"type": "bar", "x": safe_all(names), "y": values.tolist(), "marker": {"color": "@accent"},
                  "hovertemplate": f"%{{x}}: %{{y:.4g}} {unit}<extra></extra>"}],
        "layout": layout("", height=320, yaxis={"title": titled(unit), "rangemode": "tozero"},
                         showlegend=False, xaxis={"type": "category"}),
    }  # fmt: skip
    shown = course.assign(**{by: [_named(at, by, one) for one in course[by]]})
    chart_card(
        figure, shown, key="kpi-course", title=f"{kpi.name} by {by}",
        finding=_finding(kpi, names, values, unit), zoom=False,
        revision=f"{selection.revision}|{kpi.id}|{by}",
    )  # fmt: skip


def _named(at: Scene, by: str, one: object) -> str:
    if by == "machine" and str(one) in at.plant.machine_by_key:
        return at.plant.machine_by_key[str(one)].name
    if by == "line" and str(one) in at.plant.line_by_key:
        return at.plant.line_by_key[str(one)].name
    return str(one)


def _finding(kpi: Kpi, names: list[str], values: Floats, unit: str) -> str:
    best = int(values.argmin() if kpi.better == "down" else values.argmax())
    worst = int(values.argmax() if kpi.better == "down" else values.argmin())
    said = [f"{names[place]} with {values[place]:.4g} {unit}".strip() for place in (best, worst)]
    return said[0] if len(names) == 1 else f"Best: {said[0]}; worst: {said[1]}"
