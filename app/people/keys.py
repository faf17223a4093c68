"""API keys for services and machines: made, rotated, revoked; shown once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import FieldProblem, Forbidden, InvalidInput, NotFound
from app.auth.api_keys import KIND
from app.auth.given import digest, for_factory
from app.auth.permissions import KNOWN, Permission, from_names
from app.bootstrap import Access
from data.models import ApiKey, Machine

NEVER = frozenset({Permission.MANAGE_USERS, Permission.MANAGE_KEYS})
"""What no key may do: a leaked key must not be able to make itself more keys or people."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret."""

    id: int
    name: str
    machine: str | None
    permissions: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def list_keys(access: Access) -> list[Key]:
    """The factory's keys, the newest first, revoked ones included."""
    access.require(Permission.MANAGE_KEYS)
    with access.read() as session:
        rows = session.execute(
            select(ApiKey, Machine.device_key)
            .outerjoin(Machine, Machine.id == ApiKey.machine_id)
            .order_by(ApiKey.id.desc())
        )
        return [_key(row, machine) for row, machine in rows]


def key(access: Access, key_id: int) -> Key:
    """One key."""
    access.require(Permission.MANAGE_KEYS)
    with access.read() as session:
        row = _found(session, key_id)
        return _key(row, _machine_key(session, row))


def make_key(
    access: Access,
    name: str,
    permissions: Iterable[str],
    *,
    machine: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[Key, str]:
    """Make a key; returns it and its secret, which is not kept. A machine's key may only send its data."""
    access.require(Permission.MANAGE_KEYS)
    names = _checked(access, name, permissions, machine, expires_at)
    secret = for_factory(KIND, access.factory.id)
    with access.write() as session:
        row = ApiKey(
            name=name.strip(),
            digest=digest(secret),
            machine_id=_machine_id(session, machine),
            permissions=names,
            created_at=access.now,
            created_by=access.principal.email,
            expires_at=expires_at,
        )
        session.add(row)
        session.flush()
        after = {"name": row.name, "machine": machine, "permissions": names}
        access.audit(session, "key.make", ("api_key", row.id), after=after)
    return _key(row, machine), secret


def rotate_key(access: Access, key_id: int) -> tuple[Key, str]:
    """Give a key a new secret; the old one is worth nothing from here on."""
    access.require(Permission.MANAGE_KEYS)
    secret = for_factory(KIND, access.factory.id)
    with access.write() as session:
        row = _in_use(session, key_id)
        _refuse_more(access, from_names(row.permissions))
        row.digest = digest(secret)
        access.audit(session, "key.rotate", ("api_key", row.id))
        return _key(row, _machine_key(session, row)), secret


def revoke_key(access: Access, key_id: int) -> None:
    """Make a key worth nothing."""
    access.require(Permission.MANAGE_KEYS)
    with access.write() as session:
        row = _in_use(session, key_id)
        row.revoked_at = access.now
        access.audit(session, "key.revoke", ("api_key", row.id), before={"name": row.name})


def _checked(
    access: Access, name: str, permissions: Iterable[str], machine: str | None, expires_at: datetime | None
) -> list[str]:
    wanted = sorted(set(permissions))
    problems = [
        FieldProblem("permissions", f"There is no permission '{one}'.") for one in wanted if one not in KNOWN
    ]
    if not 1 <= len(name.strip()) <= 120:
        problems.append(FieldProblem("name", "Give the key a name of at most 120 characters."))
    if not wanted:
        problems.append(FieldProblem("permissions", "Name at least one permission."))
    if machine is not None and set(wanted) - {Permission.SEND_DATA.value}:
        problems.append(FieldProblem("permissions", "A machine's key may only have send_data."))
    if expires_at is not None and expires_at <= access.now:
        problems.append(FieldProblem("expires_at", "The end lies in the past."))
    if problems:
        raise InvalidInput(*problems)
    _refuse_more(access, from_names(wanted))
    return wanted


def _refuse_more(access: Access, wanted: frozenset[Permission]) -> None:
    more = sorted(one.value for one in (wanted - access.principal.permissions) | (wanted & NEVER))
    if more:
        raise Forbidden(f"This key cannot have these permissions: {', '.join(more)}.")


def _machine_id(session: Session, machine: str | None) -> int | None:
    if machine is None:
        return None
    found = session.scalar(select(Machine.id).where(Machine.device_key == machine))
    if found is None:
        raise InvalidInput.at("machine", f"There is no machine '{machine}' in this factory.")
    return found


def _machine_key(session: Session, row: ApiKey) -> str | None:
    return session.get_one(Machine, row.machine_id).device_key if row.machine_id is not None else None


def _found(session: Session, key_id: int) -> ApiKey:
    row = session.get(ApiKey, key_id)
    if row is None:
        raise NotFound("There is no such key in this factory.")
    return row


def _in_use(session: Session, key_id: int) -> ApiKey:
    row = _found(session, key_id)
    if row.revoked_at is not None:
        raise NotFound("This key was revoked; make a new one.")
    return row


def _key(row: ApiKey, machine: str | None) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        machine=machine,
        permissions=tuple(row.permissions),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
