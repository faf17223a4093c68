"""Everybody's roles and the factory's own."""

import pandas as pd
import streamlit as st

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.people import roles as service
from app.people.roles import Role
from app.ui.dialogs import confirm_dialog
from app.ui.forms import Problems
from app.ui.people.words import meaning
from app.ui.tables import data_table


def role_list(access: Access, roles: list[Role]) -> None:
    """Who may do what, a column a role; the factory's own roles can be changed."""
    own = [role for role in roles if role.id is not None]
    frame = pd.DataFrame({"Permission": [meaning(permission.value) for permission in Permission]})
    for role in roles:
        frame[role.name] = [permission in role.permissions for permission in Permission]
    with st.container(horizontal=True):
        if st.button("Add a role", type="primary", icon=":material/add:", key="r-add"):
            Problems("own-role").clear()
            _edit(access, None)
        if own:
            _own_actions(access, own)
    data_table(frame, key="roles", label="Roles and permissions", download_name="roles", height="content")


def _own_actions(access: Access, own: list[Role]) -> None:
    with st.popover("Change a role of this factory", icon=":material/edit:"):
        names = {role.key: role for role in own}
        key = st.selectbox("Role", list(names), format_func=lambda one: names[one].name, key="r-own")
        chosen = names[str(key)]
        if st.button("Edit", key="r-edit"):
            Problems("own-role").clear()
            _edit(access, chosen)
        if st.button("Remove", key="r-remove"):
            confirm_dialog(
                f"Remove the role {chosen.name}?",
                "It can be removed while nobody has it.",
                lambda: service.remove_role(access, chosen.id or 0, chosen.version),
                confirm="Remove role",
                key="remove-role",
            )


@st.dialog("Role", width="medium", icon=":material/badge:")
def _edit(access: Access, role: Role | None) -> None:
    problems = Problems("own-role")
    mark = role.key if role else "new"
    with st.form("own-role-form", border=False):
        key = st.text_input(
            "Key", role.key if role else "", key=f"ro-key-{mark}", disabled=role is not None, max_chars=40,
            help="Small letters, digits and underscores; it cannot be changed later.",
        )  # fmt: skip
        problems.here("key")
        name = st.text_input("Name", role.name if role else "", key=f"ro-name-{mark}", max_chars=120)
        problems.here("name")
        held = role.permissions if role else frozenset({Permission.SEE_PLANT})
        wanted = [
            permission.value
            for permission in Permission
            if permission in access.principal.permissions
            and st.checkbox(
                meaning(permission.value), permission in held, key=f"ro-{mark}-{permission.value}"
            )
        ]
        problems.here("permissions")
        problems.rest()
        saved = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if not saved:
        return

    def save() -> None:
        if role is None:
            service.add_role(access, key or "", name or "", wanted)
        else:
            service.edit_role(access, role.id or 0, role.version, name or "", wanted)

    if problems.attempt(save):
        st.rerun()
    st.rerun(scope="fragment")
