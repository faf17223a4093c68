"""The list of channels, one's own or the factory's, and the form of one."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.bootstrap import Access
from app.notify import channels as service
from app.notify.channels import Channel, Draft
from app.ui.cards import empty_state, error_card
from app.ui.dialogs import confirm_dialog
from app.ui.forms import Problems
from app.ui.notifications.words import ADDRESSES, KINDS, SEVERITIES
from app.ui.tables import data_table, fitting

DONE = "channel-done"
SENT = "The test goes out; the delivery log has its outcome."
OWN = "Nothing reaches you yet. Add your mail address, your phone or a chat."
FACTORY = "Messages to a chat of the whole shift, or to another system, go through a channel of the factory."


def channel_list(access: Access, found: list[Channel], *, of_factory: bool) -> None:
    """The channels, and what can be done with the chosen one."""
    done = st.session_state.pop(DONE, "")
    if done:
        st.toast(done, icon=":material/check_circle:")
    actions = st.container(horizontal=True)
    row = None
    if found:
        row = data_table(
            _frame(found), key=f"channels-{of_factory}", label="Channels", selectable=True,
            height=fitting(len(found)),
        )  # fmt: skip
    else:
        empty_state("No channel yet", FACTORY if of_factory else OWN, icon="campaign", key="channels")
    chosen = found[row] if row is not None else (found[0] if len(found) == 1 else None)
    with actions:
        if st.button("Add a channel", type="primary", icon=":material/add:", key="n-add"):
            Problems("channel").clear()
            _form(access, None, of_factory=of_factory)
        _actions(access, chosen)


def _frame(found: list[Channel]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Name": [one.name for one in found],
            "Kind": [KINDS[one.kind] for one in found],
            "Where to": [one.address for one in found],
            "Alerts": [SEVERITIES[one.least_severity] for one in found],
            "State": ["on" if one.is_on else "off" for one in found],
        }
    )


def _actions(access: Access, chosen: Channel | None) -> None:
    off, hint = chosen is None, "Choose a channel in the table first." if chosen is None else None
    is_silent = chosen is None or not chosen.is_on
    if (
        st.button("Send a test", icon=":material/send:", key="n-test", disabled=is_silent, help=hint)
        and chosen
    ):
        _done(lambda: service.send_test(access, chosen.id), SENT)
    if st.button("Edit", icon=":material/edit:", key="n-edit", disabled=off, help=hint) and chosen:
        Problems("channel").clear()
        _form(access, chosen, of_factory=chosen.is_of_factory)
    if st.button("Remove", icon=":material/delete:", key="n-remove", disabled=off, help=hint) and chosen:
        confirm_dialog(
            f"Remove the channel {chosen.name}?",
            "Messages that wait for it are given up.",
            lambda: service.remove_channel(access, chosen.id),
            confirm="Remove channel",
            key="remove-channel",
        )


def _done(action: Callable[[], object], message: str) -> None:
    try:
        action()
    except GembaError as error:
        error_card(error)
        return
    st.session_state[DONE] = message
    st.rerun()


@st.dialog("Channel", width="medium", icon=":material/campaign:")
def _form(access: Access, chosen: Channel | None, *, of_factory: bool) -> None:
    problems = Problems("channel")
    kinds = list(KINDS)
    kind = st.selectbox(
        "Kind", kinds, kinds.index(chosen.kind) if chosen else 0, format_func=KINDS.__getitem__, key="n-kind"
    )
    label, example, text = ADDRESSES[kind]
    kept = f"{chosen.address}: kept, type to replace" if chosen and chosen.kind == kind else ""
    with st.form("channel-form", border=False):
        name = st.text_input("Name", chosen.name if chosen else KINDS[kind], key="n-name", max_chars=120)
        problems.here("name")
        address = st.text_input(
            label, _first(access, chosen, kind, of_factory=of_factory), key=f"n-address-{kind}", help=text,
            placeholder=kept or example, max_chars=2_000,
        )  # fmt: skip
        problems.here("address")
        least = st.selectbox(
            "Alerts", list(SEVERITIES), list(SEVERITIES).index(chosen.least_severity if chosen else "high"),
            format_func=SEVERITIES.__getitem__, key="n-least",
        )  # fmt: skip
        is_on = st.toggle("On", chosen.is_on if chosen else True, key="n-on")
        problems.rest()
        saved = st.form_submit_button("Save", type="primary")
    if not saved:
        return
    draft = Draft(kind, name or "", (address or "").strip() or None, least, is_on)
    if problems.attempt(lambda: _kept(access, chosen, draft, of_factory=of_factory)):
        st.session_state[DONE] = f"{draft.name} is kept."
        st.rerun()
    st.rerun(scope="fragment")


def _first(access: Access, chosen: Channel | None, kind: str, *, of_factory: bool) -> str:
    """What the address field begins with: one's own mail address for a new channel of one's own."""
    return access.principal.email if chosen is None and kind == "email" and not of_factory else ""


def _kept(access: Access, chosen: Channel | None, draft: Draft, *, of_factory: bool) -> None:
    if chosen is None:
        service.add_channel(access, draft, of_factory=of_factory)
    else:
        service.edit_channel(access, chosen.id, chosen.version, draft)
