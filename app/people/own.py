"""One's own account: sessions, password, second factor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.auth import totp
from app.auth.accounts import count_try, forget_tries
from app.auth.password_rules import refuse_weak
from app.auth.passwords import hash_password, verify
from app.bootstrap import Access
from app.people.users import end_sessions
from data.models import Account, Factory, LoginSession

HERE: Final = "own account"
"""Stands for the address where failed tries of somebody who is logged in are counted."""


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One open log-in of one's own, in whichever factory."""

    id: int
    kind: str
    factory: str
    client: str
    created_at: datetime
    expires_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs; shown once, good after the first code."""

    secret: str
    address: str


def my_sessions(access: Access) -> list[OwnSession]:
    """One's own open sessions, the newest first."""
    _person(access)
    with access.gemba.database.read(None) as session:
        rows = session.execute(
            select(LoginSession, Factory.name)
            .join(Factory, Factory.id == LoginSession.factory_id)
            .where(
                LoginSession.account_id == access.principal.account_id,
                LoginSession.revoked_at.is_(None),
                LoginSession.expires_at > access.now,
            )
            .order_by(LoginSession.id.desc())
        )
        return [
            OwnSession(
                row.id,
                row.kind,
                factory,
                row.client,
                row.created_at,
                row.expires_at,
                row.id == access.principal.session_id,
            )
            for row, factory in rows
        ]


def revoke_session(access: Access, session_id: int) -> None:
    """End one of one's own sessions; NotFound for anybody else's."""
    _person(access)
    with access.write() as session:
        row = session.get(LoginSession, session_id)
        if row is None or row.account_id != access.principal.account_id or row.revoked_at is not None:
            raise NotFound("You have no such open session.")
        row.revoked_at = access.now
        access.audit(session, "session.revoke", ("session", row.id))


def change_password(access: Access, old: str, new: str) -> None:
    """Set a new password; every other session of the account ends. Raises Forbidden for a wrong old one."""
    account = _account(access)
    _compare(access, account, old, "The present password is wrong.")
    refuse_weak(new, email=account.email, name=account.name, field="new_password")
    if old == new:
        raise InvalidInput.at("new_password", "Choose another password than the present one.")
    made = hash_password(new)
    with access.write() as session:
        row = session.get_one(Account, account.id)
        row.password_hash, row.must_change_password = made, False
        end_sessions(session, row.id, access.now, but=access.principal.session_id)
        access.audit(session, "account.change_password", ("account", row.id))


def has_second_factor(access: Access) -> bool:
    """Whether log-ins of this account ask for a code."""
    return _account(access).totp_confirmed_at is not None


def enrol_totp(access: Access, password: str) -> Enrolment:
    """Begin a second factor; it counts from `confirm_totp` on. Conflict where there is one already."""
    account = _account(access)
    _compare(access, account, password, "The password is wrong.")
    secret = totp.new_secret()
    with access.write() as session:
        row = session.get_one(Account, account.id)
        if row.totp_confirmed_at is not None:
            raise Conflict("There is a second factor already; disable it first.")
        row.totp_sealed = totp.sealed(access.gemba.vault, row.id, secret)
        access.audit(session, "account.enrol_totp", ("account", row.id))
    return Enrolment(secret, totp.address(secret, account.email))


def confirm_totp(access: Access, code: str) -> None:
    """Prove that the app shows right codes; every log-in asks for one from here on."""
    _person(access)
    with access.write() as session:
        row = session.get_one(Account, access.principal.account_id)
        if row.totp_sealed is None or row.totp_confirmed_at is not None:
            raise Conflict("There is no second factor that waits for its first code.")
        _use_code(access, session, row, code)
        row.totp_confirmed_at = access.now
        access.audit(session, "account.confirm_totp", ("account", row.id))


def disable_totp(access: Access, password: str, code: str) -> None:
    """Ask for no code any more; needs the password and a good code."""
    account = _account(access)
    count_try(access.gemba.database, account.email, HERE, access.now)
    if not verify(password, account.password_hash):
        raise Forbidden("The password is wrong.")
    with access.write() as session:
        row = session.get_one(Account, account.id)
        if row.totp_confirmed_at is None:
            raise Conflict("There is no second factor.")
        _use_code(access, session, row, code)
        row.totp_sealed = row.totp_confirmed_at = row.totp_last_step = None
        access.audit(session, "account.disable_totp", ("account", row.id))
    forget_tries(access.gemba.database, account.email, HERE)


def _compare(access: Access, account: Account, password: str, message: str) -> None:
    """Is this the account's password? Wrong tries delay the next one, as at the log-in."""
    count_try(access.gemba.database, account.email, HERE, access.now)
    if not verify(password, account.password_hash):
        raise Forbidden(message)
    forget_tries(access.gemba.database, account.email, HERE)


def _use_code(access: Access, session: Session, row: Account, code: str) -> None:
    secret = totp.opened(access.gemba.vault, row)
    step = totp.matching_step(secret, code, access.now, after=row.totp_last_step)
    if step is None or not totp.use(session, row.id, step):
        raise InvalidInput.at("code", "This code is wrong or was used; wait for the next one.")
    session.refresh(row)


def _person(access: Access) -> None:
    if not access.principal.account_id:
        raise Forbidden("An API key has no account of its own.")


def _account(access: Access) -> Account:
    _person(access)
    with access.read() as session:
        return session.get_one(Account, access.principal.account_id)
