"""The dialog that asks for a scan."""

from typing import Any

import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.jobs.asking import Asked, ask
from app.jobs.kinds.anomaly import METHODS
from app.predict.anomaly.sources import RECORDS, SIGNALS, SOURCES, USUAL
from app.production.plant import plant
from app.ui.cards import error_card
from app.ui.predict.episode_list import METHOD_NAMES
from app.ui.predict.words import SOURCE_WORDS


@st.dialog("Start a scan", icon=":material/troubleshoot:")
def ask_for_scan(access: Access) -> None:
    """Of what, which machines, how many days, by which detector, how many false alarms are borne."""
    names = {one.device_key: one.name for one in plant(access).active}
    source = st.radio(
        "Look at", SOURCES, format_func=SOURCE_WORDS.__getitem__, horizontal=True, key="an-source"
    )
    machines = st.multiselect(
        "Machines", list(names), format_func=names.__getitem__, placeholder="All", key="an-machines"
    )
    given = {"source": source, "machines": machines, **_detector(source or SIGNALS)}
    if st.button("Start", type="primary", key="an-start"):
        try:
            ask(access, Asked("anomaly", given))
        except GembaError as error:
            error_card(error)
            return
        st.rerun()


def _detector(source: str) -> dict[str, Any]:
    """What is asked of signals and of records has its own usual values, so its own widgets."""
    usual = USUAL[source]
    days = st.number_input(
        "Days to look at, up to now", 0.25, 366.0, float(usual.days), 0.25, key=f"an-days-{source}"
    )
    of = " One row per shift record, at its start; a machine needs 60 of them." if source == RECORDS else ""
    st.caption(
        f"The {usual.normal_days} days before them are taken as normal, without what was called a real "
        f"anomaly.{of}"
    )
    method = st.selectbox(
        "Detector", METHODS, METHODS.index(usual.method), format_func=METHOD_NAMES.__getitem__,
        key=f"an-method-{source}",
    )  # fmt: skip
    budget = st.number_input(
        "False alarms per machine and week, at most", 0.05, 100.0, usual.false_alarms_per_week, 0.05,
        key=f"an-budget-{source}",
    )  # fmt: skip
    return {"days": days, "method": method, "false_alarms_per_week": budget}
