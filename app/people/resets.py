"""A forgotten password: a link by mail, good once and for an hour."""

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select, update

from analytics.errors import Forbidden, NotLoggedIn, StoreUnavailable
from app.audit.journal import record
from app.auth.accounts import normal
from app.auth.given import digest, new_secret
from app.auth.password_rules import refuse_weak
from app.auth.passwords import hash_password
from app.bootstrap import Access, Gemba
from app.notify.mail import Mailer
from app.people.users import end_sessions, refuse_role, role_bundles, user
from data.models import Account, Membership, PasswordReset

log = structlog.get_logger()

LIFE: Final = timedelta(hours=1)
AT_MOST_EVERY: Final = timedelta(minutes=2)
NOT_GOOD: Final = "This link is not known, was used, or its hour is over. Ask for a new one."


def request_reset(gemba: Gemba, email: str) -> None:
    """Send a link to the address if it has an account; the caller learns nothing about that.

    At most one mail every two minutes. Call it after the answer was sent, since a mail takes its time.
    """
    now, mailer = gemba.clock(), Mailer.of(gemba.settings)
    with gemba.database.read(None) as session:
        account = session.scalar(select(Account).where(Account.email == normal(email), Account.is_active))
        latest = (
            session.scalar(
                select(PasswordReset.created_at)
                .where(PasswordReset.account_id == account.id)
                .order_by(PasswordReset.id.desc())
                .limit(1)
            )
            if account is not None
            else None
        )
    if account is None or mailer is None or (latest is not None and now - latest < AT_MOST_EVERY):
        return
    link = _link(gemba, account.id)
    try:
        mailer.send(account.email, "Set a new password", f"Set a new password within an hour:\n\n{link}\n")
    except StoreUnavailable as error:
        log.warning("reset mail not sent", error=str(error))


def make_reset_link(access: Access, user_id: int) -> str:
    """A link for somebody of the factory who gets no mail; the administrator hands it over. Shown once.

    Raises Forbidden for people who may do more than the administrator, or who belong to other factories
    too: their password opens those as well.
    """
    chosen = user(access, user_id)
    with access.write() as session:
        refuse_role(access, role_bundles(session), chosen.role)
        elsewhere = session.scalar(
            select(Membership.id).where(
                Membership.account_id == user_id, Membership.factory_id != access.factory.id
            )
        )
        if elsewhere is not None or chosen.permissions - access.principal.permissions:
            raise Forbidden("Only this person can reset this password, by mail.")
        access.audit(session, "user.make_reset_link", ("user", user_id))
    return _link(access.gemba, user_id)


def _link(gemba: Gemba, account_id: int) -> str:
    now, secret = gemba.clock(), new_secret()
    with gemba.database.write(None) as session:
        session.add(
            PasswordReset(account_id=account_id, digest=digest(secret), created_at=now, expires_at=now + LIFE)
        )
    settings = gemba.settings
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    return f"{base}/?reset={secret}"


def perform_reset(gemba: Gemba, token: str, password: str) -> None:
    """Set the password that a reset link allows; all sessions of the account end.

    Raises NotLoggedIn for a link that is not good, InvalidInput for a weak password (the link stays good).
    """
    now = gemba.clock()
    with gemba.database.read(None) as session:
        found = session.execute(
            select(PasswordReset, Account)
            .join(Account, Account.id == PasswordReset.account_id)
            .where(
                PasswordReset.digest == digest(token),
                PasswordReset.used_at.is_(None),
                PasswordReset.expires_at > now,
                Account.is_active,
            )
        ).one_or_none()
        if found is None:
            raise NotLoggedIn(NOT_GOOD)
        reset, account = found
        factory_id = session.scalar(
            select(Membership.factory_id).where(Membership.account_id == account.id).order_by(Membership.id)
        )
    refuse_weak(password, email=account.email, name=account.name)
    made = hash_password(password)
    with gemba.database.write(factory_id) as session:
        used = session.execute(
            update(PasswordReset)
            .where(PasswordReset.account_id == account.id, PasswordReset.used_at.is_(None))
            .values(used_at=now),
            execution_options={"synchronize_session": False},
        )
        if not getattr(used, "rowcount", 0):
            raise NotLoggedIn(NOT_GOOD)
        row = session.get_one(Account, reset.account_id)
        row.password_hash, row.must_change_password = made, False
        end_sessions(session, row.id, now)
        if factory_id is not None:
            record(
                session,
                at=now,
                actor=row.email,
                action="account.reset_password",
                subject=("account", row.id),
            )
