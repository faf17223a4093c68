"""Slow running: the hours in which machines ran below their ideal speed."""

import pandas as pd
import streamlit as st

from app.production.figures import Question
from app.production.slow import SLOW, slow_hours
from app.ui.answers import asked_of
from app.ui.cards import empty_state
from app.ui.formats import duration, percent
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting

MINUTE_US = 60_000_000


@st.cache_data(ttl=120, max_entries=64, show_spinner=False)
def _slow(factory: int, asked: tuple[object, ...], stamp: int, _at: Scene, _asked: Question) -> pd.DataFrame:
    return slow_hours(_at.access, _asked)


def slow_table(at: Scene, question: Question) -> None:
    """The hours, the most lost time first."""
    found = _slow(at.access.factory.id, asked_of(question), at.stamp, at, question)
    if found.empty:
        empty_state(
            "No slow hour",
            f"No machine ran below {percent(SLOW, 0)} of its ideal speed for an hour, as far as counts tell.",
            icon="speed",
            key="slow",
        )
        return
    lost = duration(float(found["lost_us"].sum()) / MINUTE_US)
    st.caption(
        f"{len(found)} hours below {percent(SLOW, 0)} of the ideal speed: {lost} lost. From the counts of "
        "parts against the ideal cycle, without minor stops and without the time of shift records."
    )
    shown = pd.DataFrame(
        {
            "Machine": found["machine"].map(at.names),
            "Hour": pd.to_datetime(found["start_us"], unit="us", utc=True).dt.tz_convert(at.zone),
            "Ran min": found["run_us"] / MINUTE_US,
            "Parts": found["parts"],
            "Speed": found["performance"],
            "Lost min": found["lost_us"] / MINUTE_US,
        }
    )
    data_table(
        shown, key="slow-hours", label="Hours of slow running", download_name="slow-hours",
        columns={
            "Hour": st.column_config.DatetimeColumn("Hour", format="ddd D MMM, HH:mm"),
            "Ran min": st.column_config.NumberColumn("Ran min", format="%.0f"),
            "Parts": st.column_config.NumberColumn("Parts", format="localized"),
            "Speed": st.column_config.NumberColumn("Speed", format="percent"),
            "Lost min": st.column_config.NumberColumn("Lost min", format="%.1f"),
        },
        height=fitting(len(shown), 14),
    )  # fmt: skip
