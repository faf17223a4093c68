"""Maintenance: what is due and overdue, work orders, plans, reliability and cost."""

import streamlit as st

from app.ui.maintenance.due import tiles, waiting_cards
from app.ui.maintenance.figures import figure_table
from app.ui.maintenance.listing import open_button, order_table
from app.ui.maintenance.month import maintenance_month
from app.ui.maintenance.plans import plan_table
from app.ui.parts import page_header
from app.ui.scene import choose, question, scene, span_note
from app.ui.selecting.ranges import RangeKey

VIEWS = ["Due", "Work orders", "Plans", "Reliability & cost", "Calendar"]

at = scene()
page_header("Maintenance", "What is due and overdue, what was done, and what it came to.")
tiles(at)
view = st.segmented_control(
    "View",
    VIEWS,
    default=VIEWS[0],
    key="m_view",
    label_visibility="collapsed",
    bind="query-params",
    required=True,
)
if view == "Work orders":
    order_table(at)
elif view == "Plans":
    plan_table(at)
elif view == "Reliability & cost":
    selection = choose(at, default=RangeKey.LAST_30D, shifts=False)
    span_note(at, selection)
    figure_table(at, question(selection))
elif view == "Calendar":
    maintenance_month(at)
else:
    waiting_cards(at)
    open_button(at)
