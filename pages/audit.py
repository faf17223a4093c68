"""Audit: who changed what, and the proof that nobody rewrote it."""

import streamlit as st

from app.auth.permissions import Permission
from app.evidence.entries import blocks, find, object_kinds, state
from app.ui.audit.search import PAGE, asked, page_buttons, page_number
from app.ui.audit.views import block_table, bundle_button, entry_card, entry_table, verify_now
from app.ui.entry.gate import access
from app.ui.formats import count, many
from app.ui.parts import empty_state, page_header

who = access(Permission.SEE_AUDIT)
zone = who.factory.zone
log = state(who)
page_header(
    "Audit",
    f"{many(log.entries, 'entry')}, {count(log.signed)} signed in {many(log.checkpoints, 'checkpoint')}.",
)
with st.container(horizontal=True, vertical_alignment="center"):
    wants_check = st.button("Verify now", type="primary", icon=":material/verified_user:", key="a-verify")
    bundle_button(who, log)
    view = st.segmented_control(
        "View", ["Entries", "Blocks"], default="Entries", key="a_view", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
if wants_check:
    verify_now(who)
if view == "Blocks":
    made = blocks(who)
    if made:
        block_table(made)
    else:
        empty_state("No block yet", "New entries are signed every half minute.", icon="link", key="blocks")
else:
    search = asked(object_kinds(who), zone)
    entries, total = find(who, search, limit=PAGE, offset=page_number() * PAGE)
    if entries:
        st.caption(f"{count(total)} found. Choose one to see what changed.")
        chosen = entry_table(entries, zone)
        page_buttons(total)
        if chosen is not None:
            entry_card(who, entries[chosen])
    else:
        empty_state(
            "No entry fits" if log.entries else "No entry yet",
            "Change the search."
            if log.entries
            else "Every change of configuration and every log-in appears here.",
            icon="search_off" if log.entries else "history",
            key="entries",
        )
