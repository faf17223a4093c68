"""Simulator: lathes made of physics, live, in what-if, and fitted to a machine."""

import streamlit as st

from app.auth.permissions import Permission
from app.ui.entry.gate import access
from app.ui.parts import page_header
from app.ui.simulator.fitting import fit_part
from app.ui.simulator.running import lathe_list
from app.ui.simulator.starting import start_button
from app.ui.simulator.whatif import what_if

who = access(Permission.SEE_PLANT)
page_header("Simulator", "Lathes made of physics: run them live, or ask what a change would bring.")
view = st.segmented_control(
    "Show", ["Live", "What if", "Fit to a machine"], default="Live", key="sim-view", bind="query-params",
    label_visibility="collapsed",
)  # fmt: skip
if view == "What if":
    what_if(who)
elif view == "Fit to a machine":
    fit_part(who)
else:
    start_button(who)
    lathe_list(who)
