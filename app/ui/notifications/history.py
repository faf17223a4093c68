"""The delivery log: its filters live in the address; one message in full, sent again or given up."""

from datetime import datetime

import pandas as pd
import streamlit as st

from analytics.errors import GembaError, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.notify import history as service
from app.notify.history import Message, Search
from app.notify.outbox import SEVERITIES
from app.ui.cards import empty_state, error_card
from app.ui.formats import count
from app.ui.notifications.words import KINDS, OUTCOMES, STATES
from app.ui.tables import data_table, fitting

PAGE = 50
SHOWN = "notifications-page"


def delivery_log(access: Access) -> None:
    """The messages that fit the filters, the newest first, and the chosen one."""
    search = _asked()
    page = int(st.session_state.get(SHOWN, 0))
    found, total = service.messages(access, search, limit=PAGE, offset=page * PAGE)
    if not access.principal.may(Permission.MANAGE_NOTIFICATIONS):
        st.caption("Your own messages.")
    if not found:
        empty_state("No message", "No message fits, or none was sent yet.", icon="outbox", key="messages")
        return
    row = data_table(
        _frame(access, found), key="messages", label="Messages", selectable=True, height=fitting(len(found)),
        download_name="notifications",
    )  # fmt: skip
    _pages(page, total)
    chosen = found[row] if row is not None else (found[0] if len(found) == 1 else None)
    if chosen is None:
        st.caption(f"{count(total)} found. Choose one to see its text and its attempts.")
    else:
        _message(access, chosen)


def _asked() -> Search:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Rule", key="n_q", bind="query-params", width=220, icon=":material/search:",
            placeholder="Any rule", on_change=_first_page,
        )  # fmt: skip
        state = _choice("State", "n_state", list(STATES))
        kind = _choice("Channel", "n_kind", list(KINDS))
        severity = _choice("Severity", "n_severity", list(SEVERITIES))
    return Search(state, kind, severity, words or "")


def _choice(label: str, key: str, options: list[str]) -> str:
    chosen = st.selectbox(
        label, options, index=None, key=key, bind="query-params", width=170,
        placeholder=f"Any {label.lower()}", on_change=_first_page,
    )  # fmt: skip
    return chosen or ""


def _first_page() -> None:
    st.session_state[SHOWN] = 0


def _pages(page: int, total: int) -> None:
    if total <= PAGE:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Newer", key="n-newer", disabled=page == 0, on_click=_step, args=(-1,))
        st.caption(f"Page {page + 1} of {(total + PAGE - 1) // PAGE}", width="content")
        st.button("Older", key="n-older", disabled=(page + 1) * PAGE >= total, on_click=_step, args=(1,))


def _step(by: int) -> None:
    st.session_state[SHOWN] = max(int(st.session_state.get(SHOWN, 0)) + by, 0)


def _frame(access: Access, found: list[Message]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Made": [_when(access, one.created_at) for one in found],
            "Severity": [one.severity for one in found],
            "First rule": [one.subject for one in found],
            "Channel": [f"{one.channel} ({KINDS[one.channel_kind]})" for one in found],
            "State": [STATES[one.state] for one in found],
            "Attempts": [one.attempts for one in found],
            "Next": [_when(access, one.next_at) for one in found],
            "Problem": [one.problem for one in found],
        }
    )


def _when(access: Access, moment: datetime | None) -> str:
    return moment.astimezone(access.factory.zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _message(access: Access, chosen: Message) -> None:
    with st.container(border=True, key="message"):
        with st.container(horizontal=True):
            is_over = chosen.state in {"sent", "sending"}
            if st.button("Send again", icon=":material/refresh:", key="n-again", disabled=is_over):
                _done(access, chosen, is_again=True)
            is_waiting = chosen.state in {"waiting", "held"}
            if st.button("Give up", icon=":material/block:", key="n-give-up", disabled=not is_waiting):
                _done(access, chosen, is_again=False)
        try:
            words = service.words_of(access, chosen.id)
            st.markdown("**Text**")
            st.code(f"{words.subject}\n\n{words.text}", language=None, wrap_lines=True)
        except NotFound as error:
            st.caption(str(error))
        _attempts(access, chosen)


def _attempts(access: Access, chosen: Message) -> None:
    tried = service.attempts(access, chosen.id)
    if not tried:
        st.caption("Not tried yet.")
        return
    frame = pd.DataFrame(
        {
            "No.": [one.number for one in tried],
            "Time": [_when(access, one.at) for one in tried],
            "Outcome": [OUTCOMES.get(one.outcome, one.outcome) for one in tried],
            "Answer": [one.detail for one in tried],
            "Took (ms)": [one.took_ms for one in tried],
        }
    )
    data_table(frame, key="attempts", label="Attempts", height=fitting(len(tried)))


def _done(access: Access, chosen: Message, *, is_again: bool) -> None:
    try:
        (service.send_again if is_again else service.give_up)(access, chosen.id)
    except GembaError as error:
        error_card(error)
        return
    st.rerun()
