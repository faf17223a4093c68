"""What people do before they are logged in, other than logging in: accept, reset, ask for access."""

from datetime import timedelta

import streamlit as st

from analytics.errors import CodeRequired, InvalidInput
from app.auth.sessions import open_ticket
from app.bootstrap import Gemba
from app.notify.mail import Mailer
from app.people.factories import all_factories
from app.people.invitations import accept
from app.people.registration import register
from app.people.resets import perform_reset, request_reset
from app.ui.entry.gate import enter
from app.ui.forms import Problems

DONE = "arrival-done"
WANTS_CODE = "arrival-wants-code"


def arrived(gemba: Gemba) -> bool:
    """Draw what a link of ours asks for; False when the address carries none."""
    if "invitation" in st.query_params:
        _accept(gemba, st.query_params["invitation"])
        return True
    if "reset" in st.query_params:
        _reset(gemba, st.query_params["reset"])
        return True
    return False


def note() -> None:
    """Say what was done just before."""
    done = st.session_state.pop(DONE, "")
    if done:
        st.success(done, icon=":material/check_circle:")


def _accept(gemba: Gemba, token: str) -> None:
    problems = Problems("accept")
    st.markdown("You were invited. Choose a password; if you have an account already, give its password.")
    with st.form("accept-form"):
        name = st.text_input("Your name", key="acc-name", max_chars=200)
        password = _new_password(problems, "acc-password")
        code = _code() if st.session_state.get(WANTS_CODE) else None
        problems.rest()
        sent = st.form_submit_button("Accept the invitation", type="primary")
    if not sent:
        return
    made: list[tuple[int, int]] = []
    address = st.context.ip_address or "local"

    def taken() -> None:
        try:
            made.append(accept(gemba, token, password, name or "", address=address, code=code))
        except CodeRequired as error:
            st.session_state[WANTS_CODE] = True
            raise InvalidInput.at("", str(error)) from error

    if problems.attempt(taken):
        account_id, factory_id = made[0]
        ticket = open_ticket(
            gemba.database, account_id, factory_id,
            life=timedelta(hours=gemba.settings.session_hours),
            client=st.context.headers.get("User-Agent", ""), now=gemba.clock(),
        )  # fmt: skip
        del st.query_params["invitation"]
        enter(ticket)
    elif problems.found:
        st.rerun()


def _code() -> str | None:
    given = st.text_input(
        "Code of your authenticator app", key="acc-code", max_chars=10, autocomplete="one-time-code"
    )
    return (given or "").replace(" ", "") or None


def _reset(gemba: Gemba, token: str) -> None:
    problems = Problems("reset")
    st.markdown("Choose a new password. Every open log-in of yours ends.")
    with st.form("reset-form"):
        password = _new_password(problems, "reset-password")
        problems.rest()
        sent = st.form_submit_button("Set the password", type="primary")
    if not sent:
        return
    if problems.attempt(lambda: perform_reset(gemba, token, password)):
        st.session_state[DONE] = "The new password is set. Log in with it."
        del st.query_params["reset"]
        st.rerun()
    elif problems.found:
        st.rerun()


def _new_password(problems: Problems, key: str) -> str:
    given = st.text_input(
        "Password", type="password", key=key, max_chars=256, autocomplete="new-password",
        help="At least 12 characters. A few unrelated words are easy to remember and hard to guess.",
    )  # fmt: skip
    problems.here("password")
    return given or ""


def other_ways(gemba: Gemba) -> None:
    """Forgot the password, ask for access: each only where it can work."""
    if Mailer.of(gemba.settings) is not None:
        with st.expander("Forgot your password?", icon=":material/lock_reset:"):
            _forgot(gemba)
    if gemba.settings.self_registration:
        with st.expander("No account yet?", icon=":material/how_to_reg:"):
            _register(gemba)


def _forgot(gemba: Gemba) -> None:
    with st.form("forgot-form", border=False, clear_on_submit=True):
        email = st.text_input("E-mail", key="forgot-email", max_chars=254)
        sent = st.form_submit_button("Send a link")
    if sent and email:
        request_reset(gemba, email)
        st.info("If this address has an account, a link is on its way. It works for an hour.")


def _register(gemba: Gemba) -> None:
    problems = Problems("register")
    factories = {slug: name for _, name, slug in all_factories(gemba)}
    with st.form("register-form", border=False):
        slug = st.selectbox("Factory", list(factories), format_func=factories.__getitem__, key="reg-factory")
        problems.here("factory")
        name = st.text_input("Your name", key="reg-name", max_chars=200)
        problems.here("name")
        email = st.text_input("E-mail", key="reg-email", max_chars=254)
        problems.here("email")
        password = _new_password(problems, "reg-password")
        problems.rest()
        sent = st.form_submit_button("Ask for access")
    if not sent:
        return
    if problems.attempt(lambda: register(gemba, str(slug), email or "", name or "", password)):
        st.session_state[DONE] = "An administrator decides about your request. You can log in after that."
    st.rerun()
