"""The dialog that asks for a forecast."""

from typing import Any, Final

import streamlit as st

from analytics.errors import GembaError
from analytics.kpis import KPIS
from app.bootstrap import Access
from app.jobs.asking import Asked, ask
from app.predict.series import ENERGY, KPI, PARAMETER
from app.production.measured.signals import known_parameters
from app.production.plant import Plant, plant
from app.ui.cards import error_card
from app.ui.predict.words import METHOD_WORDS, STEP_WORDS

WHAT: Final = {ENERGY: "Energy", PARAMETER: "A parameter", KPI: "A KPI"}
HORIZONS_H: Final = {24: "24 hours", 48: "2 days", 168: "7 days", 336: "14 days"}
DAYS_AHEAD_H: Final = {168: "7 days", 336: "14 days", 672: "28 days"}


@st.dialog("New forecast", icon=":material/add:")
def ask_for_forecast(access: Access) -> None:
    """What, of which machine, how far ahead, by which model."""
    known = plant(access)
    what = st.segmented_control(
        "What", list(WHAT), default=ENERGY, format_func=WHAT.__getitem__, required=True, key="fo-what"
    )
    given = _subject(access, known, what)
    ahead = DAYS_AHEAD_H if what == KPI else HORIZONS_H
    given["horizon_h"] = st.selectbox("How far", list(ahead), format_func=ahead.__getitem__, key="fo-far")
    if what != KPI:
        steps = STEP_WORDS if what == PARAMETER or given["horizon_h"] <= 168 else {3_600: STEP_WORDS[3_600]}
        place = list(steps).index(3_600)
        given["step_s"] = st.selectbox(
            "One value each", list(steps), index=place, format_func=steps.__getitem__, key="fo-step"
        )
    given["method"] = st.selectbox(
        "Model", list(METHOD_WORDS), format_func=METHOD_WORDS.__getitem__, key="fo-method",
        help="Each model is tested on this history first; the default takes the median of the best three.",
    )  # fmt: skip
    st.caption("It learns from the last 42 days, a KPI from 120. It takes up to a few minutes.")
    if st.button("Start", type="primary", key="fo-start"):
        try:
            ask(access, Asked("energy_forecast" if what == ENERGY else "forecast", given))
        except GembaError as error:
            error_card(error)
            return
        st.rerun()


def _subject(access: Access, known: Plant, what: str) -> dict[str, Any]:
    names = {one.device_key: one.name for one in known.active}
    if what != PARAMETER:
        chosen = st.multiselect(
            "Machines",
            list(names),
            format_func=names.__getitem__,
            placeholder="Whole plant",
            key="fo-several",
        )
        if what == ENERGY:
            return {"machines": chosen}
        kpis = {one.id: one.name for one in KPIS}
        kpi = st.selectbox("KPI", list(kpis), format_func=kpis.__getitem__, key="fo-kpi")
        return {"machines": chosen, "kpi": kpi}
    machine = st.selectbox("Machine", list(names), format_func=names.__getitem__, key="fo-machine")
    offered = known_parameters(access, known, machine) if machine else []
    shown = {one.key: one.display_name or one.key for one in offered if one.data_type in {"float", "int"}}
    key = st.selectbox("Parameter", list(shown), format_func=shown.__getitem__, key=f"fo-parameter-{machine}")
    return {"machines": [machine] if machine else [], "parameter": key or ""}
