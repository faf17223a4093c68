"""Machines that send and are not listed: adopt them, or discard what they sent."""

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.ingest import quarantine
from app.ingest.quarantine import Unlisted
from app.ingest.storing import Storing
from app.production.machines import MachineDraft
from app.ui.cards import error_card
from app.ui.dialogs import confirm_dialog
from app.ui.tables import data_table, fitting


def quarantine_list(access: Access) -> None:
    """The machines with what is known of them, and two actions on the chosen one."""
    st.subheader("Machines that nobody has listed", anchor=False)
    found = quarantine.unlisted(access)
    if not found:
        st.caption(":material/check: Every machine that sends is listed.")
        return
    st.caption("Their messages are kept. Adopting lists the machine and brings its messages over.")
    actions = st.container(horizontal=True)
    row = data_table(
        _frame(access, found), key="ingest-unlisted", label="Machines in quarantine", selectable=True,
        height=fitting(len(found)),
    )  # fmt: skip
    chosen = found[row] if row is not None else (found[0] if len(found) == 1 else None)
    with actions:
        _actions(access, chosen)


def _frame(access: Access, found: list[Unlisted]) -> pd.DataFrame:
    zone = access.factory.zone
    return pd.DataFrame(
        {
            "Key": [one.device_key for one in found],
            "Messages": [one.messages for one in found],
            "First": [one.first_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") for one in found],
            "Last": [one.last_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") for one in found],
            "Last message": [one.sample for one in found],
        }
    )


def _actions(access: Access, chosen: Unlisted | None) -> None:
    off, hint = chosen is None, "Choose a machine in the table first." if chosen is None else None
    if (
        st.button("Adopt", type="primary", icon=":material/add:", key="in-adopt", disabled=off, help=hint)
        and chosen
    ):
        _adopt(access, chosen)
    if st.button("Discard", icon=":material/delete:", key="in-discard", disabled=off, help=hint) and chosen:
        confirm_dialog(
            f"Discard what {chosen.device_key} sent?",
            f"{chosen.messages:,} messages are forgotten for good. The next message is kept again.",
            lambda: quarantine.discard(access, chosen.device_key),
            confirm="Discard messages",
            key="discard",
        )


@st.dialog("Adopt a machine", icon=":material/precision_manufacturing:")
def _adopt(access: Access, chosen: Unlisted) -> None:
    st.markdown(f"**{chosen.device_key}** has sent {chosen.messages:,} messages.")
    name = st.text_input("Name", chosen.device_key, key="in-name", max_chars=200)
    kind = st.text_input("Type", key="in-type", max_chars=60)
    if st.button("Adopt machine", type="primary", key="in-adopt-yes"):
        draft = MachineDraft(chosen.device_key, name, type=kind)
        try:
            quarantine.adopt(access, Storing(access.gemba), draft)
        except GembaError as error:
            error_card(error)
            return
        st.rerun()
