"""Machine: its state, its figures, its hours, its stops by reason, its signals."""

import streamlit as st

from app.ui.machine.head import head, machine_now
from app.ui.machine.hours import fits, hours_card
from app.ui.machine.signals import signals_card
from app.ui.oee.charts import pareto_card, to_day, trend_card, waterfall_card
from app.ui.oee.stops import follow, stops_card
from app.ui.oee.tiles import figure_tiles, is_empty
from app.ui.overview.lanes import lanes_card
from app.ui.parts import page_header
from app.ui.scene import choose, nothing_here, question, scene, span_note

HEIGHT = 430

at = scene()
if not at.plant.active:
    page_header("Machine")
    nothing_here(at)
    st.stop()
title = st.container()
selection = choose(at, one_machine=True)
asked = question(selection)
key = selection.machines[0]
machine = at.plant.machine_by_key[key]
with title:
    page_header(
        machine.name, " · ".join(part for part in (at.plant.line_name(machine), machine.type, key) if part)
    )
now = machine_now(at, asked)
if now is not None:
    head(at, now)
span_note(at, selection)
target = at.target(at.plant.line_by_id[machine.line_id].key if machine.line_id else None)
if is_empty(at, asked):
    nothing_here(at)
else:
    figures = ("oee", "availability", "performance", "quality")
    figure_tiles(at, selection, asked, figures, target, output=True)
    if fits(asked):
        hours_card(at, selection, asked)
        lanes_card(at, selection, asked)
    else:
        to_day(trend_card(at, selection, asked, target))
    left, right = st.columns(2)
    with left:
        reason = pareto_card(at, selection, asked, height=HEIGHT)
    with right:
        loss = waterfall_card(at, selection, asked, height=HEIGHT)
    follow(loss, reason)
    stops_card(at, asked)
signals_card(selection, key)
