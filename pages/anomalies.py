"""Anomalies: what is not as it was, since when, which parameters say so, and whether people agree."""

import streamlit as st

from app.auth.permissions import Permission
from app.ui.jobs.running import cancel_chosen, running_jobs
from app.ui.parts import page_header
from app.ui.predict.episode_list import episode_list, scan_list
from app.ui.predict.episode_view import episode_view
from app.ui.predict.live_list import live_list
from app.ui.predict.scan_form import ask_for_scan
from app.ui.scene import scene

at = scene()
page_header("Anomalies", "What is not as it was, since when, and which parameters say so.")
if Permission.RUN_ANALYTICS in at.access.principal.permissions:
    if st.button("Start a scan", type="primary", icon=":material/troubleshoot:", key="an-new"):
        ask_for_scan(at.access)
    running_jobs(at.access, ("anomaly", "live_scores"))
    cancel_chosen(at.access)
chosen = episode_list(at)
if chosen is not None:
    episode_view(at, chosen)
live_list(at)
scan_list(at)
