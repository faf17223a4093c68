"""Notifications: one's own channels and quiet hours, the factory's channels, and the delivery log."""

import streamlit as st

from app.auth.permissions import Permission
from app.notify.channels import factory_channels, my_channels
from app.ui.entry.gate import access
from app.ui.notifications.channels import channel_list
from app.ui.notifications.history import delivery_log
from app.ui.notifications.quiet import quiet_hours
from app.ui.parts import page_header

who = access(Permission.SEE_PLANT)
page_header("Notifications", "Where alerts reach people, and what became of each message.")
views = ["Mine", "Delivery log"]
if who.principal.may(Permission.MANAGE_NOTIFICATIONS):
    views.insert(1, "Factory")
view = st.segmented_control(
    "View", views, default="Mine", key="n_view", bind="query-params", label_visibility="collapsed"
)
if view == "Factory" and who.principal.may(Permission.MANAGE_NOTIFICATIONS):
    channel_list(who, factory_channels(who), of_factory=True)
elif view == "Delivery log":
    delivery_log(who)
else:
    channel_list(who, my_channels(who), of_factory=False)
    quiet_hours(who)
