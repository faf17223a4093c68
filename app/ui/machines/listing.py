"""The list of machines as a table."""

import pandas as pd
import streamlit as st

from app.ui.scene import Scene
from app.ui.tables import data_table, fitting
from data.models import Machine


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
