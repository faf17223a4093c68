"""The reason tree: shown in its order, added to, changed, taken out of use."""

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.stops.reasons import CATEGORIES, ReasonDraft, reasons, save_reason
from app.ui.cards import error_card
from app.ui.scene import Scene
from app.ui.stops.asking import CATEGORY_WORDS
from app.ui.tables import data_table, fitting

YES_NO = {None: "not said", True: "yes", False: "no"}


def reason_tree(at: Scene) -> None:
    """The tree as a table; those who manage machines change it."""
    known = reasons(at.access)
    depth: dict[str, int] = {}
    for one in known:
        depth[one.code] = depth.get(one.parent, -1) + 1
    shown = pd.DataFrame(
        {
            "Reason": [f"{'    ' * depth[one.code]}{one.name}" for one in known],
            "Code": [one.code for one in known],
            "Category": [CATEGORY_WORDS[one.category] for one in known],
            "Operator error": [YES_NO[one.is_operator_error] for one in known],
            "In use": [one.is_active for one in known],
        }
    )
    row = data_table(
        shown, key="reason-tree", label="The reason tree", selectable=True, download_name="reasons",
        height=fitting(len(shown), 14),
    )  # fmt: skip
    if not at.access.principal.may(Permission.MANAGE_MACHINES):
        return
    with st.container(horizontal=True, key="reason-actions"):
        if st.button("Add a reason", icon=":material/add:", type="primary", key="reason-add"):
            _form(at, known, ReasonDraft("", "", parent=known[row].code if row is not None else ""), "")
        is_chosen = row is not None
        hint = None if is_chosen else "Choose a reason in the table first."
        if st.button(
            "Change", icon=":material/edit:", key="reason-change", disabled=not is_chosen, help=hint
        ):
            chosen = known[row or 0]
            _form(at, known, chosen, chosen.code)


def _form(at: Scene, known: list[ReasonDraft], draft: ReasonDraft, was: str) -> None:
    @st.dialog("Change a reason" if was else "Add a reason", icon=":material/account_tree:")
    def dialog() -> None:
        with st.form("reason-form", border=False):
            name = st.text_input("Name", draft.name, max_chars=200, key="reason-name")
            code = st.text_input("Code", draft.code, max_chars=60, key="reason-code",
                                 help="Small letters, digits, points, dashes.")  # fmt: skip
            category = st.selectbox(
                "Category", CATEGORIES, CATEGORIES.index(draft.category), key="reason-category",
                format_func=CATEGORY_WORDS.__getitem__,
                help="Decides which loss its stops are, in the past as well.",
            )  # fmt: skip
            above = ["", *(one.code for one in known if one.code != was)]
            names = {"": "(top)", **{one.code: one.name for one in known}}
            parent = st.selectbox("Below", above, above.index(draft.parent) if draft.parent in above else 0,
                                  key="reason-parent", format_func=names.__getitem__)  # fmt: skip
            error = st.segmented_control(
                "An operator's error", list(YES_NO), default=draft.is_operator_error, key="reason-error",
                format_func=YES_NO.__getitem__,
            )  # fmt: skip
            position = st.number_input("Position among its neighbours", 0, 999, draft.position,
                                       key="reason-position")  # fmt: skip
            is_active = st.toggle("In use", draft.is_active, key="reason-active")
            is_sent = st.form_submit_button("Save", type="primary")
        if is_sent:
            made = ReasonDraft(code.strip(), name.strip(), category, parent, error, is_active, int(position))
            try:
                save_reason(at.access, made, was)
            except GembaError as problem:
                error_card(problem)
                return
            st.rerun()

    dialog()
