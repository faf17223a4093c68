"""Downtime: which stops wait for a reason, which reasons cost most, how well stops are judged."""

import streamlit as st

from app.ui.oee.charts import pareto_card
from app.ui.parts import page_header
from app.ui.scene import choose, question, scene, span_note
from app.ui.selecting.ranges import RangeKey
from app.ui.stops.asking import last_said
from app.ui.stops.listing import queue, table
from app.ui.stops.quality import quality_table, quality_tiles
from app.ui.stops.slow import slow_table
from app.ui.stops.tree import reason_tree

VIEWS = ["To classify", "Pareto", "All stops", "Slow running", "Label quality", "Reasons"]

at = scene()
page_header("Downtime", "Which stops wait for a reason, which reasons cost most, how well stops are judged.")
selection = choose(at, default=RangeKey.LAST_7D)
asked = question(selection)
span_note(at, selection)
quality_tiles(at, asked)
view = st.segmented_control(
    "View",
    VIEWS,
    default=VIEWS[0],
    key="d_view",
    label_visibility="collapsed",
    bind="query-params",
    required=True,
)
last_said(at)
if view == "Pareto":
    left, right = st.columns(2)
    with left:
        pareto_card(at, selection, asked, height=430)
    with right:
        pareto_card(at, selection, asked, "machine", "Stops by machine", height=430)
elif view == "All stops":
    table(at, asked)
elif view == "Slow running":
    slow_table(at, asked)
elif view == "Label quality":
    quality_table(at, asked)
elif view == "Reasons":
    reason_tree(at)
else:
    queue(at, asked)
