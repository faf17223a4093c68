"""Checks a name and a password, with a delay that grows per name and address and locks nobody out."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

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
    key = hashlib.sha256(name.encode()).hexdigest()
    _wait_or_raise(database, key, address, now)
    with database.read(None) as session:
        account = session.scalar(select(Account).where(Account.email == name, Account.is_active))
    right = verify(password, account.password_hash if account else None)
    if account is None or not right or not _second_factor(database, vault, account, code, now):
        _note_failure(database, key, address, now)
        return None
    with database.write(None) as session:
        session.execute(
            delete(LoginFailure).where(LoginFailure.name_digest == key, LoginFailure.address == address)
        )
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


def _wait_or_raise(database: Database, key: str, address: str, now: datetime) -> None:
    with database.read(None) as session:
        row = session.scalar(
            select(LoginFailure).where(LoginFailure.name_digest == key, LoginFailure.address == address)
        )
    if row is None or row.failures < FREE_TRIES:
        return
    delay = min(2 ** (row.failures - FREE_TRIES), LONGEST_DELAY_S)
    left = (row.last_at + timedelta(seconds=delay) - now).total_seconds()
    if left > 0:
        raise Throttled(f"Too many failed tries. Try again in {int(left) + 1} s.", int(left) + 1)


def _note_failure(database: Database, key: str, address: str, now: datetime) -> None:
    with database.write(None) as session:
        row = session.scalar(
            select(LoginFailure).where(LoginFailure.name_digest == key, LoginFailure.address == address)
        )
        if row is None:
            session.add(LoginFailure(name_digest=key, address=address, failures=1, last_at=now))
        else:
            row.failures += 1
            row.last_at = now


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
