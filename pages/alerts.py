"""Alerts: what rules have raised, why, and what is done about it."""

import streamlit as st

from app.ui.alerts.choosing import chosen_alerts
from app.ui.alerts.detail import alert_detail
from app.ui.alerts.out_of_service import out_of_service_list
from app.ui.alerts.table import alert_table
from app.ui.alerts.tiles import alert_tiles
from app.ui.parts import page_header
from app.ui.scene import scene

at = scene()
page_header("Alerts", "What rules have raised, why, and what is done about it.")
alert_tiles(at)
said = st.session_state.pop("al-said", "")
if said:
    st.toast(said, icon=":material/check:")
one = alert_table(at, chosen_alerts(at))
if one is not None:
    alert_detail(at, one)
out_of_service_list(at)
