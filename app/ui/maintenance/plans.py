"""The plans with the date on which each is due, and the dialog that adds or changes one."""

from typing import Final

import pandas as pd
import streamlit as st

from analytics.reliability import UNITS
from app.auth.permissions import Permission
from app.maintenance.plans import PlanDraft, StoredPlan, add_plan, change_plan, plans
from app.ui.cards import empty_state
from app.ui.formats import many
from app.ui.forms import Problems, form_dialog
from app.ui.maintenance.read import plans_due
from app.ui.scene import Scene
from app.ui.selecting.zone import local_datetime, to_us
from app.ui.tables import data_table, fitting

UNIT_WORDS: Final = {"day": "days", "week": "weeks", "month": "months", "hour": "running hours"}
STANDING_WORDS: Final = {"overdue": "overdue", "due": "due", "later": "later", "unknown": "not known"}


def plan_table(at: Scene) -> None:
    """The plans in use by due date, then those out of use."""
    due = {one.plan.id: one for one in plans_due(at)}
    known = sorted(
        plans(at.access), key=lambda one: (one.id not in due, list(due).index(one.id) if one.id in due else 0)
    )
    names = at.names
    row = None
    if known:
        told = [due.get(one.id) for one in known]
        shown = pd.DataFrame(
            {
                "What": [one.draft.name for one in known],
                "Machine": [names.get(one.draft.machine, one.draft.machine) for one in known],
                "Every": [many(one.draft.every, UNIT_WORDS[one.draft.unit][:-1]) for one in known],
                "Is": [STANDING_WORDS[one.standing.value] if one else "out of use" for one in told],
                "Due": [one.due if one else None for one in told],
                "Ran h": [one.run_h if one else None for one in told],
                "Left h": [one.remaining_h if one else None for one in told],
                "Last done": [local_datetime(one.last_us, at.zone).date() if one else None for one in told],
                "Order": [one.order_id if one else None for one in told],
            }
        ).astype({"Ran h": "float64", "Left h": "float64", "Order": "Int64"})
        row = data_table(
            shown, key="plan-table", label="Maintenance plans", selectable=True, download_name="plans",
            columns={
                "Ran h": st.column_config.NumberColumn("Ran h", format="%.0f", help="Since last done."),
                "Left h": st.column_config.NumberColumn("Left h", format="%.0f"),
                "Due": st.column_config.DateColumn("Due", help="By running hours a forecast."),
            },
            height=fitting(len(shown), 14),
        )  # fmt: skip
    else:
        empty_state("No plan yet", "A plan opens its work orders by itself when they come due.",
                    icon="event_repeat", key="plans-none")  # fmt: skip
    if not at.access.principal.may(Permission.MANAGE_MACHINES):
        return
    with st.container(horizontal=True, key="plan-actions"):
        if st.button("Add a plan", icon=":material/add:", type="primary", key="plan-add"):
            _dialog(at, None)
        hint = "Choose a plan in the table first." if row is None else None
        if st.button("Change", icon=":material/edit:", key="plan-change", disabled=row is None,
                     help=hint) and row is not None:  # fmt: skip
            _dialog(at, known[row])


def _dialog(at: Scene, stored: StoredPlan | None) -> None:
    def save(draft: PlanDraft) -> None:
        if stored is None:
            add_plan(at.access, draft)
        else:
            change_plan(at.access, stored.id, stored.version, draft)

    first = stored.draft if stored else PlanDraft("", "", 500, "hour")
    form_dialog(
        "plan",
        "Change a plan" if stored else "Add a plan",
        ":material/event_repeat:",
        lambda problems: _fields(at, first, problems),
        save,
    )


def _fields(at: Scene, draft: PlanDraft, problems: Problems) -> PlanDraft:
    names = {one.device_key: one.name for one in at.plant.active} | (
        {draft.machine: draft.machine} if draft.machine else {}
    )
    keys = list(names)
    machine = st.selectbox("Machine", keys, keys.index(draft.machine) if draft.machine else None,
                           format_func=names.__getitem__, key="plan-machine")  # fmt: skip
    problems.here("machine")
    name = st.text_input("What is done", draft.name, max_chars=200, key="plan-name")
    problems.here("name")
    left, right = st.columns(2)
    every = left.number_input("Every", 1, 100_000, draft.every, key="plan-every")
    unit = right.selectbox("Unit", UNITS, UNITS.index(draft.unit), key="plan-unit",
                           format_func=UNIT_WORDS.__getitem__)  # fmt: skip
    problems.here("every")
    was = local_datetime(at.now_us if draft.begins_us is None else draft.begins_us, at.zone)
    was = was.replace(tzinfo=None, second=0, microsecond=0)
    begins = st.datetime_input("Last done", was, key="plan-begins",
                               help="The last finished order counts if it is later.")  # fmt: skip
    problems.here("begins")
    lead = st.number_input("Open the order so many days before", 0, 365, draft.lead_days, key="plan-lead")
    problems.here("lead_days")
    note = st.text_area("Note", draft.note, max_chars=2_000, key="plan-note")
    is_active = st.toggle("In use", draft.is_active, key="plan-active")
    begins_us = draft.begins_us if begins is None or begins == was else to_us(begins, at.zone)
    return PlanDraft(
        machine or "", (name or "").strip(), int(every), unit, begins_us, int(lead), note or "", is_active
    )
