"""Forecasts: energy, parameters and KPIs to come, with bands, cost, and whether they beat the naive guess."""

import streamlit as st

from app.auth.permissions import Permission
from app.ui.jobs.running import cancel_chosen, running_jobs
from app.ui.parts import page_header
from app.ui.predict.forecast_form import ask_for_forecast
from app.ui.predict.forecast_view import forecast_list
from app.ui.scene import scene

KINDS = ("energy_forecast", "forecast")

at = scene()
page_header(
    "Forecasts", "What energy, parameters and KPIs will be, how sure that is, and whether to trust it."
)
if Permission.RUN_ANALYTICS in at.access.principal.permissions:
    if st.button("New forecast", type="primary", icon=":material/add:", key="fo-new"):
        ask_for_forecast(at.access)
    running_jobs(at.access, KINDS)
    cancel_chosen(at.access)
forecast_list(at)
