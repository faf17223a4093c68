"""The dialog that asks for a job."""

from typing import Any

import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.jobs.asking import Asked, ask
from app.jobs.kinds.anomaly import METHODS
from app.production.plant import plant
from app.ui.cards import error_card
from app.ui.jobs.words import askable

FIRST = "anomaly"


@st.dialog("New job", icon=":material/add:")
def ask_for_job(access: Access) -> None:
    """Which kind, with which parameters."""
    known = askable()
    offered = sorted(known, key=lambda name: name != FIRST)
    kind = st.selectbox("Kind", offered, format_func=lambda name: known[name], key="jo-kind")
    parameters = _anomaly(access) if kind == FIRST else _insights() if kind == "ai_copilot" else {}
    if st.button("Start", type="primary", key="jo-start"):
        try:
            ask(access, Asked(kind, parameters))
        except GembaError as error:
            error_card(error)
            return
        st.rerun()


def _anomaly(access: Access) -> dict[str, Any]:
    names = {one.device_key: one.name for one in plant(access).active}
    machines = st.multiselect(
        "Machines", list(names), format_func=lambda key: names[key], placeholder="All", key="jo-machines"
    )
    days = st.number_input("Days to look at, up to now", 0.25, 366.0, 1.0, 0.25, key="jo-days")
    st.caption("The 14 days before them are taken as normal.")
    method = st.selectbox("Method", METHODS, key="jo-method")
    return {"machines": machines, "days": days, "method": method}


def _insights() -> dict[str, Any]:
    question = st.text_input("A question (may stay empty)", max_chars=500, key="jo-question")
    days = st.number_input("Days to compare with those before", 0.25, 92.0, 7.0, 0.25, key="jo-compared")
    return {"question": question, "days": days}
