"""The parameters of one machine: what it sends, with unit and limits, and the dialog that changes one."""

from typing import Final

import pandas as pd
import streamlit as st

from app.auth.permissions import Permission
from app.production.measured.parameters import NUMERIC, ParameterChange, change, listed
from app.production.measured.signals import latest
from app.ui.cards import empty_state
from app.ui.forms import Problems, form_dialog
from app.ui.machines.views import DONE, MACHINE_PARAM, label
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting
from data.models import Machine, Parameter

SHOW_PARAM: Final = "ma_show"
EVERYTHING: Final = "All"
WITHOUT_UNIT: Final = "Without a unit"
WITHOUT_LIMITS: Final = "Without limits"
CHOSEN: Final = "Shown as KPI"
FILTERS: Final = (EVERYTHING, WITHOUT_UNIT, WITHOUT_LIMITS, CHOSEN)
UNIT_HELP: Final = (
    "As it stands on charts. A number in kW, W, MW or kVA is the power from which energy is computed."
)
LIMIT_HELP: Final = "Marked on charts, and used for Cp and Cpk; alerts come from rules. Empty: none."
TYPES: Final = {"float": "number", "int": "whole number", "bool": "yes or no", "string": "words"}


def parameter_table(at: Scene) -> None:
    """Choose a machine, see what it sends, change one of its parameters."""
    machines = {one.device_key: one for one in at.plant.rows.machines}
    if not machines:
        empty_state(
            "No machine yet", "Parameters belong to a machine: add one under *Machines*.",
            icon="precision_manufacturing", key="parameters",
        )  # fmt: skip
        return
    with st.container(horizontal=True, vertical_alignment="center", key="parameter-bar"):
        key = st.selectbox(
            "Machine", list(machines), format_func=lambda one: label(machines[one]), key=MACHINE_PARAM,
            bind="query-params", width=300, label_visibility="collapsed",
        )  # fmt: skip
        needle = st.text_input(
            "Search", key="ma_parameter", placeholder="Key, name or unit", icon=":material/search:",
            width=240, label_visibility="collapsed",
        )  # fmt: skip
        show = st.segmented_control(
            "Show", FILTERS, default=EVERYTHING, key=SHOW_PARAM, bind="query-params", required=True,
            label_visibility="collapsed", wrap=True,
        )  # fmt: skip
    machine = machines.get(str(key), next(iter(machines.values())))
    everything = listed(at.access, machine.id)
    shown = [one for one in everything if _fits(one, str(show), needle or "")]
    if shown:
        _table(at, machine, shown)
    elif everything:
        empty_state(
            "No parameter fits", "Change the search, or show all.", icon="search_off", key="parameters"
        )
    else:
        empty_state(
            "Nothing was sent yet",
            "A parameter is listed by itself when the machine sends it for the first time, or comes with a "
            "list on the page *Import*.",
            icon="sensors",
            key="parameters",
        )


def _fits(one: Parameter, show: str, needle: str) -> bool:
    has_limits = one.low_limit is not None or one.high_limit is not None
    kinds = {
        WITHOUT_UNIT: one.data_type in NUMERIC and not one.unit.strip(),
        WITHOUT_LIMITS: one.data_type in NUMERIC and not has_limits,
        CHOSEN: one.is_kpi,
    }
    words = f"{one.key} {one.display_name} {one.unit}".lower()
    return kinds.get(show, True) and needle.strip().lower() in words


def _table(at: Scene, machine: Machine, shown: list[Parameter]) -> None:
    newest = latest(at.access, machine.device_key)
    values = dict(zip(newest["parameter"].tolist(), newest["value"].tolist(), strict=True))
    row = data_table(
        pd.DataFrame(
            {
                "Key": [one.key for one in shown],
                "Name": [one.display_name or one.key for one in shown],
                "Unit": [one.unit for one in shown],
                "Type": [TYPES.get(one.data_type, one.data_type) for one in shown],
                "Shown as KPI": [one.is_kpi for one in shown],
                "Low limit": pd.Series([one.low_limit for one in shown], dtype="float64"),
                "High limit": pd.Series([one.high_limit for one in shown], dtype="float64"),
                "Newest value": [_written(values.get(one.key)) for one in shown],
            }
        ),
        key=f"parameters-{machine.id}", label=f"Parameters of {machine.name}",
        columns={
            "Name": st.column_config.TextColumn("Name", pinned=True),
            "Shown as KPI": st.column_config.CheckboxColumn("Shown as KPI"),
        },
        download_name=f"parameters-{machine.device_key}", selectable=True, height=fitting(len(shown)),
    )  # fmt: skip
    if not at.access.principal.may(Permission.MANAGE_MACHINES):
        return
    pressed = st.button(
        "Change", icon=":material/edit:", key="parameter-change", disabled=row is None,
        help="Choose a parameter in the table first." if row is None else None,
    )  # fmt: skip
    if pressed and row is not None:
        _open(at, machine, shown[row])


def _written(value: object) -> str | None:
    if isinstance(value, float):
        return f"{value:.6g}"
    return None if value is None else str(value)


def _open(at: Scene, machine: Machine, one: Parameter) -> None:
    def save(wanted: ParameterChange) -> None:
        change(at.access, machine.id, one.id, one.version, wanted)
        st.session_state[DONE] = f"{wanted.display_name or one.key} was saved."

    form_dialog(
        "parameter", f"{one.key} of {machine.name}", ":material/tune:",
        lambda problems: _fields(one, problems), save,
    )  # fmt: skip


def _fields(one: Parameter, problems: Problems) -> ParameterChange:
    name = st.text_input("Name", one.display_name, max_chars=200, key="pa-name", placeholder=one.key)
    problems.here("display_name")
    unit = st.text_input("Unit", one.unit, max_chars=30, key="pa-unit", help=UNIT_HELP)
    problems.here("unit")
    is_kpi = st.checkbox("Shown as KPI", one.is_kpi, key="pa-kpi", help="First on charts and in lists.")
    if one.data_type not in NUMERIC:
        return ParameterChange(name or "", unit or "", bool(is_kpi))
    left, right = st.columns(2)
    with left:
        low = _limit("Low limit", one.low_limit, "pa-low")
        problems.here("low_limit")
    with right:
        high = _limit("High limit", one.high_limit, "pa-high")
        problems.here("high_limit")
    return ParameterChange(name or "", unit or "", bool(is_kpi), low, high)


def _limit(words: str, value: float | None, key: str) -> float | None:
    given = st.number_input(
        words, value=value, format="%g", step=1.0, key=key, placeholder="none", help=LIMIT_HELP
    )
    return None if given is None else float(given)
