"""Machines: the list, and add, edit, deactivate for those who may."""

import streamlit as st

from app.auth.permissions import Permission
from app.production import machines as service
from app.ui.links import go
from app.ui.machines.dialog import open_dialog
from app.ui.machines.listing import columns, listed, table
from app.ui.parts import confirm_dialog, data_table, empty_state, link_params, page_header
from app.ui.scene import scene

at = scene()
may_edit = at.access.principal.may(Permission.MANAGE_MACHINES)
used = len(at.plant.active)
page_header("Machines", f"{used} in use, {len(at.plant.rows.machines) - used} out of use.")
done = st.session_state.pop("machines-done", "")
if done:
    st.toast(done, icon=":material/check_circle:")
with st.container(horizontal=True, vertical_alignment="bottom"):
    needle = st.text_input(
        "Search", key="m_search", placeholder="key, name, line, type ...", icon=":material/search:", width=320
    )
    with_inactive = st.toggle("Out of use too", key="m_inactive", bind="query-params")
    if may_edit and st.button("Add a machine", type="primary", icon=":material/add:", key="add-machine"):
        open_dialog(at)
shown = listed(at, with_inactive, needle or "")
if not shown:
    empty_state(
        "No machine fits" if at.plant.rows.machines else "No machine yet",
        "Change the search, or show the machines that are out of use."
        if at.plant.rows.machines
        else "Add the first machine, or import a list on the page *Import*.",
        icon="precision_manufacturing",
        key="machines",
    )
    st.stop()
row = data_table(
    table(at, shown),
    key="machines",
    label="Machines",
    columns=columns(),
    download_name="machines",
    selectable=True,
)
if row is None:
    st.caption("Choose a row to open, edit or deactivate a machine.")
    st.stop()
machine = shown[row]
with st.container(horizontal=True):
    if st.button(f"Open {machine.name}", icon=":material/monitoring:", key="open-machine"):
        go("machine", link_params(machines=[machine.device_key]))
    if may_edit and st.button("Edit", icon=":material/edit:", key="edit-machine"):
        open_dialog(at, machine)
    if may_edit and machine.is_active and st.button("Deactivate", icon=":material/block:", key="deactivate"):
        confirm_dialog(
            f"Take {machine.name} out of use?",
            "Its data stays. It leaves the figures and the lists until somebody activates it again.",
            lambda: service.set_active(at.access, machine.id, machine.version, active=False),
            confirm="Deactivate machine",
            key="deactivate-machine",
        )
    if may_edit and not machine.is_active and st.button("Activate", icon=":material/check:", key="activate"):
        service.set_active(at.access, machine.id, machine.version, active=True)
        st.session_state["machines-done"] = f"{machine.name} is in use again."
        st.rerun()
