"""What a change would bring, beside today."""

from collections.abc import Callable
from typing import Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError, InvalidInput
from analytics.twin.whatif import Economics, Outcome
from app.bootstrap import Access
from app.production.terms.rates import rates
from app.simulate.lathes.comparing import Comparison, Plan, compare
from app.simulate.lathes.fits import fitted_machines
from app.ui import tiles
from app.ui.cards import error_card
from app.ui.forms import Problems
from app.ui.simulator.job import Job, job_fields
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid

Get = Callable[[Outcome], float]
MONEY: Final = "money"
"""Stands for the factory's currency in the tables below."""
TILES: Final[tuple[tuple[str, str, int, tiles.Better, Get], ...]] = (
    ("Cost per good part", MONEY, 3, "down", lambda one: one.cost),
    ("Good parts per hour", "parts/h", 1, "up", lambda one: one.parts_per_h),
    ("Tool life", "min", 1, "up", lambda one: one.tool_life_min),
    ("Energy per good part", "kWh", 3, "down", lambda one: one.energy_kwh),
    ("Roughness Rz at the change", "µm", 1, "down", lambda one: one.roughness_rz_um),
    ("OEE", "%", 1, "up", lambda one: one.oee),
)
ROWS: Final[tuple[tuple[str, str, int, Get], ...]] = (
    ("Tool life, minutes of cutting", "min", 1, lambda one: one.tool_life_min),
    ("Parts per edge", "", 1, lambda one: one.parts_per_edge),
    ("Edges that break before their change", "%", 1, lambda one: one.breaks_per_100_edges),
    ("Cycle time", "s", 1, lambda one: one.cycle_s),
    ("Good parts per hour", "", 1, lambda one: one.parts_per_h),
    ("Cost per good part", MONEY, 3, lambda one: one.cost),
    ("  machine and operator", MONEY, 3, lambda one: one.machine_cost),
    ("  edges", MONEY, 3, lambda one: one.tool_cost),
    ("  energy", MONEY, 3, lambda one: one.energy_cost),
    ("Energy per good part", "kWh", 3, lambda one: one.energy_kwh),
    ("Roughness Rz at the change", "µm", 2, lambda one: one.roughness_rz_um),
    ("Cutting force", "N", 0, lambda one: one.cutting_force_n),
    ("Spindle power while cutting", "kW", 2, lambda one: one.spindle_power_kw),
    ("Availability", "%", 1, lambda one: 100 * one.availability),
    ("Performance against today's cycle", "%", 1, lambda one: 100 * one.performance),
    ("Quality", "%", 1, lambda one: 100 * one.quality),
    ("OEE", "%", 1, lambda one: 100 * one.oee),
)


def what_if(access: Access) -> None:
    """Both ways in fields, and what comes of them."""
    left, right = st.columns(2, gap="large")
    with left, st.container(border=True):
        st.markdown("##### Today")
        today = _plan("wi-today")
    with right, st.container(border=True):
        st.markdown("##### Changed")
        changed = _plan("wi-changed")
    fitted = fitted_machines(access)
    lathe = None
    if fitted:
        lathe = st.selectbox(
            "On the twin of",
            [None, *fitted],
            format_func=lambda one: one or "a lathe as it comes",
            key="wi-lathe",
        )
    prices = _prices(access)
    try:
        found = compare(access, today, changed, prices, lathe)
    except InvalidInput as error:
        for one in error.problems:
            st.error(one.message, icon=":material/error:")
        return
    except GembaError as error:
        error_card(error)
        return
    _shown(found, access.factory.currency)


def _plan(key: str) -> Plan:
    job: Job = job_fields(key, Problems(key))
    share = st.slider("Change the edge at this share of its life", 0.1, 1.5, 1.0, 0.05, key=f"{key}-share")
    return Plan(job.material, job.job_type, job.tool_no, job.values, share)


def _prices(access: Access) -> Economics:
    usual, money = Economics(), access.factory.currency
    known = rates(access).energy_price
    price = usual.energy_per_kwh if known is None else known
    with st.expander("Prices and other losses"):
        st.caption(
            "These are assumptions until you enter your own."
            + ("" if known is None else " The price of energy is the factory's.")
        )
        columns = st.columns(3)
        machine = columns[0].number_input(
            f"Machine ({money}/h)", 0.0, 10_000.0, usual.machine_per_h, key="wi-machine"
        )
        labour = columns[1].number_input(
            f"Operator ({money}/h)", 0.0, 10_000.0, usual.labour_per_h, key="wi-labour"
        )
        energy = columns[2].number_input(
            f"Energy ({money}/kWh)", 0.0, max(100.0, price), price, key="wi-energy"
        )
        blank = columns[0].number_input(f"Blank ({money})", 0.0, 1e6, usual.blank, key="wi-blank")
        stops = columns[1].number_input("Other stops (%)", 0.0, 95.0, 100 * usual.other_stops, key="wi-stops")
        scrap = columns[2].number_input("Other scrap (%)", 0.0, 95.0, 100 * usual.scrap, key="wi-scrap")
    return Economics(machine, labour, energy, blank, stops / 100, scrap / 100)


def finding(found: Comparison, currency: str) -> str:
    """The comparison in one sentence."""
    today, changed = found.today, found.changed
    cost = changed.cost / today.cost - 1.0
    parts = changed.parts_per_h / today.parts_per_h - 1.0
    if abs(cost) < 0.0005 and abs(parts) < 0.0005:
        said = "The same: change a value on the right"
    else:
        words = "cheaper" if cost < 0 else "dearer"
        said = f"A good part gets {abs(cost):.1%} {words}, and there are {parts:+.1%} of them in an hour"
    cheapest = (
        f"It costs least at {found.cheapest_m_min:,.0f} m/min ({found.cheapest_cost:.3f} {currency} a part)"
    )
    return f"{said}. {cheapest}."


def _unit(unit: str, currency: str) -> str:
    return currency if unit is MONEY else unit


def _shown(found: Comparison, currency: str) -> None:
    st.markdown(f"**{finding(found, currency)}**")
    with tile_grid(key="wi-tiles"):
        for place, (label, unit, digits, better, get) in enumerate(TILES):
            kpi_tile(
                label, get(found.changed), key=f"wi-{place}", unit=_unit(unit, currency), decimals=digits,
                better=better, comparison=tiles.Comparison(get(found.today), "today"),
            )  # fmt: skip
    if found.changed.performance > 1.0005:
        st.caption(
            "Performance passes 100 % because the changed cycle is faster than today's, the standard here."
        )
    frame = pd.DataFrame(
        {
            "Per good part or hour": [label for label, *_ in ROWS],
            "Unit": [_unit(unit, currency) for _, unit, *_ in ROWS],
            "Today": [round(get(found.today), digits) for *_, digits, get in ROWS],
            "Changed": [round(get(found.changed), digits) for *_, digits, get in ROWS],
            "Difference": [round(get(found.changed) - get(found.today), digits) for *_, digits, get in ROWS],
        }
    )
    data_table(
        frame, key="wi-table", label="Today and changed", height=fitting(len(frame)), download_name="what-if"
    )
