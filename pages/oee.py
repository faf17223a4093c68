"""OEE & losses: where the time went, why, and the same figures by line, machine, shift or product."""

import streamlit as st

from app.ui.machine.hours import fits
from app.ui.oee.breakdown import breakdown_card
from app.ui.oee.causes import causes_card, says_causes
from app.ui.oee.charts import heatmap_card, pareto_card, to_day, to_machine, trend_card, waterfall_card
from app.ui.oee.stops import follow, stops_card
from app.ui.oee.tiles import figure_tiles, is_empty
from app.ui.overview.lanes import lanes_card
from app.ui.parts import page_header
from app.ui.scene import choose, nothing_here, question, scene, span_note
from app.ui.selecting.ranges import RangeKey

HEIGHT = 430

at = scene()
page_header("OEE & losses")
selection = choose(at, default=RangeKey.LAST_7D, products=True)
asked = question(selection)
span_note(at, selection)
target = at.target(selection.lines[0] if len(selection.lines) == 1 else None)
if is_empty(at, asked):
    nothing_here(at)
    st.stop()
figure_tiles(at, selection, asked, target=target)
left, right = st.columns(2)
with left:
    loss = waterfall_card(at, selection, asked, height=HEIGHT)
with right:
    reason = pareto_card(at, selection, asked, height=HEIGHT)
follow(loss, reason)
stops_card(at, asked)
is_short = fits(asked)
if is_short:
    lanes_card(at, selection, asked)
else:
    to_day(trend_card(at, selection, asked, target))
left, right = st.columns(2)
with left:
    to_machine(at, pareto_card(at, selection, asked, "machine", "Stops by machine", height=HEIGHT))
with right:
    if not is_short:
        heatmap_card(at, selection, asked, height=HEIGHT)
    elif says_causes(at):
        causes_card(at, selection, asked)
if not is_short and says_causes(at):
    causes_card(at, selection, asked)
breakdown_card(at, asked)
