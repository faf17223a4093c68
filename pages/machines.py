"""Machines: the machines with their parameters, the lines and the products; changed by those who may."""

import streamlit as st

from app.ui.machines.lines import line_table
from app.ui.machines.listing import machine_list
from app.ui.machines.parameters import parameter_table
from app.ui.machines.products import product_table
from app.ui.machines.views import DONE, LINES, MACHINES, PARAMETERS, PRODUCTS, view
from app.ui.parts import page_header
from app.ui.scene import scene

VIEWS = {
    MACHINES: machine_list,
    PARAMETERS: parameter_table,
    LINES: line_table,
    PRODUCTS: product_table,
}

at = scene()
used = len(at.plant.active)
idle = len(at.plant.rows.machines) - used
page_header("Machines", f"{used} in use, {idle} out of use." if idle else f"{used} in use.")
done = st.session_state.pop(DONE, "")
if done:
    st.toast(done, icon=":material/check_circle:")
VIEWS[view()](at)
