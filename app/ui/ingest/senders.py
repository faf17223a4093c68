"""Which machines send now, and since when one is silent."""

from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from app.bootstrap import Access
from app.production.measured.presence import Presence, presences
from app.production.plant import plant
from app.ui.formats import age, many, moment
from app.ui.live import live
from app.ui.tables import data_table, fitting
from data.models import to_us

REFRESH_S = 5.0


@live(REFRESH_S)
def sender_list(access: Access) -> None:
    """Every machine in use with its newest sample, the longest silent first."""
    known, heard, now_us = plant(access), presences(access), to_us(access.now)
    found = [(one, heard.get(one.device_key, Presence())) for one in known.active]
    st.subheader("What sends now", anchor=False)
    if not found:
        st.caption("No machine is listed yet.")
        return
    known_to_send = [presence for _, presence in found if presence.last_seen_us is not None]
    fresh = sum(presence.is_fresh(now_us) for presence in known_to_send)
    icon = ":material/check:" if fresh == len(known_to_send) else ":material/warning:"
    total = many(len(known_to_send), "machine")
    st.caption(f"{icon} {fresh} of {total} that send samples did so within the last 5 minutes.")
    found.sort(key=lambda pair: (pair[1].last_seen_us or 0, pair[0].name))
    zone = access.factory.zone
    frame = pd.DataFrame(
        {
            "Machine": [one.name for one, _ in found],
            "Key": [one.device_key for one, _ in found],
            "State": [_state(presence, now_us) for _, presence in found],
            "Newest sample": [_moment(presence, zone) for _, presence in found],
            "Age": [_age(presence, now_us) for _, presence in found],
            "Parameters": [len(known.parameters(one.id)) for one, _ in found],
        }
    )
    data_table(
        frame, key="ingest-senders", label="Machines and their newest samples", height=fitting(len(found), 8),
        download_name="senders",
    )  # fmt: skip


def _state(presence: Presence, now_us: int) -> str:
    if presence.last_seen_us is None:
        return "no sample yet"
    return "sends" if presence.is_fresh(now_us) else "silent"


def _moment(presence: Presence, zone: ZoneInfo) -> str:
    return "" if presence.last_seen_us is None else moment(presence.last_seen_us, zone)


def _age(presence: Presence, now_us: int) -> str:
    return "" if presence.last_seen_us is None else age(presence.last_seen_us, now_us)
