"""The energy page's tiles, charts and table."""

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from app.bootstrap import Access
from app.production.figures import Question
from app.production.measured.energy import energy, per_part
from app.production.measured.power import demand, power_now
from app.production.terms.rates import rates
from app.ui.answers import figures_of
from app.ui.charts.chart_card import chart_card
from app.ui.figures.frame import layout, safe_all, time_axis, titled
from app.ui.formats import moment, number
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection
from app.ui.selecting.zone import axis_zone, local_times
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid

Asked = tuple[int, int, tuple[str, ...], tuple[str, ...]]
PER_PART: Final = "energy_per_part"
SECOND_US: Final = 1_000_000


def _asked(question: Question) -> Asked:
    return (question.start_us, question.end_us, question.lines, question.machines)


@st.cache_data(ttl=120, max_entries=64, show_spinner=False)
def _energy(factory: int, asked: Asked, stamp: int, now: int, _access: Access) -> pd.DataFrame:
    return energy(_access, Question(*asked))


@st.cache_data(ttl=120, max_entries=64, show_spinner=False)
def _demand(factory: int, asked: Asked, stamp: int, now: int, _access: Access) -> pd.DataFrame:
    return demand(_access, Question(*asked))


def used(at: Scene, question: Question) -> pd.DataFrame:
    """Energy by machine; asked anew every minute, since telemetry moves no stamp."""
    minute = at.now_us // (60 * SECOND_US)
    return _energy(at.access.factory.id, _asked(question), at.stamp, minute, at.access)


def energy_tiles(at: Scene, question: Question, table: pd.DataFrame) -> None:
    """Power now, energy, cost, energy per part, the peak."""
    now = power_now(at.access, question)
    kwh, price = float(table["kwh"].sum()), rates(at.access).energy_price
    parts = figures_of(at, question, ("machine",)).set_index("machine")["total"]
    course = _course(at, question)
    peak = int(course["kw"].to_numpy(np.float64).argmax()) if len(course) else None
    currency = at.access.factory.currency
    with tile_grid(key="energy-tiles"):
        kpi_tile("Power now", float(now["kw"].sum()) if len(now) else None, key="e-now", unit="kW",
                 decimals=0, better="neither", note=f"of {len(now)} machines",
                 missing="no power in five minutes")  # fmt: skip
        kpi_tile(
            "Energy", kwh, key="e-kwh", unit="kWh", decimals=0, better="down", note=_known(table, question)
        )
        kpi_tile("Cost", None if price is None else kwh * price, key="e-cost", unit=currency,
                 decimals=0, better="down", missing="the price of a kWh, set on the page KPIs")  # fmt: skip
        kpi_tile("Per part", per_part(table, parts, _whole_s(at, question)), key="e-part", unit="kWh",
                 decimals=2, better="down", missing="parts, and the power of who made them",
                 target=at.goal(question, PER_PART))  # fmt: skip
        kpi_tile("Peak demand", None if peak is None else float(course["kw"].iloc[peak]), key="e-peak",
                 unit="kW", decimals=0, better="down", missing="no quarter of an hour has ended",
                 note="" if peak is None else moment(int(course["time_us"].iloc[peak]), at.zone))  # fmt: skip


def _whole_s(at: Scene, question: Question) -> float:
    return (min(question.end_us, at.now_us) - question.start_us) / SECOND_US


def _known(table: pd.DataFrame, question: Question) -> str:
    whole = len(table) * (question.end_us - question.start_us) / SECOND_US
    share = float(table["covered_s"].sum()) / whole if whole else 0.0
    return f"power known for {100 * share:.0f} % of the time"


def _course(at: Scene, question: Question) -> pd.DataFrame:
    quarter = at.now_us // (900 * SECOND_US)
    return _demand(at.access.factory.id, _asked(question), at.stamp, quarter, at.access)


def demand_card(at: Scene, selection: Selection, question: Question) -> None:
    """The course of the demand, a quarter of an hour a point."""
    course = _course(at, question)
    if course.empty:
        return
    kw = course["kw"].to_numpy(np.float64)
    times = local_times(course["time_us"].to_numpy(np.int64), at.zone)
    figure = {
        "data": [{"type": "scatter", "mode": "lines", "x": [one.item() for one in times], "y": kw.tolist(),
                  "line": {"color": "@accent", "width": 1.4, "shape": "hv"},
                  "hovertemplate": "%{x|%a %d %b %H:%M}: %{y:.0f} kW<extra></extra>"}],
        "layout": layout("", height=330, showlegend=False,
                         yaxis={"title": titled("Power", "kW"), "rangemode": "tozero"},
                         xaxis=time_axis(axis_zone(at.zone, question.start_us, question.end_us))),
    }  # fmt: skip
    peak = moment(int(course["time_us"].iloc[int(kw.argmax())]), at.zone)
    chart_card(
        figure, pd.DataFrame({"time": times, "kw": kw}), key="energy-demand", title="Demand",
        finding=f"Highest quarter of an hour: {number(float(kw.max()), 0)} kW at {peak}; "
        f"mean {number(float(kw.mean()), 0)} kW.",
        revision=selection.revision,
    )  # fmt: skip


def by_machine(at: Scene, selection: Selection, question: Question, table: pd.DataFrame) -> None:
    """Energy by machine as bars, and per part and per line as a table."""
    price = rates(at.access).energy_price
    parts = figures_of(at, question, ("machine",)).set_index("machine")["total"]
    names = at.names
    lines = {machine.device_key: at.plant.line_name(machine) for machine in at.plant.rows.machines}
    shown = pd.DataFrame(
        {
            "Machine": table["machine"].map(names), "Line": table["machine"].map(lines), "kWh": table["kwh"],
            "Parts": table["machine"].map(parts).fillna(0.0),
        }
    )  # fmt: skip
    whole_s = _whole_s(at, question)
    alone = {key: per_part(table, parts.loc[[key]], whole_s) for key in parts.index}
    shown["kWh per part"] = table["machine"].map(alone).astype(np.float64)
    if price is not None:
        shown[f"Cost {at.access.factory.currency}"] = shown["kWh"] * price
    shown = shown.sort_values("kWh", ascending=False, ignore_index=True)
    _bars(selection, shown)
    by_line = shown.groupby("Line")["kWh"].sum().reset_index()
    of_line = dict(iter(parts.groupby(parts.index.map(lines))))
    none = parts.iloc[:0]
    by_line["Parts"] = [float(of_line.get(name, none).sum()) for name in by_line["Line"]]
    by_line["kWh per part"] = pd.Series(
        [per_part(table, of_line.get(name, none), whole_s) for name in by_line["Line"]], dtype=np.float64
    )
    _against_targets(at, by_line)
    with st.container(border=True, key="card-energy-lines"):
        st.markdown("**By line**")
        data_table(by_line, key="energy-lines", label="Energy by line", download_name="energy-by-line",
                   columns=_columns(), height=fitting(len(by_line)))  # fmt: skip


def _against_targets(at: Scene, by_line: pd.DataFrame) -> None:
    """Beside the energy per part of each line its target and the gap, where one is set."""
    keys = {row.name: row.key for row in at.plant.rows.lines}
    aims = [at.target(keys.get(str(name)), PER_PART) for name in by_line["Line"]]
    if any(aim is not None for aim in aims):
        by_line["Target"] = pd.Series(aims, dtype="float64")
        by_line["Gap"] = by_line["kWh per part"] - by_line["Target"]


def _bars(selection: Selection, shown: pd.DataFrame) -> None:
    figure = {
        "data": [{"type": "bar", "x": safe_all(shown["Machine"]), "y": shown["kWh"].tolist(),
                  "marker": {"color": "@accent"}, "hovertemplate": "%{x}: %{y:.0f} kWh<extra></extra>"}],
        "layout": layout("", height=330, showlegend=False, yaxis={"title": titled("Energy", "kWh")},
                         xaxis={"type": "category"}),
    }  # fmt: skip
    top = shown.iloc[0]
    share = 100 * float(top["kWh"]) / max(float(shown["kWh"].sum()), 1e-9)
    chart_card(
        figure, shown, key="energy-machines", title="Energy by machine", zoom=False, columns=_columns(),
        finding=f"{top['Machine']} used {share:.0f} % of the energy.", revision=selection.revision,
    )  # fmt: skip


def _columns() -> dict[str, object]:
    return {
        "kWh": st.column_config.NumberColumn("kWh", format="%.0f"),
        "Parts": st.column_config.NumberColumn("Parts", format="%.0f"),
        "kWh per part": st.column_config.NumberColumn("kWh per part", format="%.2f"),
        "Target": st.column_config.NumberColumn("Target, kWh per part", format="%.2f"),
        "Gap": st.column_config.NumberColumn("Above target, kWh per part", format="%+.2f"),
    }
