"""Invitations into a factory: made, sent, withdrawn, accepted once before they end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from analytics.errors import Conflict, GembaError, InvalidInput, NotFound, NotLoggedIn
from app.audit.journal import record
from app.auth.accounts import check, normal
from app.auth.given import digest, factory_of, for_factory
from app.auth.password_rules import refuse_weak
from app.auth.passwords import hash_password
from app.auth.permissions import Permission
from app.bootstrap import Access, Gemba
from app.notify.mail import Mailer
from app.people.users import refuse_overrides, refuse_role, role_bundles
from data.models import Account, Invitation, Membership

KIND: Final = "inv"
DEFAULT_ROLE: Final = "engineer"
"""The role of somebody invited without one: an engineer, with the invitation's permissions over it."""
NOT_GOOD: Final = "This invitation is not known, was used or withdrawn, or is too old. Ask for a new one."


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as its makers see it; `link` is there once, and only where no mail could carry it."""

    id: int
    email: str
    role: str
    overrides: Mapping[str, bool]
    invited_by: str
    created_at: datetime
    expires_at: datetime
    link: str | None = None


def invite(
    access: Access,
    email: str,
    *,
    role: str = DEFAULT_ROLE,
    overrides: Mapping[str, bool] | None = None,
    whatsapp_number: str | None = None,
) -> Invited:
    """Invite an address; an older open invitation of it is withdrawn. Sends the mail where SMTP is set up.

    Raises Conflict for somebody who belongs to the factory already, StoreUnavailable when the mail server
    refuses: the invitation is not made then.
    """
    access.require(Permission.MANAGE_USERS)
    if not looks_like_mail(email):
        raise InvalidInput.at("email", "This is not an e-mail address.")
    refuse_overrides(access, overrides or {})
    token = for_factory(KIND, access.factory.id)
    with access.write() as session:
        refuse_role(access, role_bundles(session), role)
        _refuse_member(access, session, normal(email))
        row = Invitation(
            email=normal(email),
            role=role,
            overrides=dict(overrides or {}),
            whatsapp_number=whatsapp_number,
            digest=digest(token),
            invited_by=access.principal.email,
            created_at=access.now,
            expires_at=access.now + timedelta(days=access.gemba.settings.invitation_days),
        )
        session.add(row)
        session.flush()
        after = {"email": row.email, "role": role, "overrides": row.overrides}
        access.audit(session, "user.invite", ("invitation", row.id), after=after)
    try:
        link = _delivered(access, row, token)
    except GembaError as error:
        with access.write() as session:
            _withdraw(access, session, row.id, reason=str(error))
        raise
    _withdraw_older(access, row)
    return _invited(row, link)


def _withdraw_older(access: Access, row: Invitation) -> None:
    """The link that was sent last is the only one that works."""
    with access.write() as session:
        session.execute(
            update(Invitation)
            .where(
                Invitation.email == row.email,
                Invitation.id < row.id,
                Invitation.accepted_at.is_(None),
                Invitation.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=access.now),
            execution_options={"synchronize_session": False},
        )


def looks_like_mail(text: str) -> bool:
    """Whether a text can be an address: an @ inside, no space, at most 254 characters."""
    return "@" in text.strip(" @") and len(text) <= 254 and not any(c.isspace() for c in text.strip())


def known_addresses(access: Access, session: Session) -> set[str]:
    """The addresses of everybody who belongs to the factory or was ever invited into it."""
    members = (
        select(Account.email)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.factory_id == access.factory.id)
    )
    return {*session.scalars(members), *session.scalars(select(Invitation.email))}


def keep_invitation(access: Access, session: Session, email: str, role: str) -> None:
    """Make an invitation that nobody has a link of yet: inviting the address again makes the link."""
    access.require(Permission.MANAGE_USERS)
    refuse_role(access, role_bundles(session), role)
    row = Invitation(
        email=normal(email),
        role=role,
        overrides={},
        whatsapp_number=None,
        digest=digest(for_factory(KIND, access.factory.id)),
        invited_by=access.principal.email,
        created_at=access.now,
        expires_at=access.now + timedelta(days=access.gemba.settings.invitation_days),
    )
    session.add(row)
    session.flush()
    after = {"email": row.email, "role": role, "sent": False}
    access.audit(session, "user.invite", ("invitation", row.id), after=after)


def _refuse_member(access: Access, session: Session, email: str) -> None:
    member = session.scalar(
        select(Membership.id)
        .join(Account, Account.id == Membership.account_id)
        .where(Membership.factory_id == access.factory.id, Account.email == email)
    )
    if member is not None:
        raise Conflict(f"{email} belongs to this factory already.")


def _delivered(access: Access, row: Invitation, token: str) -> str | None:
    """Send the link; where there is no mail server, return it."""
    settings = access.gemba.settings
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    link = f"{base}/?invitation={token}"
    mailer = Mailer.of(settings)
    if mailer is None:
        return link
    text = (
        f"{row.invited_by} invites you to {access.factory.name} in Gemba.\n\n{link}\n\n"
        f"The link works once, until {row.expires_at:%Y-%m-%d %H:%M} UTC.\n"
    )
    mailer.send(row.email, f"Your invitation to {access.factory.name}", text)
    return None


def pending(access: Access) -> list[Invited]:
    """The open invitations of the factory, the newest first."""
    access.require(Permission.MANAGE_USERS)
    with access.read() as session:
        rows = session.scalars(
            select(Invitation)
            .where(
                Invitation.accepted_at.is_(None),
                Invitation.withdrawn_at.is_(None),
                Invitation.expires_at > access.now,
            )
            .order_by(Invitation.id.desc())
        )
        return [_invited(row, None) for row in rows]


def withdraw(access: Access, invitation_id: int) -> None:
    """Make an open invitation worth nothing."""
    access.require(Permission.MANAGE_USERS)
    with access.write() as session:
        _withdraw(access, session, invitation_id)


def _withdraw(access: Access, session: Session, invitation_id: int, reason: str = "") -> None:
    row = session.get(Invitation, invitation_id)
    if row is None or row.accepted_at is not None or row.withdrawn_at is not None:
        raise NotFound("There is no such open invitation in this factory.")
    row.withdrawn_at = access.now
    told = {"email": row.email} | ({"reason": reason} if reason else {})
    access.audit(session, "user.withdraw_invitation", ("invitation", row.id), told)


def accept(
    gemba: Gemba, token: str, password: str, name: str = "", *, address: str, code: str | None = None
) -> tuple[int, int]:
    """Take an invitation; returns the ids of the account and the factory.

    A new address gets an account with this password; one that has an account already must give the password
    of that account, and the code of its second factor. Raises NotLoggedIn for an invitation that is not good
    or a wrong password or code of an existing account, CodeRequired where a code is missing, InvalidInput for
    a weak new password.
    """
    factory_id = factory_of(KIND, token)
    now = gemba.clock()
    if factory_id is None:
        raise NotLoggedIn(NOT_GOOD)
    with gemba.database.read(factory_id) as session:
        email = _open(session, token, now).email
        known = session.scalar(select(Account.id).where(Account.email == email))
    if known is None:
        refuse_weak(password, email=email, name=name)
    elif check(gemba.database, gemba.vault, email, password, address, now, code) is None:
        raise NotLoggedIn("This address has an account: give its password, and its code if it has one.")
    made = None if known is not None else hash_password(password)
    with gemba.database.write(factory_id) as session:
        row = _open(session, token, now)
        account_id = known if known is not None else _new_account(session, row, made or "", name, now)
        session.add(
            Membership(
                factory_id=factory_id,
                account_id=account_id,
                role=row.role,
                overrides=row.overrides,
                invited_at=row.created_at,
            )
        )
        row.accepted_at = now
        record(
            session,
            at=now,
            actor=row.email,
            action="user.accept_invitation",
            subject=("user", account_id),
            after={"role": row.role, "overrides": row.overrides},
        )
    return account_id, factory_id


def _new_account(session: Session, row: Invitation, password_hash: str, name: str, now: datetime) -> int:
    account = Account(
        email=row.email,
        name=name.strip()[:200] or row.email.partition("@")[0],
        password_hash=password_hash,
        whatsapp_number=row.whatsapp_number,
        created_at=now,
    )
    session.add(account)
    session.flush()
    return account.id


def _open(session: Session, token: str, now: datetime) -> Invitation:
    row = session.scalar(select(Invitation).where(Invitation.digest == digest(token)))
    if row is None or row.accepted_at is not None or row.withdrawn_at is not None or row.expires_at <= now:
        raise NotLoggedIn(NOT_GOOD)
    return row


def _invited(row: Invitation, link: str | None) -> Invited:
    return Invited(
        id=row.id,
        email=row.email,
        role=row.role,
        overrides=dict(row.overrides or {}),
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        link=link,
    )
