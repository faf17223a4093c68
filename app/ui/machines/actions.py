"""What a person may do with machines: add, open, edit, take out of use and back, delete."""

import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.production import machines
from app.ui.cards import error_card
from app.ui.dialogs import confirm_dialog
from app.ui.machines.deleting import delete_dialog
from app.ui.machines.dialog import open_dialog
from app.ui.machines.views import DONE, parameters_of
from app.ui.scene import Scene
from app.ui.selecting.links import go
from app.ui.selecting.selection import link_params
from data.models import Machine


def machine_actions(at: Scene, chosen: Machine | None) -> None:
    """Draw the buttons; those for one machine wait until a row of the table is chosen."""
    may_edit = at.access.principal.may(Permission.MANAGE_MACHINES)
    hint = "Choose a machine in the table first." if chosen is None else None
    if may_edit and st.button("Add a machine", type="primary", icon=":material/add:", key="add-machine"):
        open_dialog(at)
    is_idle = chosen is not None and not chosen.is_active
    if (
        st.button(
            "Open", icon=":material/monitoring:", key="open-machine", disabled=chosen is None or is_idle,
            help="A machine out of use has no page." if is_idle else hint,
        )
        and chosen is not None
    ):  # fmt: skip
        go("machine", link_params(machines=[chosen.device_key]))
    listed = st.button(
        "Parameters", icon=":material/tune:", key="machine-parameters", disabled=chosen is None, help=hint
    )
    if listed and chosen is not None:
        go("machines", parameters_of(chosen))
    if not may_edit:
        return
    if st.button("Edit", icon=":material/edit:", key="edit-machine", disabled=chosen is None, help=hint):
        open_dialog(at, chosen)
    if is_idle:
        pressed = st.button("Activate", icon=":material/check:", key="activate")
    else:
        pressed = st.button(
            "Deactivate", icon=":material/block:", key="deactivate", disabled=chosen is None, help=hint
        )
    if pressed and chosen is not None:
        _switch(at, chosen)
    if (
        st.button(
            "Delete", icon=":material/delete:", key="delete-machine", disabled=chosen is None, help=hint
        )
        and chosen is not None
    ):
        delete_dialog(at, chosen)


def _switch(at: Scene, machine: Machine) -> None:
    if machine.is_active:
        confirm_dialog(
            f"Take {machine.name} out of use?",
            "Its data stays. It leaves the figures and the lists until somebody activates it again.",
            lambda: machines.set_active(at.access, machine.id, machine.version, active=False),
            confirm="Deactivate machine",
            key="deactivate-machine",
        )
        return
    try:
        machines.set_active(at.access, machine.id, machine.version, active=True)
    except GembaError as error:
        error_card(error)
        return
    st.session_state[DONE] = f"{machine.name} is in use again."
    st.rerun()
