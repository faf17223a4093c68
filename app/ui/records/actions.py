"""What a person may do with shift records: enter, change, take back, and undo the last taking back."""

import streamlit as st

from analytics.errors import GembaError
from app.production.records import entry as records
from app.production.records.entry import RecordDraft, StoredRecord
from app.ui.cards import error_card
from app.ui.records.form import open_form
from app.ui.scene import Scene

GONE = "records-gone"
DONE = "records-done"


def record_actions(at: Scene, chosen: StoredRecord | None) -> None:
    """Draw the buttons; those for one record wait until a row of the table is chosen."""
    if at.plant.active and st.button(
        "Enter a shift record", type="primary", icon=":material/add:", key="add-record"
    ):
        open_form(at)
    hint = "Choose a record in the table first." if chosen is None else None
    if st.button("Change", icon=":material/edit:", key="change-record", disabled=chosen is None, help=hint):
        open_form(at, chosen)
    if st.button("Take back", icon=":material/delete:", key="take-back", disabled=chosen is None, help=hint):
        _take_back(at, chosen)
    gone = st.session_state.get(GONE)
    if gone is not None and st.button("Undo: enter it again", icon=":material/undo:", key="undo"):
        _enter_again(at, gone)


def _take_back(at: Scene, chosen: StoredRecord | None) -> None:
    if chosen is None:
        return
    try:
        st.session_state[GONE] = records.take_back(at.access, chosen.id, chosen.version)
    except GembaError as error:
        error_card(error)
        return
    st.session_state[DONE] = "The record was taken back. Undo stands above the table."
    st.rerun()


def _enter_again(at: Scene, gone: RecordDraft) -> None:
    """Enter what was taken back; where that is refused, it is kept, so that nothing is lost."""
    try:
        records.enter(at.access, gone)
    except GembaError as error:
        error_card(error)
        return
    del st.session_state[GONE]
    st.session_state[DONE] = "The record is back."
    st.rerun()
