"""Lathes: each one now, compared over a range, and the performance report."""

from dataclasses import replace

import streamlit as st

from app.shop.report import lathe_keys
from app.ui.parts import page_header
from app.ui.scene import choose, nothing_here, question, scene, span_note
from app.ui.selecting.ranges import RangeKey
from app.ui.shop.lathes import comparison_card, lathe_cards, report_of, report_table

at = scene()
page_header("Lathes", "Each lathe now, how they compare, and the performance report of a range.")
if not at.plant.active:
    nothing_here(at)
    st.stop()
selection = choose(at, default=RangeKey.LAST_7D, shifts=False)
asked = question(selection)
keys = tuple(key for key in lathe_keys(at.access) if not asked.machines or key in asked.machines)
asked = replace(asked, machines=keys, lines=())
span_note(at, selection)
lathe_cards(at, selection, asked)
table = report_of(at, asked)
comparison_card(at, table)
report_table(at, table)
