"""My machine: for the operator's tablet. State, job, tools, stops, alerts, signals, and a call for help."""

import streamlit as st

from app.shop.report import lathe_keys
from app.ui.parts import page_header
from app.ui.scene import scene
from app.ui.shop.operator import (
    BIG,
    alerts_part,
    help_part,
    machine_part,
    nothing_to_operate,
    open_what_was_tapped,
    signals_part,
    stops_part,
)
from app.ui.stops.asking import last_said

at = scene()
page_header("My machine")
if not at.plant.active:
    nothing_to_operate()
    st.stop()
st.html(BIG)
first = lathe_keys(at.access)
names = {key: at.plant.machine_by_key[key].name for key in first}
names |= {one.device_key: one.name for one in at.plant.active}
machine = st.selectbox(
    "Machine",
    list(names),
    format_func=names.__getitem__,
    key="o_machine",
    bind="query-params",
    label_visibility="collapsed",
)
last_said(at)
machine_part(machine)
left, right = st.columns(2)
with left:
    stops_part(machine)
    help_part(machine)
with right:
    alerts_part(machine)
    signals_part(machine)
open_what_was_tapped(at, machine)
