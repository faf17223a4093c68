"""The factories of the installation."""

from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from app.bootstrap import Access
from app.people import installation
from app.people.installation import Installed
from app.ui.forms import Problems
from app.ui.tables import data_table, fitting


def factory_list(access: Access) -> None:
    """The list, and a dialog to add or describe one."""
    found = installation.list_factories(access)
    actions = st.container(horizontal=True)
    zone = access.factory.zone
    row = data_table(
        pd.DataFrame(
            {
                "Name": [one.name for one in found],
                "Slug": [one.slug for one in found],
                "Time zone": [one.zone for one in found],
                "People": [one.people for one in found],
                "Since": [one.created_at.astimezone(zone).strftime("%Y-%m-%d") for one in found],
            }
        ),
        key="factory-table", label="Factories", selectable=True, height=fitting(len(found)),
    )  # fmt: skip
    with actions:
        if st.button("Add a factory", type="primary", icon=":material/add:", key="f-add"):
            Problems("factory").clear()
            _dialog(access, None)
        if st.button("Edit", icon=":material/edit:", key="f-edit", disabled=row is None) and row is not None:
            Problems("factory").clear()
            _dialog(access, found[row])


@st.dialog("Factory", icon=":material/domain:")
def _dialog(access: Access, chosen: Installed | None) -> None:
    problems = Problems("factory")
    zones = sorted(available_timezones())
    mark = chosen.slug if chosen else "new"
    with st.form("factory-form", border=False):
        name = st.text_input("Name", chosen.name if chosen else "", key=f"f-name-{mark}", max_chars=200)
        problems.here("name")
        slug = st.text_input(
            "Slug", chosen.slug if chosen else "", key=f"f-slug-{mark}", disabled=chosen is not None,
            max_chars=60, help="The short name in topics and addresses; it cannot be changed later.",
        )  # fmt: skip
        problems.here("slug")
        zone = st.selectbox(
            "Time zone", zones, index=zones.index(chosen.zone if chosen else access.factory.timezone),
            key=f"f-zone-{mark}", help="Shifts, days and charts are in this zone.",
        )  # fmt: skip
        problems.here("zone")
        problems.rest()
        saved = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if not saved:
        return

    def save() -> None:
        if chosen is None:
            installation.add_factory(access, slug or "", name or "", str(zone))
        else:
            installation.edit_factory(access, chosen.id, name or "", str(zone))

    if problems.attempt(save):
        st.session_state.pop("factories", None)
        st.rerun()
    st.rerun(scope="fragment")
