"""API keys of machines and services."""

from datetime import date, datetime, time, timedelta

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.people import keys as service
from app.people.keys import NEVER, Key
from app.production.plant import plant
from app.ui.cards import empty_state, error_card
from app.ui.dialogs import confirm_dialog
from app.ui.forms import Problems
from app.ui.people.links import show_once
from app.ui.people.words import meaning
from app.ui.tables import data_table, fitting

ONCE = "Send it in the header X-API-Key. It is not shown again."


def key_list(access: Access) -> None:
    """The keys, and what can be done with the chosen one."""
    found = service.list_keys(access)
    actions = st.container(horizontal=True, key="key-actions")
    row = None
    if found:
        row = data_table(
            _frame(access, found),
            key="api-keys",
            label="API keys",
            selectable=True,
            height=fitting(len(found)),
        )
    else:
        empty_state(
            "No key yet",
            "A machine or a service needs a key to send or read data.",
            icon="vpn_key",
            key="keys",
        )
    with actions:
        if st.button("Make a key", type="primary", icon=":material/add:", key="k-add"):
            Problems("key").clear()
            _make(access)
        _actions(access, found[row] if row is not None else None)


def _frame(access: Access, found: list[Key]) -> pd.DataFrame:
    def shown(moment: datetime | None, nothing: str) -> str:
        return moment.astimezone(access.factory.zone).strftime("%Y-%m-%d %H:%M") if moment else nothing

    return pd.DataFrame(
        {
            "Name": [key.name for key in found],
            "Machine": [key.machine or "any" for key in found],
            "May": [", ".join(key.permissions) for key in found],
            "State": [_state(access, key) for key in found],
            "Last used": [shown(key.last_used_at, "never") for key in found],
            "Ends": [shown(key.expires_at, "never") for key in found],
            "Made by": [key.created_by for key in found],
        }
    )


def _state(access: Access, key: Key) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "ended" if key.expires_at is not None and key.expires_at <= access.now else "in use"


def _actions(access: Access, chosen: Key | None) -> None:
    off = chosen is None or chosen.revoked_at is not None
    hint = "Choose a key in the table first." if chosen is None else None
    if (
        st.button("New secret", icon=":material/autorenew:", key="k-rotate", disabled=off, help=hint)
        and chosen
    ):
        try:
            _, secret = service.rotate_key(access, chosen.id)
        except GembaError as error:
            error_card(error)
            return
        show_once(f"New secret of {chosen.name}", f"The old one is worth nothing now. {ONCE}", secret)
        st.rerun()
    if st.button("Revoke", icon=":material/block:", key="k-revoke", disabled=off, help=hint) and chosen:
        confirm_dialog(
            f"Revoke the key {chosen.name}?",
            "Whoever uses it is refused from now on.",
            lambda: service.revoke_key(access, chosen.id),
            confirm="Revoke key",
            key="revoke-key",
        )


@st.dialog("API key", width="medium", icon=":material/vpn_key:")
def _make(access: Access) -> None:
    problems = Problems("key")
    machines = {machine.device_key: machine.name for machine in plant(access).active}
    with st.form("key-form", border=False):
        name = st.text_input("Name", key="k-name", max_chars=120, placeholder="Gateway hall 2")
        problems.here("name")
        machine = st.selectbox(
            "Only for this machine", list(machines), index=None, key="k-machine", placeholder="any machine",
            format_func=machines.__getitem__,
        )  # fmt: skip
        may = [p.value for p in Permission if p in access.principal.permissions and p not in NEVER]
        first = [Permission.SEND_DATA.value] if Permission.SEND_DATA.value in may else []
        wanted = st.multiselect("May", may, first, format_func=meaning, key="k-may")
        problems.here("permissions")
        last = st.date_input(
            "Good until", value=None, key="k-ends", min_value=access.now.date(), max_value=date(2100, 1, 1)
        )
        problems.here("expires_at")
        problems.rest()
        saved = st.form_submit_button("Make the key", type="primary")
    if not saved:
        return
    ends = datetime.combine(last + timedelta(days=1), time(), access.factory.zone) if last else None
    made: list[tuple[Key, str]] = []
    if problems.attempt(
        lambda: made.append(service.make_key(access, name or "", wanted, machine=machine, expires_at=ends))
    ):
        show_once(f"Secret of {made[0][0].name}", ONCE, made[0][1])
        st.rerun()
    st.rerun(scope="fragment")
