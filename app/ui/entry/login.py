"""The log-in form: streamlit-authenticator draws it, our accounts answer it.

Its cookie, forgot-password and lock-out stay off: a session of ours is opened instead.
"""

from datetime import timedelta
from typing import Any

import streamlit as st
from streamlit_authenticator import Authenticate
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel

from analytics.errors import CodeRequired, GembaError, Throttled
from app.auth.accounts import Person, check
from app.auth.sessions import open_ticket
from app.bootstrap import Gemba
from app.demo_accounts import demo_accounts
from app.ui.entry.arrival import arrived, note, other_ways
from app.ui.entry.gate import enter

FIELDS = {"Form name": "Log in", "Username": "E-mail", "Password": "Password", "Login": "Log in"}
CODE = "login-code"
WANTS_CODE = "login-wants-code"
_WIDGETS = ("authentication_status", "username", "name", "email", "roles", "logout")


class _NoCookie:
    """Stands where the authenticator keeps its own cookie, which scripts could read."""

    def get_cookie(self) -> None:
        """There is none."""

    def set_cookie(self) -> None:
        """There will be none."""


class _Accounts(AuthenticationModel):  # type: ignore[misc]
    """Asks our accounts instead of a list of digests."""

    def __init__(self, gemba: Gemba) -> None:
        super().__init__({"usernames": {}}, auto_hash=False)
        self._gemba = gemba
        self.person: Person | None = None

    def check_credentials(self, username: str, password: str) -> bool:
        """Whether the pair is right; on success the form learns the account's name."""
        address = st.context.ip_address or "local"
        code = str(st.session_state.get(CODE) or "").replace(" ", "") or None
        now = self._gemba.clock()
        self.person = check(self._gemba.database, self._gemba.vault, username, password, address, now, code)
        if self.person is None:
            return False
        self.credentials["usernames"][username] = {"email": self.person.email, "name": self.person.name}
        return True


class _LoginForm(Authenticate):  # type: ignore[misc]
    """The authenticator's form over our accounts, without its cookie."""

    def __init__(self, gemba: Gemba) -> None:
        self.path = None
        self.attrs: dict[str, Any] = {"login_sleep_time": 0}
        self.accounts = _Accounts(gemba)
        self.cookie_controller = _NoCookie()
        self.authentication_controller = AuthenticationController.__new__(AuthenticationController)
        self.authentication_controller.authentication_model = self.accounts


def login_page(gemba: Gemba) -> None:
    """Draw the log-in; on success open a session and come back."""
    for name in _WIDGETS:
        st.session_state.pop(name, None)
    _, middle, _ = st.columns([1, 1.2, 1])
    with middle, st.container(key="login"):
        st.markdown("# :material/factory: Gemba")
        st.caption("What the plant did, why, and what comes next.")
        if arrived(gemba):
            return
        note()
        if st.session_state.get(WANTS_CODE):
            st.text_input(
                "Code of your authenticator app", key=CODE, max_chars=10, autocomplete="one-time-code"
            )
        form = _LoginForm(gemba)
        try:
            form.login(fields=FIELDS, key="login-form")
        except CodeRequired:
            if not st.session_state.get(WANTS_CODE):
                st.session_state[WANTS_CODE] = True
                st.rerun()
            st.info("Give the code of your authenticator app above, then log in.", icon=":material/key:")
        except Throttled as error:
            st.error(str(error), icon=":material/hourglass_top:")
        except GembaError as error:
            st.error(str(error), icon=":material/cloud_off:")
        status = st.session_state.get("authentication_status")
        if status is False:
            wrong = "E-mail, password or code" if st.session_state.get(WANTS_CODE) else "E-mail or password"
            st.error(f"{wrong} is wrong.", icon=":material/error:")
        if status and form.accounts.person is not None:
            _open(gemba, form.accounts.person)
        other_ways(gemba)
        if gemba.settings.demo:
            _demo_hint(gemba)


def _open(gemba: Gemba, person: Person) -> None:
    if not person.memberships:
        st.warning("This account belongs to no factory yet. Ask an administrator for access.")
        return
    ticket = open_ticket(
        gemba.database,
        person.account_id,
        person.memberships[0][0],
        life=timedelta(hours=gemba.settings.session_hours),
        client=st.context.headers.get("User-Agent", ""),
        now=gemba.clock(),
    )
    enter(ticket)


def _demo_hint(gemba: Gemba) -> None:
    accounts = demo_accounts(gemba.settings.home)
    if not accounts:
        return
    with st.expander("Demo log-ins", icon=":material/key:", expanded=True):
        st.caption("This is the demo plant: these accounts exist on this machine only.")
        for account in accounts:
            st.code(f"{account['email']}  {account['password']}", language=None)
