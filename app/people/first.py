"""The first start of an installation: one factory, one administrator, a password that is told once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from app.audit.journal import record
from app.auth.passwords import hash_password, new_password
from app.auth.permissions import SUPER_ADMIN
from data.models import Account, Factory, Membership
from data.relational.scope import Database

EMAIL: Final = "admin@gemba.local"
SLUG: Final = "plant"


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """The log-in to print once."""

    email: str
    password: str


def first_administrator(database: Database, now: datetime) -> FirstAccount | None:
    """Make a super administrator where there is no account yet; None where there is one.

    The account belongs to every factory that exists; without any, a factory named "Plant" in UTC is made.
    """
    with database.read(None) as session:
        if session.scalar(select(Account.id).limit(1)) is not None:
            return None
        factories = list(session.scalars(select(Factory.id)))
    password = new_password()
    made = hash_password(password)
    if not factories:
        with database.write(None) as session:
            row = Factory(slug=SLUG, name="Plant", timezone="UTC", created_at=now)
            session.add(row)
            session.flush()
            factories = [row.id]
    with database.write(factories[0]) as session:
        if session.scalar(select(Account.id).limit(1)) is not None:
            return None
        account = Account(
            email=EMAIL,
            name="Administrator",
            password_hash=made,
            must_change_password=True,
            created_at=now,
        )
        session.add(account)
        session.flush()
        for factory_id in factories:
            session.add(Membership(factory_id=factory_id, account_id=account.id, role=SUPER_ADMIN))
        record(
            session,
            at=now,
            actor="first start",
            action="account.first_administrator",
            subject=("account", account.id),
        )
    return FirstAccount(EMAIL, password)
