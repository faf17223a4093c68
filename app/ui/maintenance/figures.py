"""Reliability and cost by machine."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from app.production.figures import Question
from app.ui.cards import empty_state
from app.ui.maintenance.read import figures_in
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting


def figure_table(at: Scene, question: Question) -> None:
    """A row per machine, the dearest first."""
    found = figures_in(at, question)
    if not found:
        empty_state("No machine chosen", "Choose other machines or lines.", icon="build", key="figures-none")
        return
    money = at.access.factory.currency
    shown = pd.DataFrame(
        {
            "Machine": [one.name for one in found],
            "Failures": [one.reliability.failures for one in found],
            "MTBF h": [one.reliability.mtbf_h for one in found],
            "MTTR h": [one.reliability.mttr_h for one in found],
            "Availability": [one.reliability.availability for one in found],
            "Corrective": [one.reliability.corrective_ratio for one in found],
            "Corrective h": [one.corrective_h for one in found],
            "Planned h": [one.planned_h for one in found],
            "Orders": [one.orders for one in found],
            f"Parts {money}": [one.parts_cost for one in found],
            f"Labour {money}": [one.labour_cost for one in found],
        }
    ).astype(dict.fromkeys(("MTBF h", "MTTR h", "Availability", "Corrective"), "float64"))
    _with_targets(at, question, shown, [one.machine for one in found])
    number = st.column_config.NumberColumn
    data_table(
        shown, key="maintenance-figures", label="Reliability and cost by machine",
        download_name="maintenance-figures",
        columns={
            "MTBF h": number("MTBF h", format="%.1f", help="Running and set-up time / (failures + 1)."),
            "MTTR h": number("MTTR h", format="%.2f", help="Time lost by failures / failures."),
            "Availability": number("Availability", format="percent", help="MTBF / (MTBF + MTTR)."),
            "Corrective": number("Corrective", format="percent", help="Share of the hours of work orders."),
            "Corrective h": number("Corrective h", format="%.1f"),
            "Planned h": number("Planned h", format="%.1f"),
            f"Parts {money}": number(f"Parts {money}", format="%.0f"),
            f"Labour {money}": number(f"Labour {money}", format="%.0f"),
        },
        height=fitting(len(shown), 14),
    )  # fmt: skip
    st.caption("Failures are unplanned stops of the machine itself, as the KPIs count them.")


def _with_targets(at: Scene, question: Question, shown: pd.DataFrame, machines: list[str]) -> None:
    """Beside MTBF and MTTR the target of the machine's line, where one is set."""
    for figure, column in (("mtbf", "MTBF h"), ("mttr", "MTTR h")):
        aims = [at.goal(replace(question, lines=(), machines=(key,)), figure) for key in machines]
        if any(aim is not None for aim in aims):
            place = shown.columns.get_loc(column)
            shown.insert(int(place) + 1, f"{column[:4]} target h", pd.Series(aims, dtype="float64"))  # type: ignore[arg-type]
