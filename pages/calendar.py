"""Shifts & calendar: what runs on each day, who works, what is closed, and what figures should reach."""

import streamlit as st

from app.ui.parts import page_header
from app.ui.scene import scene
from app.ui.shifts.basics import basics_card
from app.ui.shifts.crews import crew_table
from app.ui.shifts.days import day_table
from app.ui.shifts.month import month_view
from app.ui.shifts.patterns import shift_table
from app.ui.shifts.targets import target_table

VIEWS = {
    "Month": month_view,
    "Shifts": shift_table,
    "Days off & extra days": day_table,
    "Crews": crew_table,
    "Targets": target_table,
    "Basics": basics_card,
}

at = scene()
page_header(
    "Shifts & calendar", "What runs on each day, who works, what is closed, what figures should reach."
)
view = st.segmented_control(
    "View",
    list(VIEWS),
    default="Month",
    key="c_view",
    label_visibility="collapsed",
    bind="query-params",
    required=True,
)
VIEWS[view](at)
