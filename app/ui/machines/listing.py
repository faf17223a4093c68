"""The list of machines: search, table, and the buttons above it."""

import pandas as pd
import streamlit as st

from app.ui.cards import empty_state
from app.ui.machines.actions import machine_actions
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting
from data.models import Machine


def machine_list(at: Scene) -> None:
    """Find a machine, open, add or change one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        needle = st.text_input(
            "Search", key="m_search", placeholder="Key, name, line, type ...", icon=":material/search:",
            width=320, label_visibility="collapsed",
        )  # fmt: skip
        with_inactive = st.toggle("Also those out of use", key="m_inactive", bind="query-params")
    actions = st.container(horizontal=True, vertical_alignment="center", key="machine-actions")
    shown = listed(at, with_inactive, needle or "")
    row = None
    if shown:
        row = machine_table(at, shown)
    elif at.plant.rows.machines:
        empty_state(
            "No machine fits",
            "Change the search, or show the machines that are out of use.",
            icon="search_off",
            key="machines",
        )
    else:
        empty_state(
            "No machine yet",
            "Add the first machine, or import a list on the page *Import*.",
            icon="precision_manufacturing",
            key="machines",
        )
    with actions:
        machine_actions(at, shown[row] if row is not None else None)


def listed(at: Scene, with_inactive: bool, needle: str) -> list[Machine]:
    """The machines to show: a search word matches any text of theirs."""
    word = needle.strip().lower()
    return [
        machine
        for machine in at.plant.rows.machines
        if (with_inactive or machine.is_active) and (not word or word in _text(at, machine))
    ]


def _text(at: Scene, machine: Machine) -> str:
    parts = (
        machine.device_key, machine.name, machine.type, machine.manufacturer, machine.model,
        machine.location, at.plant.line_name(machine),
    )  # fmt: skip
    return " ".join(parts).lower()


def machine_table(at: Scene, machines: list[Machine]) -> int | None:
    """Draw the machines; the position of the chosen one, or None."""
    return data_table(
        table(at, machines),
        key="machines",
        label="Machines",
        columns=columns(),
        download_name="machines",
        selectable=True,
        height=fitting(len(machines)),
    )


def table(at: Scene, machines: list[Machine]) -> pd.DataFrame:
    """One row per machine."""
    return pd.DataFrame(
        {
            "Key": [m.device_key for m in machines],
            "Name": [m.name for m in machines],
            "Line": [at.plant.line_name(m) for m in machines],
            "Type": [m.type for m in machines],
            "Manufacturer": [m.manufacturer for m in machines],
            "Model": [m.model for m in machines],
            "Location": [m.location for m in machines],
            "Ideal cycle": [m.ideal_cycle_s for m in machines],
            "Importance": [m.importance for m in machines],
            "In use": [m.is_active for m in machines],
        }
    )


def columns() -> dict[str, object]:
    """Number formats of the table."""
    return {
        "Ideal cycle": st.column_config.NumberColumn("Ideal cycle (s)", format="%.2f"),
        "In use": st.column_config.CheckboxColumn("In use"),
        "Name": st.column_config.TextColumn("Name", pinned=True),
    }
