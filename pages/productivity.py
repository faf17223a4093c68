"""Productivity: who worked where and how long, what came of it, and how far the cameras can be trusted."""

import streamlit as st

from app.ui.parts import page_header
from app.ui.productivity.charts import models_card, sensitivity_card, trend_card
from app.ui.productivity.choice import nothing_seen, question_of, week_earlier
from app.ui.productivity.tables import tables_card
from app.ui.productivity.tiles import factory_tiles
from app.ui.scene import choose, scene, span_note
from app.ui.selecting.ranges import RangeKey

at = scene()
page_header("Productivity")
selection = choose(at, default=RangeKey.LAST_7D)
asked = question_of(at, selection)
span_note(at, selection, "Workers under pseudonyms")
before = week_earlier(at, selection, asked)
row = factory_tiles(at, asked, before)
if not row["events"]:
    nothing_seen(at)
    st.stop()
tables_card(at, asked, before)
trend_card(at, selection, asked)
left, right = st.columns(2)
with left:
    sensitivity_card(at, asked)
with right:
    models_card(at, asked)
