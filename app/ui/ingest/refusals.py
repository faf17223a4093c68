"""What was refused, by reason, each with its last message."""

import pandas as pd
import streamlit as st

from app.bootstrap import Access
from app.ingest.formats.refused import WHY_LABELS, Why
from app.ingest.refusals import Counted, refusals, strays
from app.ui.tables import data_table, fitting

DAYS = 7


def refusal_list(access: Access) -> None:
    """The factory's refusals of a week, then those of messages that name no factory."""
    st.subheader(f"Refused in the last {DAYS} days", anchor=False)
    _table(access, refusals(access, DAYS), "ingest-refusals", "No message was refused.")
    lost = strays(access, DAYS)
    if lost:
        st.subheader("Messages that name no factory", anchor=False)
        _table(access, lost, "ingest-strays", "")


def _table(access: Access, found: list[Counted], key: str, nothing: str) -> None:
    if not found:
        st.caption(f":material/check: {nothing}")
        return
    zone = access.factory.zone
    frame = pd.DataFrame(
        {
            "Reason": [
                WHY_LABELS[Why(one.reason)] if one.reason in set(Why) else one.reason for one in found
            ],
            "Code": [one.reason for one in found],
            "Kind": [one.kind for one in found],
            "Messages": [one.count for one in found],
            "Last": [one.last_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") for one in found],
            "What is wrong": [one.sentence for one in found],
            "Topic": [one.topic for one in found],
            "Last message": [one.sample for one in found],
        }
    )
    data_table(frame, key=key, label="Refused messages", height=fitting(len(found)), download_name=key)
