"""The dialog that asks for a scan."""

import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.jobs.asking import Asked, ask
from app.jobs.kinds.anomaly import METHODS
from app.production.plant import plant
from app.ui.cards import error_card
from app.ui.predict.episode_list import METHOD_NAMES


@st.dialog("Start a scan", icon=":material/troubleshoot:")
def ask_for_scan(access: Access) -> None:
    """Which machines, how many days, by which detector, how many false alarms are borne."""
    names = {one.device_key: one.name for one in plant(access).active}
    machines = st.multiselect(
        "Machines", list(names), format_func=names.__getitem__, placeholder="All", key="an-machines"
    )
    days = st.number_input("Days to look at, up to now", 0.25, 366.0, 1.0, 0.25, key="an-days")
    st.caption("The 14 days before them are taken as normal, without what was called a real anomaly.")
    method = st.selectbox("Detector", METHODS, format_func=METHOD_NAMES.__getitem__, key="an-method")
    budget = st.number_input(
        "False alarms per machine and week, at most", 0.05, 100.0, 1.0, 0.5, key="an-budget"
    )
    if st.button("Start", type="primary", key="an-start"):
        given = {"machines": machines, "days": days, "method": method, "false_alarms_per_week": budget}
        try:
            ask(access, Asked("anomaly", given))
        except GembaError as error:
            error_card(error)
            return
        st.rerun()
