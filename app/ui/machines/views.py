"""The views of the page of machines, and the link to one machine's parameters."""

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


def parameters_of(machine: Machine) -> dict[str, list[str]]:
    """The query parameters of a link to this machine's parameters."""
    return {VIEW_PARAM: [PARAMETERS], MACHINE_PARAM: [label(machine)]}


def label(machine: Machine) -> str:
    """The name of a machine with its key: unique, since the address holds it."""
    return machine.name if machine.name == machine.device_key else f"{machine.name} ({machine.device_key})"
