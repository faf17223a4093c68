"""The dialogs that ask for failure models and for risks."""

import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.jobs.asking import Asked, ask
from app.predict.failure.models import LIFE, serving
from app.production.plant import plant
from app.ui.cards import error_card


@st.dialog("Teach models", icon=":material/model_training:")
def ask_for_models(access: Access) -> None:
    """Which machines, what counts as a failure, how far ahead."""
    names = {one.device_key: one.name for one in plant(access).active}
    machines = st.multiselect(
        "Machines", list(names), format_func=names.__getitem__, placeholder="All", key="ri-machines"
    )
    horizon = st.number_input("Hours ahead", 1, 336, 8, key="ri-horizon")
    least = st.number_input("A failure stops the machine for at least (min)", 0, 10_000, 30, key="ri-least")
    days = st.number_input("Days to learn from, up to now", 3, 800, 60, key="ri-days")
    st.caption(
        "A random forest and gradient boosting learn from hourly signals and from stops that were failures; "
        "the last quarter of the hours tests them. The new version is a candidate until somebody promotes it."
    )
    if st.button("Start", type="primary", key="ri-start"):
        given = {"machines": machines, "horizon_h": horizon, "least_stop_min": least, "history_days": days}
        try:
            ask(access, Asked("failure_prediction", given))
        except GembaError as error:
            error_card(error)
            return
        st.rerun()


@st.dialog("Teach lives", icon=":material/hourglass_bottom:")
def ask_for_lives(access: Access) -> None:
    """Which machines, what counts as a failure, and whether a new tool begins a new life."""
    names = {one.device_key: one.name for one in plant(access).active}
    machines = st.multiselect(
        "Machines", list(names), format_func=names.__getitem__, placeholder="All", key="li-machines"
    )
    least = st.number_input("A failure stops the machine for at least (min)", 0, 10_000, 30, key="li-least")
    days = st.number_input("Days to learn from, up to now", 3, 800, 120, key="li-days")
    tools = st.checkbox("A fitted tool begins a new life", key="li-tools")
    st.caption(
        "Learns from the hours between a repair, or planned work that was done, and the next failure. Four "
        "such runs with readings are needed, of the machine or of machines of its type; runs that taught "
        "nothing test it. The new version is a candidate until somebody promotes it."
    )
    if st.button("Start", type="primary", key="li-start"):
        given = {
            "machines": machines, "least_stop_min": least, "history_days": days, "count_tools": tools
        }  # fmt: skip
        try:
            ask(access, Asked("remaining_life", given))
        except GembaError as error:
            error_card(error)
            return
        st.rerun()


def tell_button(access: Access) -> None:
    """Tells the risks and remaining lives anew, where there is a model that can."""
    has_model = bool(serving(access) or serving(access, LIFE))
    words = None if has_model else "Teach models or lives first."
    if st.button(
        "Tell the risks now", type="primary", icon=":material/refresh:", key="ri-now", disabled=not has_model,
        help=words,
    ):  # fmt: skip
        tell_again(access)


def tell_again(access: Access) -> None:
    """Ask for the risks and remaining lives now, by the models there are."""
    try:
        ask(access, Asked("failure_risk"))
    except GembaError as error:
        error_card(error)
        return
    st.rerun()
