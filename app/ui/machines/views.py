"""The views of the page of machines, and how one is opened for a machine."""

from typing import Final

import streamlit as st

from data.models import Machine

VIEW_PARAM: Final = "ma_view"
MACHINE_PARAM: Final = "ma_machine"
DONE: Final = "machines-done"
"""Under this name of the session stands what was just saved, until the page has said it."""
MACHINES: Final = "Machines"
PARAMETERS: Final = "Parameters"
LINES: Final = "Lines"
PRODUCTS: Final = "Products"
VIEWS: Final = (MACHINES, PARAMETERS, LINES, PRODUCTS)


def view() -> str:
    """Draw the choice of a view; the chosen one."""
    return str(
        st.segmented_control(
            "View", VIEWS, default=MACHINES, key=VIEW_PARAM, label_visibility="collapsed",
            bind="query-params", required=True, wrap=True,
        )
    )  # fmt: skip


def open_parameters(machine: Machine) -> None:
    """Show this machine's parameters; for the callback of a button, which runs before the page."""
    st.session_state[VIEW_PARAM] = PARAMETERS
    st.session_state[MACHINE_PARAM] = machine.device_key


def label(machine: Machine) -> str:
    """The name of a machine with its key: unique, since the address holds it."""
    return machine.name if machine.name == machine.device_key else f"{machine.name} ({machine.device_key})"
