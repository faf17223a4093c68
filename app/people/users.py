"""The people of a factory: who they are, what they may do, and whether they may come in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, Forbidden, InvalidInput, NotFound
from app.auth.permissions import KNOWN, ROLES, SUPER_ADMIN, Permission, effective, from_names
from app.bootstrap import Access
from data.models import Account, CustomRole, LoginSession, Membership


@dataclass(frozen=True, slots=True)
class User:
    """One person in one factory; `id` is the account's."""

    id: int
    email: str
    name: str
    role: str
    permissions: frozenset[Permission]
    overrides: Mapping[str, bool]
    is_active: bool
    whatsapp_number: str | None
    invited_at: datetime | None
    last_login_at: datetime | None
    created_at: datetime
    version: int
    has_second_factor: bool
    is_waiting: bool
    """Whether the person asked for access and nobody has decided yet."""


def list_users(access: Access) -> list[User]:
    """Everybody who belongs to the factory, by address; deactivated people are among them."""
    access.require(Permission.MANAGE_USERS)
    with access.read() as session:
        bundles = role_bundles(session)
        rows = session.execute(
            select(Account, Membership)
            .join(Membership, Membership.account_id == Account.id)
            .where(Membership.factory_id == access.factory.id)
            .order_by(Account.email)
        )
        return [_user(account, membership, bundles) for account, membership in rows]


def user(access: Access, user_id: int) -> User:
    """One person; NotFound for somebody of another factory."""
    access.require(Permission.MANAGE_USERS)
    with access.read() as session:
        account, membership = found_member(access, session, user_id)
        return _user(account, membership, role_bundles(session))


def role_bundles(session: Session) -> dict[str, frozenset[Permission]]:
    """What each role allows: everybody's, and the factory's own."""
    own = session.execute(select(CustomRole.key, CustomRole.permissions))
    return {**ROLES, **{row[0]: from_names(row[1]) for row in own}}


def set_role(access: Access, user_id: int, version: int | None, role: str) -> None:
    """Give somebody another role. Conflict when `version` is old; None changes whatever is there."""
    access.require(Permission.MANAGE_USERS)
    with access.write() as session:
        _, membership = _for_change(access, session, user_id, version)
        bundles = role_bundles(session)
        refuse_role(access, bundles, role)
        before = _state(membership)
        membership.role = role
        _finish(access, session, membership, "user.set_role", before)


def set_overrides(access: Access, user_id: int, version: int | None, overrides: Mapping[str, bool]) -> None:
    """Give or refuse single permissions whatever the role says; names left out stay as they are."""
    access.require(Permission.MANAGE_USERS)
    refuse_overrides(access, overrides)
    with access.write() as session:
        _, membership = _for_change(access, session, user_id, version)
        before = _state(membership)
        membership.overrides = {**(membership.overrides or {}), **overrides}
        _finish(access, session, membership, "user.set_permissions", before)


def replace_overrides(
    access: Access, user_id: int, version: int | None, overrides: Mapping[str, bool]
) -> None:
    """Let exactly these permissions differ from what the role says; all others are the role's again.

    Taking a refusal back gives the permission, so the giver must hold what the role then allows.
    """
    access.require(Permission.MANAGE_USERS)
    refuse_overrides(access, overrides)
    with access.write() as session:
        _, membership = _for_change(access, session, user_id, version)
        refuse_role(access, role_bundles(session), membership.role)
        before = _state(membership)
        membership.overrides = dict(overrides)
        _finish(access, session, membership, "user.set_permissions", before)


def deactivate(access: Access, user_id: int, version: int | None = None) -> None:
    """Let somebody no longer into this factory; sessions here end at once, other factories stay open."""
    access.require(Permission.MANAGE_USERS)
    with access.write() as session:
        account, membership = _for_change(access, session, user_id, version)
        if membership.deactivated_at is not None:
            return
        before = _state(membership)
        membership.deactivated_at = access.now
        end_sessions(session, account.id, access.now, access.factory.id)
        _finish(access, session, membership, "user.deactivate", before)


def reactivate(access: Access, user_id: int, version: int | None = None) -> None:
    """Let somebody in again."""
    access.require(Permission.MANAGE_USERS)
    with access.write() as session:
        _, membership = _for_change(access, session, user_id, version)
        refuse_role(access, role_bundles(session), membership.role)
        before = _state(membership)
        membership.deactivated_at = membership.requested_at = None
        _finish(access, session, membership, "user.reactivate", before)


def end_sessions(
    session: Session, account_id: int, now: datetime, factory_id: int | None = None, but: int | None = None
) -> None:
    """End an account's open sessions: those of one factory, or all, except the session `but`."""
    row = LoginSession
    statement = update(row).where(row.account_id == account_id, row.revoked_at.is_(None))
    if factory_id is not None:
        statement = statement.where(row.factory_id == factory_id)
    if but is not None:
        statement = statement.where(row.id != but)
    session.execute(statement.values(revoked_at=now), execution_options={"synchronize_session": False})


def refuse_role(access: Access, bundles: Mapping[str, frozenset[Permission]], role: str) -> None:
    """Raise InvalidInput for an unknown role, Forbidden for one that allows more than the giver may do."""
    if role not in bundles:
        raise InvalidInput.at("role", f"Unknown role: choose from {', '.join(sorted(bundles))}.")
    if role == SUPER_ADMIN and access.principal.role != SUPER_ADMIN:
        raise Forbidden("Only a super administrator can make another one.")
    _refuse_more_than_own(access, bundles[role])


def refuse_overrides(access: Access, overrides: Mapping[str, bool]) -> None:
    """Raise InvalidInput for unknown permissions, Forbidden for one that the giver does not hold."""
    unknown = sorted(set(overrides) - KNOWN)
    if unknown:
        raise InvalidInput(
            *(FieldProblem(f"permissions.{name}", f"There is no permission '{name}'.") for name in unknown)
        )
    _refuse_more_than_own(access, from_names(name for name, has in overrides.items() if has))


def _refuse_more_than_own(access: Access, wanted: frozenset[Permission]) -> None:
    more = sorted(permission.value for permission in wanted - access.principal.permissions)
    if more:
        raise Forbidden(f"You cannot give what you do not hold yourself: {', '.join(more)}.")


def found_member(access: Access, session: Session, user_id: int) -> tuple[Account, Membership]:
    """Somebody of the factory; NotFound for anybody else."""
    row = session.execute(
        select(Account, Membership)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.factory_id == access.factory.id, Account.id == user_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such user in this factory.")
    return row[0], row[1]


def _for_change(
    access: Access, session: Session, user_id: int, version: int | None
) -> tuple[Account, Membership]:
    account, membership = found_member(access, session, user_id)
    if version is not None and membership.version != version:
        raise Conflict("Somebody else changed this user in the meantime. Reload, then change it again.")
    if user_id == access.principal.account_id:
        raise Forbidden("Nobody changes their own role, permissions or access; ask another administrator.")
    if membership.role == SUPER_ADMIN and access.principal.role != SUPER_ADMIN:
        raise Forbidden("Only a super administrator can change another one.")
    return account, membership


def _finish(
    access: Access, session: Session, membership: Membership, action: str, before: dict[str, Any]
) -> None:
    membership.version += 1
    session.flush()
    _refuse_nobody_left(access, session)
    access.audit(session, action, ("user", membership.account_id), before, _state(membership))


def _refuse_nobody_left(access: Access, session: Session) -> None:
    """A factory always keeps somebody who can manage its users."""
    bundles = role_bundles(session)
    rows = session.execute(
        select(Membership.role, Membership.overrides)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.factory_id == access.factory.id,
            Membership.deactivated_at.is_(None),
            Account.is_active,
        )
    )
    for role, overrides in rows:
        if Permission.MANAGE_USERS in effective(bundles.get(role, frozenset()), overrides):
            return
    raise Conflict("Nobody could manage the factory's users after this change.")


def _state(membership: Membership) -> dict[str, Any]:
    return {
        "role": membership.role,
        "overrides": dict(membership.overrides or {}),
        "is_active": membership.deactivated_at is None,
        "version": membership.version,
    }


def _user(account: Account, membership: Membership, bundles: Mapping[str, frozenset[Permission]]) -> User:
    return User(
        id=account.id,
        email=account.email,
        name=account.name,
        role=membership.role,
        permissions=effective(bundles.get(membership.role, frozenset()), membership.overrides),
        overrides=dict(membership.overrides or {}),
        is_active=account.is_active and membership.deactivated_at is None,
        whatsapp_number=account.whatsapp_number,
        invited_at=membership.invited_at,
        last_login_at=account.last_login_at,
        created_at=account.created_at,
        version=membership.version,
        has_second_factor=account.totp_confirmed_at is not None,
        is_waiting=membership.requested_at is not None,
    )
