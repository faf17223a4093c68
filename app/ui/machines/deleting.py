"""The question before a machine is deleted, or what keeps it from being deleted."""

import streamlit as st

from analytics.errors import GembaError
from app.production import machines
from app.production.deletion import ADVICE, Traces, delete, traces
from app.production.masters.references import told
from app.ui.cards import error_card
from app.ui.dialogs import confirm_dialog
from app.ui.formats import many, plain
from app.ui.machines.views import DONE
from app.ui.scene import Scene
from data.models import Machine


def delete_dialog(at: Scene, machine: Machine) -> None:
    """Ask, after looking at what there is of the machine."""
    try:
        found = traces(at.access, machine.id, machine.version)
    except GembaError as error:
        error_card(error)
        return
    if found.found:
        _refused(at, machine, found)
        return
    text = "Its parameters and ideal cycles go with it. This cannot be taken back."
    if found.series:
        text = (
            f"Its telemetry ({many(found.series, 'parameter')}) is deleted for good, with its parameters and "
            "ideal cycles. This cannot be taken back. If it goes on sending, its messages wait on the page "
            "*Ingest*."
        )

    def gone() -> None:
        delete(at.access, machine.id, machine.version, with_telemetry=bool(found.series))
        st.session_state[DONE] = f"{machine.name} was deleted."

    confirm_dialog(
        f"Delete {machine.name}?", text, gone, confirm="Delete machine", key="machine-gone",
        typed=machine.device_key if found.series else "",
    )  # fmt: skip


def _refused(at: Scene, machine: Machine, found: Traces) -> None:
    @st.dialog(f"{machine.name} has data", icon=":material/block:")
    def dialog() -> None:
        st.markdown(f"It cannot be deleted: there is {plain(told(found.found))}.")
        if not machine.is_active:
            st.markdown("It is out of use already: its data stays, and it is in no list and no figure.")
            return
        st.markdown(ADVICE)
        if not st.button("Deactivate machine", type="primary", icon=":material/block:", key="instead"):
            return
        try:
            machines.set_active(at.access, machine.id, machine.version, active=False)
        except GembaError as error:
            error_card(error)
            return
        st.session_state[DONE] = f"{machine.name} is out of use."
        st.rerun()

    dialog()
