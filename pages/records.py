"""Shift records: what people wrote down about a shift, and how it changes the figures."""

import streamlit as st

from app.auth.permissions import Permission
from app.production import records as service
from app.ui.parts import data_table, empty_state, page_header
from app.ui.ranges import RangeKey
from app.ui.records.form import open_form
from app.ui.records.listing import columns, table
from app.ui.scene import choose, scene

at = scene()
may_enter = at.access.principal.may(Permission.ENTER_PRODUCTION)
page_header(
    "Shift records",
    "A record stands for its time on its machine, in place of what was measured there.",
)
done = st.session_state.pop("records-done", "")
if done:
    st.toast(done, icon=":material/check_circle:")
selection = choose(at, default=RangeKey.LAST_7D)
with st.container(horizontal=True, vertical_alignment="center"):
    may_open = may_enter and bool(at.plant.active)
    if may_open and st.button(
        "Enter a shift record", type="primary", icon=":material/add:", key="add-record"
    ):
        open_form(at)
    gone = st.session_state.get("records-gone")
    if gone is not None and st.button("Undo: enter it again", icon=":material/undo:", key="undo"):
        service.enter(at.access, st.session_state.pop("records-gone"))
        st.rerun()
chosen = set(selection.machines)
ids = [
    machine.id
    for machine in at.plant.rows.machines
    if (not chosen or machine.device_key in chosen)
    and (
        not selection.lines
        or (machine.line_id and at.plant.line_by_id[machine.line_id].key in selection.lines)
    )
]
found = service.listed(at.access, selection.start_us, selection.end_us, ids)
if not found:
    empty_state(
        "No shift record in this range",
        "Enter one, import a list on the page *Import*, or choose other days.",
        icon="edit_note",
        key="records",
    )
    st.stop()
st.caption(f"{len(found)} records, {selection.label}. Times in {at.access.factory.timezone}.")
row = data_table(
    table(at, found),
    key="records",
    label="Shift records",
    columns=columns(),
    download_name="shift-records",
    selectable=True,
)
if row is not None and may_enter:
    stored = found[row]
    with st.container(horizontal=True):
        if st.button("Change", icon=":material/edit:", key="change-record"):
            open_form(at, stored)
        if st.button("Take back", icon=":material/delete:", key="take-back"):
            st.session_state["records-gone"] = service.take_back(at.access, stored.id, stored.version)
            st.session_state["records-done"] = "The record was taken back. Undo is above the table."
            st.rerun()
