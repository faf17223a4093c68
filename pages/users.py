"""Users & roles: people, invitations, roles, API keys."""

import streamlit as st

from app.auth.permissions import Permission
from app.people.roles import list_roles
from app.ui.entry.gate import access
from app.ui.parts import page_header
from app.ui.people.keys import key_list
from app.ui.people.links import shown_once
from app.ui.people.roles import role_list
from app.ui.people.users import open_invitations, people

who = access(Permission.MANAGE_USERS)
page_header("Users & roles", "A role bundles permissions; a person can have more or fewer than the role.")
views = ["People", "Invitations", "Roles"]
if who.principal.may(Permission.MANAGE_KEYS):
    views.append("API keys")
view = st.segmented_control(
    "View", views, default="People", key="u_view", bind="query-params", label_visibility="collapsed"
)
shown_once()
roles = list_roles(who)
if view == "Invitations":
    open_invitations(who, roles)
elif view == "Roles":
    role_list(who, roles)
elif view == "API keys" and who.principal.may(Permission.MANAGE_KEYS):
    key_list(who)
else:
    people(who, roles)
