"""Machines: the list, and add, edit, deactivate for those who may."""

import streamlit as st

from app.ui.machines.actions import machine_actions
from app.ui.machines.listing import listed, machine_table
from app.ui.parts import empty_state, page_header
from app.ui.scene import scene

at = scene()
used = len(at.plant.active)
idle = len(at.plant.rows.machines) - used
page_header("Machines", f"{used} in use, {idle} out of use." if idle else f"{used} in use.")
done = st.session_state.pop("machines-done", "")
if done:
    st.toast(done, icon=":material/check_circle:")
with st.container(horizontal=True, vertical_alignment="bottom"):
    needle = st.text_input(
        "Search", key="m_search", placeholder="Key, name, line, type ...", icon=":material/search:",
        width=320, label_visibility="collapsed",
    )  # fmt: skip
    with_inactive = st.toggle("Also those out of use", key="m_inactive", bind="query-params")
actions = st.container(horizontal=True, vertical_alignment="center", key="machine-actions")
shown = listed(at, with_inactive, needle or "")
row = None
if shown:
    row = machine_table(at, shown)
elif at.plant.rows.machines:
    empty_state(
        "No machine fits",
        "Change the search, or show the machines that are out of use.",
        icon="search_off",
        key="machines",
    )
else:
    empty_state(
        "No machine yet",
        "Add the first machine, or import a list on the page *Import*.",
        icon="precision_manufacturing",
        key="machines",
    )
with actions:
    machine_actions(at, shown[row] if row is not None else None)
