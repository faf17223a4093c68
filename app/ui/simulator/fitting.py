"""Fitting the twin to what a machine measured, with the error of the fit."""

from typing import Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from analytics.twin.calibration import Calibration
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import plant
from app.simulate.lathes.drafts import process_of
from app.simulate.lathes.fits import NEEDED, fit_machine, fittable, forget_fit, keep_fit, kept_fit
from app.ui.cards import empty_state, error_card
from app.ui.forms import Problems
from app.ui.simulator.job import job_fields
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid
from data.models import to_us

HOUR_US: Final = 3_600_000_000
ROWS: Final = (
    ("Standby and drives", "fixed_kw", "kW"),
    ("Idle spindle", "spindle_kw_per_1000_rpm", "kW per 1,000 rpm"),
    ("Power per kW at the edge", "load_factor", "kW/kW"),
    ("Specific force against the table", "kc_factor", "times"),
)


def fit_part(access: Access) -> None:
    """Choose a machine and what it cut; see what the twin comes to."""
    st.markdown(
        "The twin's idle power, load losses and cutting force follow what the machine itself measured: "
        "active power and spindle speed, and torque or cutting force where it sends them."
    )
    known = plant(access).machine_by_key
    machines = [known[key] for key in fittable(access) if key in known]
    if not machines:
        empty_state(
            "No machine sends what a fit needs",
            f"A fit needs the parameters {' and '.join(NEEDED)}.",
            icon="tune",
            key="fit-none",
        )
        return
    left, right = st.columns(2, gap="large")
    with left:
        chosen = st.selectbox(
            "Machine", machines, format_func=lambda one: f"{one.name} ({one.device_key})", key="fit-machine"
        )
        hours = st.number_input("The last hours", 0.1, 168.0, 8.0, key="fit-hours")
        if chosen is None:
            return
        _kept(access, chosen.device_key)
    with right:
        job = job_fields("fit", Problems("fit"))
    if st.button("Fit", type="primary", icon=":material/tune:", key="fit-go"):
        st.session_state["fit-asked"] = chosen.device_key
    if st.session_state.get("fit-asked") != chosen.device_key:
        return
    now = to_us(access.now)
    try:
        process = process_of(job.material, job.job_type, job.tool_no, job.values)
        found = fit_machine(access, chosen.device_key, process, now - round(hours * HOUR_US), now)
    except GembaError as error:
        error_card(error)
        return
    _shown(access, chosen.device_key, found)


def _kept(access: Access, key: str) -> None:
    known = kept_fit(access, key)
    if known is None:
        st.caption("Its twin stands as it comes: nobody has fitted it.")
        return
    day = known.fitted_at.astimezone(access.factory.zone).strftime("%Y-%m-%d %H:%M")
    off = known.calibration.share_off
    st.caption(f"Fitted on {day} by {known.fitted_by}, {off:.1%} off on average.")
    may = access.principal.may(Permission.RUN_SIMULATOR)
    if st.button("Forget the fit", icon=":material/undo:", key="fit-forget", disabled=not may):
        forget_fit(access, key)
        st.rerun()


def _shown(access: Access, key: str, found: Calibration) -> None:
    st.markdown(f"**The fitted twin is {found.share_off:.1%} off the measured power on average.**")
    with tile_grid(key="fit-tiles"):
        kpi_tile("Error after the fit", found.rmse_kw, key="fit-after", unit="kW", decimals=2, better="down")
        kpi_tile("Error before it", found.before_kw, key="fit-before", unit="kW", decimals=2, better="down")
        kpi_tile("Moments used", float(found.rows), key="fit-rows", unit="", decimals=0, better="neither")
    st.caption("The error is the root mean square over each fifth moment, which the fit has not seen.")
    values = [getattr(found, name) for _, name, _ in ROWS]
    frame = pd.DataFrame(
        {
            "What": [label for label, *_ in ROWS],
            "Fitted": [round(one.value, 3) for one in values],
            "Standard error": [round(one.error, 4) if one.is_fitted else None for one in values],
            "Unit": [unit for *_, unit in ROWS],
            "From": ["the data" if one.is_fitted else "assumed: the data cannot tell" for one in values],
        }
    )
    data_table(frame, key="fit-table", label="Fitted values", height=fitting(len(frame)), download_name="fit")
    may = access.principal.may(Permission.RUN_SIMULATOR)
    if st.button("Keep this fit", type="primary", icon=":material/check:", key="fit-keep", disabled=not may):
        keep_fit(access, key, found)
        st.session_state.pop("fit-asked", None)
        st.rerun()
