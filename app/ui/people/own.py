"""One's own account: password, second factor, open log-ins."""

import pandas as pd
import streamlit as st

from app.auth.permissions import ROLE_LABELS
from app.bootstrap import Access
from app.people import own
from app.ui.dialogs import confirm_dialog
from app.ui.entry.gate import look_again
from app.ui.forms import Problems
from app.ui.header import page_header
from app.ui.people.clients import client_words
from app.ui.tables import data_table, fitting

DONE = "account-done"
ENROLMENT = "account-enrolment"


def own_account(who: Access) -> None:
    """The whole page."""
    principal = who.principal
    role = ROLE_LABELS.get(principal.role, principal.role)
    page_header(principal.name, f"{principal.email} · {role} · {who.factory.name}")
    done = st.session_state.pop(DONE, "")
    if done:
        st.toast(done, icon=":material/check_circle:")
    if principal.must_change_password:
        password(who)
        return
    left, right = st.columns(2)
    with left:
        password(who)
    with right:
        second_factor(who)
    log_ins(who)


def password(access: Access) -> None:
    """Set a new one; the present one is asked for."""
    problems = Problems("password")
    with st.container(border=True, key="own-password"):
        st.markdown("**Password**")
        if access.principal.must_change_password:
            st.warning("Set a password of your own first; then the other pages open.", icon=":material/key:")
        with st.form("password-form", border=False, clear_on_submit=False):
            old = st.text_input(
                "Present password", type="password", key="pw-old", autocomplete="current-password"
            )
            new = st.text_input(
                "New password", type="password", key="pw-new", autocomplete="new-password", max_chars=256,
                help="At least 12 characters. A few unrelated words are easy to remember and hard to guess.",
            )  # fmt: skip
            problems.here("new_password")
            problems.rest()
            sent = st.form_submit_button("Change password", type="primary")
    if sent:
        if problems.attempt(lambda: own.change_password(access, old or "", new or "")):
            st.session_state[DONE] = "Your password is changed; your other log-ins have ended."
            look_again()
            st.rerun()
        elif problems.found:
            st.rerun()


def second_factor(access: Access) -> None:
    """Begin it, prove the first code, or end it."""
    with st.container(border=True, key="own-factor"):
        st.markdown("**Second factor**")
        enrolment = st.session_state.get(ENROLMENT)
        if own.has_second_factor(access):
            st.caption("Every log-in asks for a code of your authenticator app.")
            _disable(access)
        elif enrolment is not None:
            _confirm(access, enrolment)
        else:
            st.caption("An authenticator app makes a code that a stolen password lacks.")
            _enrol(access)


def _enrol(access: Access) -> None:
    problems = Problems("enrol")
    with st.form("enrol-form", border=False):
        given = st.text_input(
            "Your password", type="password", key="en-password", autocomplete="current-password"
        )
        problems.rest()
        sent = st.form_submit_button("Set up")
    if sent:
        made: list[own.Enrolment] = []
        if problems.attempt(lambda: made.append(own.enrol_totp(access, given or ""))):
            st.session_state[ENROLMENT] = made[0]
            st.rerun()


def _confirm(access: Access, enrolment: own.Enrolment) -> None:
    problems = Problems("confirm")
    st.markdown("Add this secret to your app by hand, or open the link on the phone:")
    st.code(enrolment.secret, language=None)
    st.code(enrolment.address, language=None, wrap_lines=True)
    with st.form("confirm-form", border=False):
        code = st.text_input(
            "Code that the app shows", key="en-code", max_chars=10, autocomplete="one-time-code"
        )
        problems.here("code")
        problems.rest()
        sent = st.form_submit_button("Turn on", type="primary")
    if sent:
        if problems.attempt(lambda: own.confirm_totp(access, code or "")):
            st.session_state.pop(ENROLMENT, None)
            st.session_state[DONE] = "The second factor is on."
            st.rerun()
        elif problems.found:
            st.rerun()


def _disable(access: Access) -> None:
    problems = Problems("disable")
    with st.form("disable-form", border=False):
        given = st.text_input(
            "Your password", type="password", key="di-password", autocomplete="current-password"
        )
        code = st.text_input("Code of your app", key="di-code", max_chars=10, autocomplete="one-time-code")
        problems.here("code")
        problems.rest()
        sent = st.form_submit_button("Turn off")
    if sent:
        if problems.attempt(lambda: own.disable_totp(access, given or "", code or "")):
            st.session_state[DONE] = "The second factor is off."
            st.rerun()
        elif problems.found:
            st.rerun()


def log_ins(access: Access) -> None:
    """Where one is logged in, and a way to end each."""
    found = own.my_sessions(access)
    with st.container(border=True, key="own-sessions"):
        st.markdown("**Open log-ins**")
        zone = access.factory.zone
        row = data_table(
            pd.DataFrame(
                {
                    "Since": [one.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for one in found],
                    "Until": [one.expires_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for one in found],
                    "Through": ["pages" if one.kind == "page" else "API" for one in found],
                    "Factory": [one.factory for one in found],
                    "Browser or program": [client_words(one.client) for one in found],
                    "This one": [one.is_current for one in found],
                }
            ),
            key="own-sessions-table", label="Open log-ins", selectable=True, height=fitting(len(found)),
        )  # fmt: skip
        off = row is None or found[row].is_current
        if (
            st.button("End this log-in", icon=":material/logout:", key="own-end", disabled=off)
            and row is not None
        ):
            chosen = found[row]
            confirm_dialog(
                "End this log-in?",
                f"Whoever uses it ({chosen.client or 'unknown'}) must log in again.",
                lambda: own.revoke_session(access, chosen.id),
                confirm="End log-in",
                key="end-session",
            )
