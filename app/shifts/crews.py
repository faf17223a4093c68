"""Crews and their rotations: add, change, take away, and who works when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select

from analytics.errors import FieldProblem, InvalidInput
from analytics.timeline import FREE, CrewRotation
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.masters.rows import finish
from app.production.plant import Plant
from app.shifts.rows import at_version, key_problems, stored_with
from data.models import Crew, Shift

LONGEST: Final = 366


@dataclass(frozen=True, slots=True)
class CrewDraft:
    """A crew as people edit it: the key of its shift on each day from `anchor` on, "-" for a free day."""

    key: str
    name: str
    rotation: tuple[str, ...]
    anchor: date


@dataclass(frozen=True, slots=True)
class StoredCrew:
    """A crew with its id and version."""

    id: int
    version: int
    draft: CrewDraft


def crews(access: Access) -> list[StoredCrew]:
    """All crews, by key."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = list(session.scalars(select(Crew).order_by(Crew.key)))
    return [StoredCrew(row.id, row.version, _draft(row)) for row in rows]


def one_crew(access: Access, crew_id: int) -> StoredCrew:
    """One crew by its id; NotFound otherwise."""
    return stored_with(crews(access), crew_id, "crew")


def rotations(known: Plant) -> Sequence[CrewRotation]:
    """The plant's crews as `analytics` knows them."""
    return [CrewRotation(row.key, row.name, _days(row), row.anchor) for row in known.rows.crews]


def save_crew(access: Access, draft: CrewDraft, stored: StoredCrew | None = None) -> int:
    """Add a crew, or change the stored one; its id. InvalidInput names the field; NotFound; Conflict."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = at_version(session, Crew, stored.id, stored.version, "crew") if stored else None
        taken = session.scalar(select(Crew.id).where(Crew.key == draft.key))
        known = set(session.scalars(select(Shift.key)))
        _refuse_wrong(draft, known, is_taken=taken is not None and (row is None or taken != row.id))
        before = _state(row) if row else None
        if row is None:
            row = Crew(key=draft.key, name=draft.name, anchor=draft.anchor)
            session.add(row)
        else:
            row.version += 1
        row.key, row.name, row.anchor = draft.key, draft.name.strip(), draft.anchor
        row.rotation = ",".join(draft.rotation)
        finish(
            access, session, "crew.change" if before else "crew.add", ("crew", row.key), before, _state(row)
        )
        return row.id


def delete_crew(access: Access, stored: StoredCrew) -> None:
    """Take a crew away."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = at_version(session, Crew, stored.id, stored.version, "crew")
        before = _state(row)
        session.delete(row)
        finish(access, session, "crew.delete", ("crew", before["key"]), before, None)


def _refuse_wrong(draft: CrewDraft, known: set[str], *, is_taken: bool) -> None:
    found = key_problems(draft.key, draft.name, is_taken=is_taken, word="crew")
    unknown = sorted(set(draft.rotation) - known - {FREE})
    if unknown:
        found.append(FieldProblem("rotation", f"There is no shift '{unknown[0]}' in this factory."))
    elif not 1 <= len(draft.rotation) <= LONGEST or len(",".join(draft.rotation)) > 4_000:
        found.append(FieldProblem("rotation", f"A rotation has 1 to {LONGEST} days."))
    elif set(draft.rotation) == {FREE}:
        found.append(FieldProblem("rotation", "Give the crew a day on which it works."))
    if found:
        raise InvalidInput(*found)


def _days(row: Crew) -> tuple[str, ...]:
    return tuple(one for one in row.rotation.split(",") if one)


def _draft(row: Crew) -> CrewDraft:
    return CrewDraft(row.key, row.name, _days(row), row.anchor)


def _state(row: Crew) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "rotation": row.rotation, "anchor": row.anchor.isoformat()}
