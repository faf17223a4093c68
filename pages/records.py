"""Shift records: what people wrote down about a shift, and how it changes the figures."""

import streamlit as st

from app.auth.permissions import Permission
from app.production.records import entry as service
from app.ui.formats import many
from app.ui.parts import empty_state, page_header
from app.ui.records.actions import record_actions
from app.ui.records.listing import machine_ids, record_table
from app.ui.scene import choose, scene, span_note
from app.ui.selecting.ranges import RangeKey

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
actions = st.container(horizontal=True, vertical_alignment="center", key="record-actions")
found = service.listed(at.access, selection.start_us, selection.end_us, machine_ids(at, selection))
row = None
if found:
    span_note(at, selection, many(len(found), "record"))
    row = record_table(at, found)
else:
    empty_state(
        "No shift record in this range",
        "Enter one, import a list on the page *Import*, or choose other days."
        if may_enter
        else "Choose other days.",
        icon="edit_note",
        key="records",
    )
with actions:
    if may_enter:
        record_actions(at, found[row] if row is not None else None)
