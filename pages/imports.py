"""Import: CSV and Excel files, seen through before anything of them is stored."""

import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.imports.background import Running
from app.imports.plans import Plan
from app.ui.formats import plain
from app.ui.imports.editor import edited, machine_choice, zone_choice
from app.ui.imports.history import show_history
from app.ui.imports.outcome import loadable, overview, show_plan
from app.ui.imports.running import RUNNING, running, show_result, watch
from app.ui.imports.start import show_start
from app.ui.imports.uploads import chosen_files, planned
from app.ui.parts import error_card, page_header
from app.ui.scene import scene

at = scene(Permission.IMPORT_DATA)
page_header("Import", "Machines, products, reasons, shift records, state events, counts and telemetry.")
current = running()
if current is not None:
    if current.done:
        show_result(current)
    else:
        watch()
    show_history(at)
    st.stop()
files = chosen_files(at)
if not files:
    show_start()
    show_history(at)
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom"):
    zone = zone_choice(at)
    machine = machine_choice(at)
    create = st.toggle("Make machines that are not known yet", key="i-create")
table = st.container()
mapped = {}
places = {}
for upload in files:
    with st.expander(plain(upload.source.name), expanded=len(files) == 1, icon=":material/description:"):
        try:
            mapping = edited(at, upload, zone, machine, create_machines=create)
        except GembaError as error:
            error_card(error)
            continue
        if mapping is None:
            st.info("Choose what this file holds, or take it out.", icon=":material/help:")
            continue
        mapped[upload.key] = (upload, mapping)
        places[upload.key] = st.container()
plans = planned(at, list(mapped.values()))
if len(mapped) > 1:
    with table:
        overview(list(plans.values()), [mapped[key][0].source.name for key in plans])
for key, plan in plans.items():
    with places[key]:
        if isinstance(plan, Plan):
            show_plan(plan, key)
        else:
            error_card(plan)
ready = [mapped[key] for key, plan in plans.items() if loadable(plan)]
waiting = len(files) - len(ready)
if waiting:
    st.caption(f"{waiting} of {len(files)} files cannot be loaded yet: each says why.")
label = "Load the file" if len(ready) == 1 else f"Load {len(ready)} files"
if st.button(label, type="primary", icon=":material/upload:", key="i-load", disabled=not ready):
    st.session_state[RUNNING] = Running(at.access, [(upload.source, mapping) for upload, mapping in ready])
    st.rerun()
show_history(at)
