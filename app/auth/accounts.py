"""Checks a name and a password, with a delay that grows per name and address and locks nobody out."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from analytics.errors import CodeRequired, Conflict, FieldProblem, InvalidInput, Throttled
from app.auth import totp
from app.auth.passwords import hash_password, verify
from app.auth.permissions import ROLES
from app.auth.vault import Vault
from data.models import Account, Factory, LoginFailure, Membership
from data.relational.scope import Database

FREE_TRIES = 4
LONGEST_DELAY_S = 60


@dataclass(frozen=True, slots=True)
class Person:
    """An account whose password was right, and the factories that it may enter."""

    account_id: int
    email: str
    name: str
    memberships: tuple[tuple[int, str], ...]


def normal(email: str) -> str:
    """The spelling under which an address is stored."""
    return email.strip().lower()


def check(
    database: Database,
    vault: Vault,
    email: str,
    password: str,
    address: str,
    now: datetime,
    code: str | None = None,
) -> Person | None:
    """The person, or None when name, password or code are wrong; unknown names take the same time.

    Raises Throttled while the delay after failed tries of this name from this address runs, and
    CodeRequired when the password is right, the account has a second factor and no code was given.
    """
    name = normal(email)
    count_try(database, name, address, now)
    with database.read(None) as session:
        account = session.scalar(select(Account).where(Account.email == name, Account.is_active))
    right = verify(password, account.password_hash if account else None)
    if account is None or not right:
        return None
    try:
        if not _second_factor(database, vault, account, code, now):
            return None
    except CodeRequired:
        take_back_try(database, name, address)
        raise
    with database.write(None) as session:
        _forget_tries(session, name, address)
        session.get_one(Account, account.id).last_login_at = now
        roles = session.execute(
            select(Membership.factory_id, Membership.role)
            .where(Membership.account_id == account.id, Membership.deactivated_at.is_(None))
            .order_by(Membership.id)
        ).all()
    return Person(account.id, account.email, account.name, tuple((row[0], row[1]) for row in roles))


def _second_factor(
    database: Database, vault: Vault, account: Account, code: str | None, now: datetime
) -> bool:
    """Whether the account has no second factor, or this is its code; a code counts once."""
    if account.totp_confirmed_at is None or account.totp_sealed is None:
        return True
    if not code:
        raise CodeRequired("This account asks for the code of its authenticator app as well.")
    secret = totp.opened(vault, account)
    step = totp.matching_step(secret, code, now, after=account.totp_last_step)
    if step is None:
        return False
    with database.write(None) as session:
        session.get_one(Account, account.id).totp_sealed = totp.sealed(vault, account.id, secret)
        return totp.use(session, account.id, step)


def count_try(database: Database, email: str, address: str, now: datetime) -> None:
    """Count a try of this name from this address as failed, before anything is compared.

    Tries that come side by side queue here, so that each sees the ones before it. What turns out to be right
    is forgotten (`forget_tries`) or taken back. Raises Throttled while the delay after failed tries runs.
    """
    with database.write(None) as session:
        row = session.scalar(_tries(email, address).with_for_update())
        if row is None:
            session.add(LoginFailure(name_digest=_digest(email), address=address, failures=1, last_at=now))
            return
        if row.failures >= FREE_TRIES:
            delay = min(2 ** (row.failures - FREE_TRIES), LONGEST_DELAY_S)
            left = (row.last_at + timedelta(seconds=delay) - now).total_seconds()
            if left > 0:
                raise Throttled(f"Too many failed tries. Try again in {int(left) + 1} s.", int(left) + 1)
        row.failures += 1
        row.last_at = now


def take_back_try(database: Database, email: str, address: str) -> None:
    """The try that was counted last was not wrong, but did not succeed either."""
    with database.write(None) as session:
        row = session.scalar(_tries(email, address).with_for_update())
        if row is not None and row.failures > 0:
            row.failures -= 1


def forget_tries(database: Database, email: str, address: str) -> None:
    """A try was right: the next one has no delay."""
    with database.write(None) as session:
        _forget_tries(session, email, address)


def _forget_tries(session: Session, email: str, address: str) -> None:
    session.execute(
        delete(LoginFailure).where(
            LoginFailure.name_digest == _digest(email), LoginFailure.address == address
        )
    )


def _tries(email: str, address: str) -> Select[LoginFailure]:
    return select(LoginFailure).where(
        LoginFailure.name_digest == _digest(email), LoginFailure.address == address
    )


def _digest(email: str) -> str:
    return hashlib.sha256(normal(email).encode()).hexdigest()


def create(
    database: Database, *, email: str, name: str, password: str, factory_slug: str, role: str, now: datetime
) -> int:
    """Make an account with a role in a factory; returns its id."""
    problems = []
    if "@" not in email:
        problems.append(FieldProblem("email", "This is not an e-mail address."))
    if role not in ROLES:
        problems.append(FieldProblem("role", f"Unknown role: choose from {', '.join(ROLES)}."))
    if problems:
        raise InvalidInput(*problems)
    with database.write(None) as session:
        if session.scalar(select(Account.id).where(Account.email == normal(email))) is not None:
            raise Conflict(f"An account for {normal(email)} exists already.")
        factory_id = session.scalars(select(Factory.id).where(Factory.slug == factory_slug)).one()
        account = Account(
            email=normal(email), name=name, password_hash=hash_password(password), created_at=now
        )
        session.add(account)
        session.flush()
        session.add(Membership(factory_id=factory_id, account_id=account.id, role=role))
        return account.id
