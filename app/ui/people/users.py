"""The people of the factory: who they are, what they may do, invitations."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.people import invitations, registration, resets, users
from app.people.roles import Role
from app.people.users import User
from app.ui.cards import empty_state, error_card
from app.ui.dialogs import confirm_dialog
from app.ui.forms import Problems
from app.ui.people.links import show_once
from app.ui.people.words import meaning, role_name
from app.ui.tables import data_table, fitting

AS_ROLE = "as the role says"
CHOICES = {AS_ROLE: None, "always": True, "never": False}


def people(access: Access, roles: list[Role]) -> None:
    """The list, and what can be done with the chosen person."""
    everybody = users.list_users(access)
    waiting = [user for user in everybody if user.is_waiting]
    if waiting:
        st.info(
            f"{len(waiting)} wait for approval: {', '.join(u.email for u in waiting)}.",
            icon=":material/how_to_reg:",
        )
    actions = st.container(horizontal=True, key="user-actions")
    row = data_table(
        _frame(everybody, roles, access.factory.zone), key="users", label="People", download_name="people",
        selectable=True, height=fitting(len(everybody)),
    )  # fmt: skip
    with actions:
        if st.button("Invite", type="primary", icon=":material/person_add:", key="u-invite"):
            Problems("invite").clear()
            _invite(access, roles)
        _actions(access, roles, everybody[row] if row is not None else None)


def _frame(everybody: list[User], roles: list[Role], zone: ZoneInfo) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Name": [user.name for user in everybody],
            "E-mail": [user.email for user in everybody],
            "Role": [role_name(user.role, roles) for user in everybody],
            "State": [_state(user) for user in everybody],
            "Own permissions": [_own(user) for user in everybody],
            "Second factor": [user.has_second_factor for user in everybody],
            "Last log-in": [_when(user.last_login_at, zone) for user in everybody],
        }
    )


def _state(user: User) -> str:
    if user.is_waiting:
        return "waits for approval"
    return "active" if user.is_active else "deactivated"


def _own(user: User) -> str:
    return ", ".join(f"{'+' if has else MINUS}{name}" for name, has in sorted(user.overrides.items()))


MINUS = "\u2212"


def _when(moment: datetime | None, zone: ZoneInfo) -> str:
    return "never" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _actions(access: Access, roles: list[Role], chosen: User | None) -> None:
    hint = "Choose a person in the table first." if chosen is None else None
    off = chosen is None
    if (
        st.button("Role and permissions", icon=":material/badge:", key="u-role", disabled=off, help=hint)
        and chosen
    ):
        Problems("role").clear()
        _change(access, roles, chosen)
    if chosen is not None and not chosen.is_active:
        label = "Approve" if chosen.is_waiting else "Activate"
        if st.button(label, icon=":material/check:", key="u-activate"):
            _let_in(access, roles, chosen)
    elif (
        st.button("Deactivate", icon=":material/block:", key="u-deactivate", disabled=off, help=hint)
        and chosen
    ):
        confirm_dialog(
            f"Deactivate {chosen.name}?",
            "Open log-ins here end at once. What this person did stays on record.",
            lambda: users.deactivate(access, chosen.id, chosen.version),
            confirm="Deactivate person",
            key="deactivate-user",
        )
    if (
        st.button("Reset link", icon=":material/lock_reset:", key="u-reset", disabled=off, help=hint)
        and chosen
    ):
        _reset(access, chosen)


def _let_in(access: Access, roles: list[Role], chosen: User) -> None:
    if chosen.is_waiting:
        Problems("approve").clear()
        _approve(access, roles, chosen)
        return
    try:
        users.reactivate(access, chosen.id, chosen.version)
    except GembaError as error:
        error_card(error)
        return
    st.rerun()


def _reset(access: Access, chosen: User) -> None:
    try:
        link = resets.make_reset_link(access, chosen.id)
    except GembaError as error:
        error_card(error)
        return
    show_once(
        f"Link for {chosen.name}",
        "Good once, for an hour. Hand it over yourself; it is not shown again.",
        link,
    )
    st.rerun()


@st.dialog("Invite somebody", icon=":material/person_add:")
def _invite(access: Access, roles: list[Role]) -> None:
    problems = Problems("invite")
    with st.form("invite-form", border=False):
        email = st.text_input("E-mail", key="inv-email", max_chars=254)
        problems.here("email")
        role = _role_box(roles, "engineer", "inv-role")
        problems.here("role")
        problems.rest()
        sent = st.form_submit_button("Invite", type="primary")
    if not sent:
        return
    made: list[invitations.Invited] = []
    if problems.attempt(lambda: made.append(invitations.invite(access, email or "", role=role))):
        if made[0].link:
            show_once(
                f"Invitation for {made[0].email}",
                "No mail server is set up, so hand over this link. It works once and is not shown again.",
                made[0].link,
            )
        st.rerun()
    st.rerun(scope="fragment")


@st.dialog("Let somebody in", icon=":material/how_to_reg:")
def _approve(access: Access, roles: list[Role], chosen: User) -> None:
    problems = Problems("approve")
    with st.form("approve-form", border=False):
        st.markdown(f"{chosen.name} ({chosen.email}) asked for access.")
        role = _role_box(roles, "viewer", "approve-role")
        problems.here("role")
        problems.rest()
        agreed = st.form_submit_button("Approve", type="primary")
    if agreed:
        if problems.attempt(lambda: registration.approve(access, chosen.id, role)):
            st.rerun()
        st.rerun(scope="fragment")


def _role_box(roles: list[Role], chosen: str, key: str) -> str:
    keys = [role.key for role in roles]
    index = keys.index(chosen) if chosen in keys else 0
    return str(
        st.selectbox("Role", keys, index=index, format_func=lambda one: role_name(one, roles), key=key)
    )


@st.dialog("Role and permissions", width="medium", icon=":material/badge:")
def _change(access: Access, roles: list[Role], chosen: User) -> None:
    problems = Problems("role")
    with st.form("role-form", border=False):
        st.markdown(f"**{chosen.name}**, {chosen.email}")
        role = _role_box(roles, chosen.role, f"role-of-{chosen.id}")
        problems.here("role")
        st.caption("Single permissions, whatever the role says:")
        wanted = {permission.value: _override(chosen, permission) for permission in Permission}
        problems.rest()
        saved = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if not saved:
        return
    if problems.attempt(lambda: _save(access, chosen, role, wanted)):
        st.rerun()
    st.rerun(scope="fragment")


def _override(chosen: User, permission: Permission) -> bool | None:
    now = chosen.overrides.get(permission.value)
    names = list(CHOICES)
    index = names.index(next(name for name, value in CHOICES.items() if value is now))
    picked = st.selectbox(
        meaning(permission.value), names, index=index, key=f"override-{chosen.id}-{permission.value}"
    )
    return CHOICES[str(picked)]


def _save(access: Access, chosen: User, role: str, wanted: dict[str, bool | None]) -> None:
    if wanted != {permission.value: chosen.overrides.get(permission.value) for permission in Permission}:
        users.replace_overrides(
            access, chosen.id, chosen.version, {name: has for name, has in wanted.items() if has is not None}
        )
        chosen = users.user(access, chosen.id)
    if role != chosen.role:
        users.set_role(access, chosen.id, chosen.version, role)


def open_invitations(access: Access, roles: list[Role]) -> None:
    """Who was invited and has not come yet."""
    pending = invitations.pending(access)
    if not pending:
        empty_state("No open invitation", "Invite somebody under *People*.", icon="mail", key="invitations")
        return
    zone = access.factory.zone
    row = data_table(
        pd.DataFrame(
            {
                "E-mail": [one.email for one in pending],
                "Role": [role_name(one.role, roles) for one in pending],
                "Invited by": [one.invited_by for one in pending],
                "Sent": [_when(one.created_at, zone) for one in pending],
                "Good until": [_when(one.expires_at, zone) for one in pending],
            }
        ),
        key="invitations", label="Open invitations", selectable=True, height=fitting(len(pending)),
    )  # fmt: skip
    if (
        st.button("Withdraw", icon=":material/cancel:", key="u-withdraw", disabled=row is None)
        and row is not None
    ):
        chosen = pending[row]
        confirm_dialog(
            f"Withdraw the invitation of {chosen.email}?",
            "Its link stops working.",
            lambda: invitations.withdraw(access, chosen.id),
            confirm="Withdraw",
            key="withdraw-invitation",
        )
