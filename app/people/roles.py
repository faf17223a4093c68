"""Roles that a factory makes for itself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, Forbidden, InvalidInput, NotFound
from app.auth.permissions import KNOWN, ROLE_LABELS, ROLES, Permission, from_names
from app.bootstrap import Access
from data.models import CustomRole, Invitation, Membership

KEY_PATTERN: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True, slots=True)
class Role:
    """A role and what it allows; everybody's roles have no id and cannot be changed."""

    key: str
    name: str
    permissions: frozenset[Permission]
    id: int | None = None
    version: int = 1


def list_roles(access: Access) -> list[Role]:
    """Everybody's roles, then the factory's own by key."""
    access.require(Permission.MANAGE_USERS)
    with access.read() as session:
        own = [_role(row) for row in session.scalars(select(CustomRole).order_by(CustomRole.key))]
    return [*(Role(key, ROLE_LABELS[key], held) for key, held in ROLES.items()), *own]


def role(access: Access, role_id: int) -> Role:
    """One role of the factory's own."""
    access.require(Permission.MANAGE_USERS)
    with access.read() as session:
        return _role(_found(session, role_id))


def add_role(access: Access, key: str, name: str, permissions: Iterable[str]) -> int:
    """Make a role; returns its id. Nobody can put in what they do not hold."""
    access.require(Permission.MANAGE_USERS)
    names = _checked(access, name, permissions)
    if not KEY_PATTERN.fullmatch(key) or key in ROLES:
        raise InvalidInput.at(
            "key", "The key is 2 to 40 small letters, digits and underscores, and no built-in role's."
        )
    with access.write() as session:
        if session.scalar(select(CustomRole.id).where(CustomRole.key == key)) is not None:
            raise InvalidInput.at("key", f"There is a role '{key}' already.")
        row = CustomRole(key=key, name=name.strip(), permissions=names)
        session.add(row)
        session.flush()
        access.audit(session, "role.add", ("role", row.id), after=_state(row))
        return row.id


def edit_role(access: Access, role_id: int, version: int, name: str, permissions: Iterable[str]) -> None:
    """Change a role for everybody who has it. Conflict when somebody was faster."""
    access.require(Permission.MANAGE_USERS)
    names = _checked(access, name, permissions)
    with access.write() as session:
        row = _for_change(access, session, role_id, version)
        before = _state(row)
        row.name, row.permissions = name.strip(), names
        row.version += 1
        session.flush()
        access.audit(session, "role.edit", ("role", row.id), before, _state(row))


def remove_role(access: Access, role_id: int, version: int) -> None:
    """Delete a role that nobody has any more; Conflict while somebody has it."""
    access.require(Permission.MANAGE_USERS)
    with access.write() as session:
        row = _for_change(access, session, role_id, version)
        holder = session.scalar(
            select(Membership.id).where(
                Membership.factory_id == access.factory.id, Membership.role == row.key
            )
        )
        invited = session.scalar(
            select(Invitation.id).where(
                Invitation.role == row.key,
                Invitation.accepted_at.is_(None),
                Invitation.withdrawn_at.is_(None),
                Invitation.expires_at > access.now,
            )
        )
        if holder is not None or invited is not None:
            raise Conflict("Somebody has this role or is invited to it; give them another one first.")
        access.audit(session, "role.remove", ("role", row.id), before=_state(row))
        session.delete(row)


def _checked(access: Access, name: str, permissions: Iterable[str]) -> list[str]:
    wanted = sorted(set(permissions))
    problems = [
        FieldProblem("permissions", f"There is no permission '{one}'.") for one in wanted if one not in KNOWN
    ]
    if not 1 <= len(name.strip()) <= 120:
        problems.append(FieldProblem("name", "Give the role a name of at most 120 characters."))
    if problems:
        raise InvalidInput(*problems)
    more = sorted(one.value for one in from_names(wanted) - access.principal.permissions)
    if more:
        raise Forbidden(f"You cannot give what you do not hold yourself: {', '.join(more)}.")
    return wanted


def _found(session: Session, role_id: int) -> CustomRole:
    row = session.get(CustomRole, role_id)
    if row is None:
        raise NotFound("There is no such role in this factory.")
    return row


def _for_change(access: Access, session: Session, role_id: int, version: int) -> CustomRole:
    row = _found(session, role_id)
    if row.version != version:
        raise Conflict("Somebody else changed this role in the meantime. Reload it, then change it again.")
    if row.key == access.principal.role:
        raise Forbidden("Nobody changes the role that they have; ask another administrator.")
    return row


def _state(row: CustomRole) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "permissions": list(row.permissions), "version": row.version}


def _role(row: CustomRole) -> Role:
    return Role(row.key, row.name, from_names(row.permissions), row.id, row.version)
