"""The stops themselves, the longest first."""

import pandas as pd
import streamlit as st

from analytics.vocabulary import TIME_CLASS_LABELS, TimeClass
from app.production.figures import Question
from app.ui.overview.lanes import local_pieces
from app.ui.scene import Scene
from app.ui.tables import data_table

STOPS = (TimeClass.UNPLANNED_STOP, TimeClass.SETUP, TimeClass.MINOR_STOP)


def stops_card(at: Scene, question: Question, reason: str | None = None) -> None:
    """Draw the stops of the range as a table; with `reason` only those."""
    pieces = local_pieces(at, question)
    stops = pieces[pieces["class"].isin([int(item) for item in STOPS])].copy()
    if reason is not None:
        stops = stops[stops["reason"] == reason]
    stops["minutes"] = (stops["end"] - stops["start"]).dt.total_seconds() / 60
    stops = stops.sort_values("minutes", ascending=False, kind="stable")
    with st.container(border=True, key="card-stops"):
        st.markdown("**The stops, longest first**" + (f": {reason}" if reason else ""))
        if stops.empty:
            st.caption("No stop in this range.")
            return
        shown = pd.DataFrame(
            {
                "Start": stops["start"],
                "Minutes": stops["minutes"],
                "Kind": [TIME_CLASS_LABELS[TimeClass(int(item))] for item in stops["class"]],
                "Reason": stops["reason"].where(stops["reason"] != "", "none given"),
                "Machine": stops["machine"],
            }
        )
        data_table(
            shown.head(500),
            key="stops",
            label="Stops, longest first",
            columns={
                "Start": st.column_config.DatetimeColumn("Start", format="ddd D MMM HH:mm"),
                "Minutes": st.column_config.NumberColumn("Minutes", format="%.1f"),
            },
            download_name="stops",
            export=shown,
            height=320,
        )
