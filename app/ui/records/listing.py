"""The list of shift records as a table, with the figures that each gives."""

import pandas as pd
import streamlit as st

from app.production.records.entry import StoredRecord
from app.production.records.figures import record_figures
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection
from app.ui.selecting.zone import local_datetime
from app.ui.tables import data_table, fitting
from data.models import to_us


def machine_ids(at: Scene, selection: Selection) -> list[int]:
    """The machines of the chosen lines and machines, also those out of use: their records remain."""
    lines = {at.plant.line_by_key[key].id for key in selection.lines}
    return [
        machine.id
        for machine in at.plant.rows.machines
        if (not selection.machines or machine.device_key in selection.machines)
        and (not lines or machine.line_id in lines)
    ]


def record_table(at: Scene, found: list[StoredRecord]) -> int | None:
    """Draw the records; the position of the chosen one, or None."""
    shown = table(at, found)
    return data_table(
        shown,
        key="records",
        label="Shift records",
        columns=columns(),
        download_name="shift-records",
        selectable=True,
        height=fitting(len(shown)),
    )


def table(at: Scene, found: list[StoredRecord]) -> pd.DataFrame:
    """One row per record: when, where, the numbers, availability, quality and OEE."""
    machines = {machine.id: machine.name for machine in at.plant.rows.machines}
    products = {product.id: product.name or product.key for product in at.plant.rows.products}
    shifts = {shift.id: shift.name for shift in at.plant.rows.shifts}
    drafts = [stored.draft for stored in found]
    shown = pd.DataFrame(
        {
            "Start": [local_datetime(to_us(d.start), at.zone).replace(tzinfo=None) for d in drafts],
            "Machine": [machines.get(d.machine_id, "") for d in drafts],
            "Shift": [shifts.get(d.shift_id or 0, "") for d in drafts],
            "Product": [products.get(d.product_id or 0, "") for d in drafts],
            "Batch": [d.batch for d in drafts],
            "Operator": [d.operator for d in drafts],
            "Planned": [d.planned_s / 60 for d in drafts],
            "Operating": [d.operating_s / 60 for d in drafts],
            "Downtime": [d.downtime_s / 60 for d in drafts],
            "Output": [d.output for d in drafts],
            "Good": [d.good for d in drafts],
            "Note": [d.note for d in drafts],
        }
    )
    shown.insert(11, "OEE", 100 * record_figures(at.plant, drafts)["oee"].to_numpy())
    return shown


def columns() -> dict[str, object]:
    """Formats of the table."""
    minutes = {
        name: st.column_config.NumberColumn(f"{name} (min)", format="%.0f")
        for name in ("Planned", "Operating", "Downtime")
    }
    return {
        **minutes,
        "Start": st.column_config.DatetimeColumn("Start", format="YYYY-MM-DD HH:mm", pinned=True),
        "Output": st.column_config.NumberColumn("Output", format="localized"),
        "Good": st.column_config.NumberColumn("Good", format="localized"),
        "OEE": st.column_config.NumberColumn("OEE", format="%.1f %%"),
    }
