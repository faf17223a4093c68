"""The list of alerts with what can be done about the chosen ones."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from analytics.rules.rule import SEVERITIES
from app.alerts import actions
from app.alerts.listing import Filter, Shown, count_alerts, list_alerts
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.people.users import list_users
from app.ui.alerts.out_of_service import ask_out_of_service
from app.ui.cards import empty_state, error_card
from app.ui.formats import MISSING
from app.ui.forms import Problems
from app.ui.scene import Scene
from app.ui.tables import download_buttons, fitting

MOST: Final = 500
BLOCK: Final = "\N{BLACK SQUARE}"
STATE_WORDS: Final = {
    "active": "active, not seen", "acknowledged": "active, seen", "returned": "over, not seen",
    "shelved": "shelved", "suppressed": "suppressed by design", "out_of_service": "out of service",
    "resolved": "resolved", "cleared": "over", "withdrawn": "withdrawn",
}  # fmt: skip
MARKS: Final = {name: f"{BLOCK * (place + 1)} {name}" for place, name in enumerate(SEVERITIES)}
SHELVES: Final = {"1 hour": 1, "8 hours": 8, "24 hours": 24, "7 days": 168}


def alert_table(at: Scene, chosen: Filter) -> Shown | None:
    """Draw the list and its actions; the alert to show in detail, if exactly one is chosen."""
    found = list_alerts(at.access, chosen, limit=MOST)
    if not found:
        empty_state(
            "No alert fits",
            "Nothing is open that these filters show."
            if count_alerts(at.access, Filter())
            else "Rules raise alerts: make one on the page *Rules*.",
            icon="notifications_off",
            key="alerts",
        )
        return None
    actions_row = st.container(horizontal=True, key="al-actions")
    frame = _frame(at, found)
    picked = st.dataframe(
        frame, hide_index=True, key="alerts-table", alt="Alerts", on_select="rerun", placeholder=MISSING,
        selection_mode="multi-row", height=fitting(len(found), 14),
        column_config={"Message": st.column_config.TextColumn(width="large")},
    )  # fmt: skip
    download_buttons(frame, name="alerts", key="alerts")
    total = count_alerts(at.access, chosen)
    if total > MOST:
        st.caption(f"The newest {MOST} of {total:,} are listed; narrow the filters to see others.")
    rows = [place for place in picked.selection.rows if place < len(found)]
    selected = [found[place] for place in rows]
    if at.access.principal.may(Permission.ACKNOWLEDGE_ALERTS):
        with actions_row:
            _actions(at.access, selected)
    return selected[0] if len(selected) == 1 else None


def _frame(at: Scene, found: list[Shown]) -> pd.DataFrame:
    def local(moment: datetime | None) -> str:
        return moment.astimezone(at.zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""

    return pd.DataFrame(
        {
            "Severity": [MARKS[one.severity] for one in found],
            "State": [STATE_WORDS[one.state] for one in found],
            "Machine": [one.machine_name for one in found],
            "Rule": [one.rule_name for one in found],
            "Message": [one.message for one in found],
            "Raised": [local(one.raised_at) for one in found],
            "Lasted": [_lasted(at, one) for one in found],
            "Assigned to": [one.assigned_to for one in found],
            "Seen by": [one.acknowledged_by for one in found],
        }
    )


def _lasted(at: Scene, one: Shown) -> str:
    end = one.cleared_at or at.access.now
    minutes = int((end - one.raised_at).total_seconds() // 60)
    text = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    return text if one.cleared_at else f"{text} so far"


def _actions(access: Access, selected: list[Shown]) -> None:
    off = not selected
    hint = "Choose alerts in the table first." if off else None
    ids = [one.id for one in selected]
    if st.button(
        "Acknowledge", icon=":material/done:", key="al-ack", type="primary", disabled=off, help=hint
    ):
        _do(lambda: actions.acknowledge(access, ids), "acknowledged")
    if st.button("Comment", icon=":material/comment:", key="al-comment", disabled=off):
        _comment(access, ids)
    if st.button("Assign", icon=":material/person:", key="al-assign", disabled=off):
        _assign(access, ids)
    if st.button("Shelve", icon=":material/snooze:", key="al-shelve", disabled=off):
        Problems("shelve").clear()
        _shelve(access, ids)
    if any(one.state == "shelved" for one in selected) and st.button(
        "Take back", icon=":material/unarchive:", key="al-unshelve"
    ):
        _do(lambda: actions.unshelve(access, ids), "taken back")
    if access.principal.may(Permission.CREATE_RULES) and st.button(
        "Out of service", icon=":material/do_not_disturb_on:", key="al-out", disabled=len(selected) != 1,
        help="Choose one alert: its rule, its machine, or both tell nobody until an end that you give.",
    ):  # fmt: skip
        ask_out_of_service(access, selected[0])
    if st.button("Resolve", icon=":material/task_alt:", key="al-resolve", disabled=off):
        _resolve(access, ids)


def _do(action: Callable[[], int], word: str) -> None:
    try:
        done = action()
    except GembaError as error:
        error_card(error)
        return
    st.session_state["al-said"] = f"{done} alert{'s' if done != 1 else ''} {word}."
    st.rerun()


@st.dialog("Comment", icon=":material/comment:")
def _comment(access: Access, ids: list[int]) -> None:
    with st.form("al-comment-form", border=False):
        text = st.text_area("What do you want to say?", key="al-comment-text", max_chars=2_000)
        sent = st.form_submit_button("Add comment", type="primary")
    if sent:
        _do(lambda: actions.comment(access, ids, text or ""), "commented on")


@st.dialog("Assign", icon=":material/person:")
def _assign(access: Access, ids: list[int]) -> None:
    own = access.principal.email
    people = [own]
    if access.principal.may(Permission.MANAGE_USERS):
        people = [user.email for user in list_users(access) if user.is_active]
    with st.form("al-assign-form", border=False):
        names = ["", *people]
        who = st.selectbox(
            "To whom?", names, index=names.index(own) if own in names else 0, key="al-assign-who",
            format_func=lambda name: name or "nobody", accept_new_options=True,
            help="An address of somebody of this factory.",
        )  # fmt: skip
        sent = st.form_submit_button("Assign", type="primary")
    if sent:
        _do(lambda: actions.assign(access, ids, who or ""), "assigned")


@st.dialog("Shelve", icon=":material/snooze:")
def _shelve(access: Access, ids: list[int]) -> None:
    problems = Problems("shelve")
    st.markdown("A shelved alert tells nobody until its time is over. It stays on the list *Shelved*.")
    with st.form("al-shelve-form", border=False):
        length = st.selectbox("For how long?", [*SHELVES, "until a day"], key="al-shelve-for")
        last = st.date_input("Until the end of", access.now.date() + timedelta(days=1), key="al-shelve-day")
        problems.here("until")
        reason = st.text_input("Why?", key="al-shelve-why", max_chars=500)
        problems.here("reason")
        sent = st.form_submit_button("Shelve", type="primary")
    if not sent:
        return
    until = access.now + timedelta(hours=SHELVES.get(str(length), 1))
    if length == "until a day" and last is not None:
        until = datetime.combine(last + timedelta(days=1), time(), access.factory.zone)
    if problems.attempt(lambda: actions.shelve(access, ids, until, reason or "")):
        st.session_state["al-said"] = "Shelved."
        st.rerun()
    st.rerun(scope="fragment")


@st.dialog("Resolve", icon=":material/task_alt:")
def _resolve(access: Access, ids: list[int]) -> None:
    with st.form("al-resolve-form", border=False):
        text = st.text_area("What was it, and what was done?", key="al-resolve-text", max_chars=2_000)
        sent = st.form_submit_button("Resolve", type="primary")
    if sent:
        _do(lambda: actions.resolve(access, ids, text or ""), "resolved")
