"""Log-in sessions: opened by a one-time ticket, carried by a cookie, looked up on every run, revocable."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from analytics.errors import NotFound, NotLoggedIn
from app.audit.journal import record
from app.auth.permissions import ROLES, Permission, effective, from_names
from app.auth.principal import FactoryProfile, Principal
from data.models import Account, CustomRole, Factory, LoginSession, Membership
from data.queries.plant import factory_row
from data.relational.scope import Database

COOKIE = "gemba_session"
TICKET_LIFE = timedelta(seconds=60)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def open_ticket(
    database: Database, account_id: int, factory_id: int, *, life: timedelta, client: str, now: datetime
) -> str:
    """Begin a session for somebody whose password was right; the ticket opens it once within a minute."""
    ticket = secrets.token_urlsafe(32)
    with database.write(factory_id) as session:
        account = session.get_one(Account, account_id)
        row = LoginSession(
            factory_id=factory_id,
            account_id=account_id,
            ticket_digest=_digest(ticket),
            created_at=now,
            expires_at=now + life,
            client=client[:200],
        )
        session.add(row)
        session.flush()
        record(session, at=now, actor=account.email, action="session.open", subject=("session", row.id))
    return ticket


def redeem(database: Database, ticket: str, now: datetime) -> tuple[str, datetime]:
    """Swap the ticket for the cookie's token; returns it with its end. Raises NotLoggedIn."""
    token = secrets.token_urlsafe(32)
    with database.write(None) as session:
        row = session.scalar(select(LoginSession).where(LoginSession.ticket_digest == _digest(ticket)))
        if row is None or row.revoked_at is not None or now - row.created_at > TICKET_LIFE:
            raise NotLoggedIn("This log-in link was used before or is too old. Log in again.")
        row.ticket_digest = None
        row.token_digest = _digest(token)
        return token, row.expires_at


def find(database: Database, token: str | None, now: datetime) -> Principal | None:
    """Who holds this token, or None when there is no such session, or it has ended."""
    if not token:
        return None
    return _who(database, LoginSession.token_digest == _digest(token), now)


def find_open(database: Database, session_id: int, now: datetime) -> Principal | None:
    """Who a session belongs to, or None when it has ended."""
    return _who(database, LoginSession.id == session_id, now)


def _who(database: Database, condition: ColumnElement[bool], now: datetime) -> Principal | None:
    with database.read(None) as session:
        found = session.execute(
            select(LoginSession, Account, Membership, Factory)
            .join(Account, Account.id == LoginSession.account_id)
            .join(Factory, Factory.id == LoginSession.factory_id)
            .join(
                Membership,
                (Membership.account_id == Account.id) & (Membership.factory_id == Factory.id),
            )
            .where(condition, LoginSession.revoked_at.is_(None), Membership.deactivated_at.is_(None))
        ).one_or_none()
    if found is None:
        return None
    row, account, membership, factory = found
    if row.expires_at <= now or not account.is_active:
        return None
    held = effective(bundle(database, factory.id, membership.role), membership.overrides)
    return Principal(
        account_id=account.id,
        email=account.email,
        name=account.name,
        role=membership.role,
        permissions=frozenset() if account.must_change_password else held,
        factory=profile(factory),
        session_id=row.id,
        must_change_password=account.must_change_password,
    )


def member(database: Database, account_id: int, factory_id: int) -> Principal | None:
    """An account as it may act in a factory now, or None when it may no longer."""
    with database.read(None) as session:
        found = session.execute(
            select(Account, Membership, Factory)
            .join(Membership, Membership.account_id == Account.id)
            .join(Factory, Factory.id == Membership.factory_id)
            .where(Account.id == account_id, Factory.id == factory_id, Membership.deactivated_at.is_(None))
        ).one_or_none()
    if found is None or not found[0].is_active:
        return None
    account, membership, factory = found
    held = effective(bundle(database, factory.id, membership.role), membership.overrides)
    return Principal(account.id, account.email, account.name, membership.role, held, profile(factory))


def bundle(database: Database, factory_id: int, role: str) -> frozenset[Permission]:
    """What a role allows: one of everybody's, or one that the factory made; nothing for an unknown one."""
    if role in ROLES:
        return ROLES[role]
    with database.read(factory_id) as session:
        names = session.scalar(select(CustomRole.permissions).where(CustomRole.key == role))
    return from_names(names or ())


def profile(factory: Factory) -> FactoryProfile:
    """The part of a factory's row that computations need."""
    return FactoryProfile(
        id=factory.id,
        slug=factory.slug,
        name=factory.name,
        timezone=factory.timezone,
        currency=factory.currency,
        day_start_min=factory.day_start_min,
        minor_stop_s=factory.minor_stop_s,
        oee_target=factory.oee_target,
    )


def revoke(database: Database, principal: Principal, now: datetime) -> None:
    """End the principal's session; its token is worth nothing from here on."""
    if principal.session_id is None:
        return
    with database.write(principal.factory.id) as session:
        row = session.get_one(LoginSession, principal.session_id)
        if row.revoked_at is None:
            row.revoked_at = now
            record(
                session, at=now, actor=principal.email, action="session.close", subject=("session", row.id)
            )


def factories(database: Database, account_id: int) -> list[tuple[int, str]]:
    """The factories that an account may enter: id and name, by name."""
    with database.read(None) as session:
        rows = session.execute(
            select(Factory.id, Factory.name)
            .join(Membership, Membership.factory_id == Factory.id)
            .where(Membership.account_id == account_id, Membership.deactivated_at.is_(None))
            .order_by(Factory.name)
        )
        return [(row[0], row[1]) for row in rows]


def switch(
    database: Database, principal: Principal, factory_id: int, *, life: timedelta, client: str, now: datetime
) -> str:
    """Leave this factory for another that the account may enter; returns the ticket of the new session.

    Raises NotFound for a factory that the account does not belong to.
    """
    if factory_id not in {known for known, _ in factories(database, principal.account_id)}:
        raise NotFound("There is no such factory.")
    ticket = open_ticket(database, principal.account_id, factory_id, life=life, client=client, now=now)
    revoke(database, principal, now)
    return ticket


def service(database: Database, slug: str, name: str) -> Principal | None:
    """A principal for work that no person asked for, with every permission in one factory."""
    with database.read(None) as session:
        factory = factory_row(session, slug)
    if factory is None:
        return None
    return Principal(0, name, name, "admin", ROLES["admin"], profile(factory))
