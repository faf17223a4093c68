"""OEE & losses: where the time went, why, and the same figures by line, machine, shift or product."""

import streamlit as st

from app.ui.oee.breakdown import breakdown_card
from app.ui.oee.charts import heatmap_card, pareto_card, trend_card, waterfall_card
from app.ui.oee.tiles import figure_tiles
from app.ui.parts import page_header
from app.ui.ranges import RangeKey
from app.ui.scene import choose, nothing_here, question, scene

at = scene()
page_header("OEE & losses")
selection = choose(at, default=RangeKey.LAST_7D, products=True)
asked = question(selection)
st.caption(f"{selection.label} · times in {at.access.factory.timezone}")
target = at.target(selection.lines[0] if len(selection.lines) == 1 else None)
row = figure_tiles(at, selection, asked, target=target)
if row["total"] == 0 and row["producing_us"] == 0:
    nothing_here(at)
    st.stop()
left, right = st.columns(2)
with left:
    waterfall_card(at, selection, asked)
with right:
    pareto_card(at, selection, asked)
trend_card(at, selection, asked, target)
left, right = st.columns(2)
with left:
    heatmap_card(at, selection, asked)
with right:
    pareto_card(at, selection, asked, by="machine", title="Stops by machine")
breakdown_card(at, asked)
