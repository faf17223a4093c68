"""Failure risk: which machine may fail soon, why, what would change it, and how long each has."""

import streamlit as st

from app.auth.permissions import Permission
from app.ui.jobs.running import cancel_chosen, running_jobs
from app.ui.parts import page_header
from app.ui.predict.life_list import life_list
from app.ui.predict.risk_form import ask_for_lives, ask_for_models, tell_button
from app.ui.predict.risk_list import risk_list, risk_view
from app.ui.scene import scene

at = scene()
page_header("Failure risk", "Which machine may fail soon, why, what would change it, and how long each has.")
if Permission.RUN_ANALYTICS in at.access.principal.permissions:
    with st.container(horizontal=True):
        tell_button(at.access)
        if st.button("Teach models", icon=":material/model_training:", key="ri-teach"):
            ask_for_models(at.access)
        if st.button("Teach lives", icon=":material/hourglass_bottom:", key="ri-lives"):
            ask_for_lives(at.access)
    running_jobs(at.access, ("failure_prediction", "failure_risk", "remaining_life"))
    cancel_chosen(at.access)
chosen = risk_list(at)
if chosen is not None:
    risk_view(at, chosen)
life_list(at)
