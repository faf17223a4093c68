"""How utilisation moved, what hangs on the threshold, and whether the cameras' models have drifted."""

import math
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from analytics.productivity import Drift, Verdict
from app.auth.permissions import Permission
from app.production.camera import quality
from app.production.camera.figures import ActivityQuestion
from app.ui.charts.chart_card import chart_card
from app.ui.downloads import csv_bytes, file_name
from app.ui.figures.trend import trend
from app.ui.formats import percent
from app.ui.productivity.read import factory_of, models_of, thresholds_of
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection
from app.ui.selecting.zone import local_times
from app.ui.tables import data_table, fitting

VERDICTS = {
    Verdict.STABLE: "stable",
    Verdict.MODERATE: "moved a little",
    Verdict.SHIFTED: "has shifted",
    Verdict.TOO_FEW: "too few events to say",
}


def trend_card(at: Scene, selection: Selection, question: ActivityQuestion) -> None:
    """Utilisation of all workers together, day by day."""
    table = factory_of(at, question, ("day",))
    known = [
        (float(share), day)
        for share, day in zip(table["utilisation"], table["day"], strict=True)
        if not math.isnan(share)
    ]
    finding = "No day in this range has a result."
    if known:
        (low, worst), (high, best) = min(known), max(known)
        finding = f"Between {percent(low)} on {worst:%d %b} and {percent(high)} on {best:%d %b}."
    shown = pd.DataFrame(
        {
            "day": table["day"],
            "utilisation_percent": (100 * table["utilisation"]).round(1),
            "productive_h": table["productive_h"].round(2),
            "units": table["units"],
            "units_per_h": table["units_per_h"].round(2),
        }
    )
    chart_card(
        trend(list(table["day"]), table["utilisation"].to_numpy(np.float64), title="", measure="Utilisation"),
        shown,
        key="productivity-trend",
        title="Utilisation by day",
        finding=finding,
        zoom=False,
        revision=selection.revision,
    )


def sensitivity_card(at: Scene, question: ActivityQuestion) -> None:
    """What the figures would be at other thresholds."""
    table = thresholds_of(at, question)
    with st.container(border=True, key="card-sensitivity", gap="xsmall"):
        st.markdown("**What hangs on the confidence**")
        st.caption(_hangs(table))
        shown = pd.DataFrame(
            {
                "At least": table["threshold"],
                "Events kept": 100 * table["kept"],
                "Utilisation": 100 * table["utilisation"],
                "Units": table["units"],
                "Productive (h)": table["productive_h"],
            }
        )
        data_table(
            shown,
            key="sensitivity",
            label="Figures by least confidence",
            columns={
                "At least": st.column_config.NumberColumn("At least", format="%.2f"),
                "Events kept": st.column_config.NumberColumn("Events kept", format="%.1f %%"),
                "Utilisation": st.column_config.NumberColumn("Utilisation", format="%.1f %%"),
                "Units": st.column_config.NumberColumn("Units", format="localized"),
                "Productive (h)": st.column_config.NumberColumn("Productive (h)", format="%.1f"),
            },
            download_name="confidence",
            height=fitting(len(shown)),
        )


def _hangs(table: pd.DataFrame) -> str:
    change = table["utilisation_change"].to_numpy(np.float64)
    strict = table[table["threshold"] <= 0.8].index[-1]
    moved = change[strict]
    if math.isnan(moved):
        return "Too few events to say."
    words = "hardly moves" if abs(moved) < 0.02 else f"moves by {percent(moved)}"
    return f"Utilisation {words} when only events of at least 0.80 count."


def models_card(at: Scene, question: ActivityQuestion) -> None:
    """The versions of the models, the drift of the last days, and the export for training."""
    with st.container(border=True, key="card-models", gap="xsmall"):
        st.markdown("**The cameras' models**")
        table, drifts = models_of(at, question)
        _drift_lines(drifts)
        shown = pd.DataFrame(
            {
                "Model": table["model"],
                "Events": table["events"],
                "Confidence": table["confidence"],
                f"Under {quality.LOW}": 100 * table["low_share"],
                "Utilisation": 100 * table["utilisation"],
                "Since": local_times(table["first_us"].to_numpy(), at.zone),
            }
        )
        percent_column: dict[str, Any] = {
            title: st.column_config.NumberColumn(title, format="%.1f %%")
            for title in (f"Under {quality.LOW}", "Utilisation")
        }
        data_table(
            shown,
            key="models",
            label="Versions of the models",
            columns={
                **percent_column,
                "Events": st.column_config.NumberColumn("Events", format="localized"),
                "Confidence": st.column_config.NumberColumn("Confidence", format="%.3f"),
                "Since": st.column_config.DatetimeColumn("Since", format="D MMM HH:mm"),
            },
            download_name="camera-models",
            height=fitting(len(shown)),
        )
        _export(at, question)


def _drift_lines(drifts: list[Drift]) -> None:
    names = {"confidence": "Confidence", "behaviour": "Mix of activities"}
    lines = []
    for one in drifts:
        detail = "" if math.isnan(one.psi) else f" (PSI {one.psi:.2f}, KS {one.ks:.2f})"
        lines.append(f"{names[one.measure]}: {VERDICTS[one.verdict]}{detail}")
    st.caption(
        f"Last {quality.CURRENT_DAYS} days against the {quality.REFERENCE_DAYS} before. " + " · ".join(lines)
    )


def _export(at: Scene, question: ActivityQuestion) -> None:
    """The uncertain events as a file: made, and audited, when somebody clicks."""
    if Permission.RUN_ANALYTICS not in at.access.principal.permissions:
        return
    st.download_button(
        f"Events under {quality.LOW} for labelling",
        lambda: csv_bytes(quality.uncertain(at.access, question)),
        file_name("uncertain-events", "csv"),
        "text/csv",
        key="uncertain",
        type="tertiary",
        icon=":material/label:",
        on_click="ignore",
    )
