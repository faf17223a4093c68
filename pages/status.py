"""Health: does each store answer, how fast, how full, how fresh; do the background services run."""

import streamlit as st

from app.auth.permissions import Permission
from app.health import report_for
from app.ui.entry.gate import access
from app.ui.health.cards import service_table, store_card, verdict
from app.ui.parts import live, page_header

REFRESH_S = 5.0
STORES = {
    "relational": "Relational store",
    "telemetry": "Telemetry store",
    "documents": "Document store",
}

page_header("Health")


@live(REFRESH_S)
def stores_and_services() -> None:
    """Asked anew with every refresh."""
    who = access(Permission.SEE_HEALTH)
    found = report_for(who)
    verdict(found)
    for column, (key, title) in zip(st.columns(3), STORES.items(), strict=True):
        with column:
            store_card(title, found["stores"][key], who.now)
    service_table(found["services"], who.factory.zone)


stores_and_services()
