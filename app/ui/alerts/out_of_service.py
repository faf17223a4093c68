"""Alerts out of service: taken out with a reason and an end, listed, returned."""

from datetime import datetime, time, timedelta
from typing import Final

import pandas as pd
import streamlit as st

from app.alerts.listing import Shown
from app.alerts.out_of_service import (
    OutDraft,
    OutShown,
    out_of_service,
    remove_from_service,
    return_to_service,
)
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.ui.dialogs import confirm_dialog
from app.ui.forms import Problems
from app.ui.scene import Scene
from app.ui.tables import data_table, fitting

LENGTHS: Final = {"8 hours": 8, "24 hours": 24, "7 days": 168}


@st.dialog("Out of service", icon=":material/do_not_disturb_on:")
def ask_out_of_service(access: Access, one: Shown) -> None:
    """What is taken out, until when, and why."""
    problems = Problems("out-of-service")
    st.markdown(
        "Alerts out of service are listed, told to nobody, and no part of the alarm load. At the end, "
        "or when somebody returns them, what is still active is told."
    )
    both = {
        f"{one.rule_name} on {one.machine_name}": (one.rule_id, one.machine_id),
        f"{one.rule_name} on every machine": (one.rule_id, None),
        f"every rule on {one.machine_name}": (None, one.machine_id),
    }
    offered = {words: pair for words, pair in both.items() if pair != (None, None)}
    with st.form("al-out-form", border=False):
        what = st.selectbox("What?", list(offered), key="al-out-what")
        problems.here("rule_id")
        length = st.selectbox("For how long?", [*LENGTHS, "until a day"], key="al-out-for")
        last = st.date_input("Until the end of", access.now.date() + timedelta(days=7), key="al-out-day")
        problems.here("until")
        reason = st.text_input("Why?", key="al-out-why", max_chars=500)
        problems.here("reason")
        sent = st.form_submit_button("Take out of service", type="primary")
    if not sent:
        return
    until = access.now + timedelta(hours=LENGTHS.get(str(length), 1))
    if length == "until a day" and last is not None:
        until = datetime.combine(last + timedelta(days=1), time(), access.factory.zone)
    rule_id, machine_id = offered[what]
    if problems.attempt(
        lambda: remove_from_service(access, OutDraft(rule_id, machine_id, until, reason or ""))
    ):
        st.session_state["al-said"] = "Out of service."
        st.rerun()
    st.rerun(scope="fragment")


def out_of_service_list(at: Scene) -> None:
    """What is out of service now, with who took it out, why and until when."""
    found = out_of_service(at.access)
    if not found:
        return
    st.subheader("Out of service", anchor=False)
    row = data_table(
        _frame(at, found), key="al-out-table", label="Alerts out of service", selectable=True,
        height=fitting(len(found), 8), download_name="out-of-service",
    )  # fmt: skip
    chosen = found[row] if row is not None else (found[0] if len(found) == 1 else None)
    if not at.access.principal.may(Permission.CREATE_RULES):
        return
    off, hint = chosen is None, "Choose an entry in the table first." if chosen is None else None
    back = st.button("Return to service", icon=":material/undo:", key="al-in", disabled=off, help=hint)
    if back and chosen is not None:
        confirm_dialog(
            f"Return {_what(chosen)} to service?",
            "What is still active is told now, and new alerts are told again.",
            lambda: return_to_service(at.access, chosen.id, chosen.version),
            confirm="Return to service", key="al-in-ask",
        )  # fmt: skip


def _what(one: OutShown) -> str:
    rule = one.rule_name or "every rule"
    return f"{rule} on {one.machine_name or 'every machine'}"


def _frame(at: Scene, found: list[OutShown]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Rule": [one.rule_name or "every rule" for one in found],
            "Machine": [one.machine_name or "every machine" for one in found],
            "Why": [one.reason for one in found],
            "Until": [one.until.astimezone(at.zone).strftime("%Y-%m-%d %H:%M") for one in found],
            "Since": [one.begun_at.astimezone(at.zone).strftime("%Y-%m-%d %H:%M") for one in found],
            "By": [one.begun_by for one in found],
        }
    )
