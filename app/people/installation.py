"""The factories of an installation: made and described by super administrators."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analytics.errors import FieldProblem, InvalidInput, NotFound
from app.audit.journal import record
from app.auth.permissions import SUPER_ADMIN, Permission
from app.bootstrap import Access
from data.models import Factory, Membership
from data.queries.plant import CONFIGURATION_DAY, bump
from data.relational.scope import begin_factory

SLUG: Final = re.compile(r"[a-z][a-z0-9-]{1,59}")


@dataclass(frozen=True, slots=True)
class Installed:
    """One factory, and how many people belong to it."""

    id: int
    slug: str
    name: str
    zone: str
    people: int
    created_at: datetime


def list_factories(access: Access) -> list[Installed]:
    """Every factory of the installation, by name."""
    access.require(Permission.MANAGE_FACTORIES)
    members = (
        select(Membership.factory_id, func.count().label("n")).group_by(Membership.factory_id).subquery()
    )
    with access.gemba.database.read(None) as session:
        rows = session.execute(
            select(Factory, members.c.n)
            .outerjoin(members, members.c.factory_id == Factory.id)
            .order_by(Factory.name)
        )
        return [
            Installed(row.id, row.slug, row.name, row.timezone, int(people or 0), row.created_at)
            for row, people in rows
        ]


def add_factory(access: Access, slug: str, name: str, zone: str) -> int:
    """Make an empty factory, of which the caller becomes super administrator; returns its id."""
    access.require(Permission.MANAGE_FACTORIES)
    problems = _problems(name, zone)
    if not SLUG.fullmatch(slug):
        problems.append(FieldProblem("slug", "2 to 60 small letters, digits and dashes, a letter first."))
    if problems:
        raise InvalidInput(*problems)
    gemba = access.gemba
    with gemba.database.write(None) as session:
        if session.scalar(select(Factory.id).where(Factory.slug == slug)) is not None:
            raise InvalidInput.at("slug", f"There is a factory '{slug}' already.")
        row = Factory(slug=slug, name=name.strip(), timezone=zone, created_at=access.now)
        factory_id = begin_factory(session, row)
        account_id = access.principal.account_id
        session.add(Membership(factory_id=factory_id, account_id=account_id, role=SUPER_ADMIN))
        _note(access, session, "factory.add", slug, None, {"slug": slug, "name": name.strip(), "zone": zone})
    return factory_id


def edit_factory(access: Access, factory_id: int, name: str, zone: str) -> None:
    """Give a factory another name or time zone. A zone changes which shift a moment belongs to."""
    access.require(Permission.MANAGE_FACTORIES)
    problems = _problems(name, zone)
    if problems:
        raise InvalidInput(*problems)
    with access.gemba.database.write(factory_id) as session:
        row = session.get(Factory, factory_id)
        if row is None:
            raise NotFound("There is no such factory.")
        before = {"name": row.name, "zone": row.timezone}
        row.name, row.timezone = name.strip(), zone
        bump(session, {CONFIGURATION_DAY})
        _note(access, session, "factory.edit", row.slug, before, {"name": row.name, "zone": zone})


def _note(
    access: Access,
    session: Session,
    action: str,
    slug: str,
    before: dict[str, str] | None,
    after: dict[str, str],
) -> None:
    record(
        session, at=access.now, actor=access.principal.email, action=action, subject=("factory", slug),
        before=before, after=after,
    )  # fmt: skip


def _problems(name: str, zone: str) -> list[FieldProblem]:
    found = []
    if not 1 <= len(name.strip()) <= 200:
        found.append(FieldProblem("name", "Give the factory a name of at most 200 characters."))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found.append(FieldProblem("zone", f"'{zone}' is no time zone; use a name such as Europe/Berlin."))
    return found
