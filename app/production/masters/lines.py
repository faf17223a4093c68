"""The lines of a plant and the areas they stand in: add, rename, delete where nothing refers to one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analytics.errors import FieldProblem, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.masters.references import in_rules, in_schedules, refuse_used
from app.production.masters.rows import (
    LONGEST_NAME,
    finish,
    kept_key,
    key_problem,
    refuse_faster,
    version_of,
)
from data.models import Area, Line, Machine
from data.queries.references import references

LONGEST_KEY: Final = 60


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as people edit it. `oee_target` is a share of 1; a target of the calendar goes before it.

    `area` is the name of the area (ISA-95) that it stands in, made where there is none of that name, and
    gone with its last line.
    """

    key: str
    name: str
    oee_target: float | None = None
    area: str = ""


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line with its id, and how many machines stand on it."""

    id: int
    draft: LineDraft
    machines: int

    @property
    def version(self) -> int:
        """Another number for another draft."""
        return version_of(self.draft)


def lines(access: Access) -> list[StoredLine]:
    """The lines by key."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows, areas = list(session.scalars(select(Line).order_by(Line.key))), _areas(session)
        counted = select(Machine.line_id, func.count(Machine.id)).group_by(Machine.line_id)
        machines = {row[0]: row[1] for row in session.execute(counted)}
    return [StoredLine(row.id, _draft(row, areas), machines.get(row.id, 0)) for row in rows]


def one_line(access: Access, line_id: int) -> StoredLine:
    """One line; NotFound for another factory's."""
    for one in lines(access):
        if one.id == line_id:
            return one
    raise NotFound("There is no such line in this factory.")


def save_line(access: Access, draft: LineDraft, stored: StoredLine | None = None) -> int:
    """Add a line, or change the stored one; its id. InvalidInput names the field; NotFound; Conflict."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = _at(session, stored) if stored else None
        taken = session.scalar(select(Line.id).where(Line.key == draft.key))
        _refuse_wrong(draft, stored, is_taken=taken is not None)
        before = asdict(_draft(row, _areas(session))) if row else None
        if row is None:
            row = Line(key=draft.key, name=draft.name.strip())
            session.add(row)
        row.name, row.oee_target = draft.name.strip(), draft.oee_target
        row.area_id = _area(session, draft.area.strip())
        _drop_empty_areas(session)
        after = asdict(_draft(row, _areas(session)))
        finish(access, session, "line.change" if before else "line.add", ("line", row.key), before, after)
        return row.id


def new_line(access: Access, session: Session, name: str) -> int:
    """The line of this name or key in the running transaction; it is made when there is none.

    For whoever has been asked for the permission already. InvalidInput at `line_key`.
    """
    found: int | None = session.scalar(select(Line.id).where((Line.name == name) | (Line.key == name)))
    if found is not None:
        return found
    if not (name.isprintable() and len(name) <= LONGEST_KEY):
        raise InvalidInput.at("line_key", f"A new line's name has at most {LONGEST_KEY} visible characters.")
    row = Line(key=name, name=name)
    session.add(row)
    finish(access, session, "line.add", ("line", row.key), None, asdict(_draft(row, {})))
    return row.id


def delete_line(access: Access, stored: StoredLine) -> None:
    """Delete a line to which nothing refers; StillUsed says what does. NotFound; Conflict."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = _at(session, stored)
        found = {
            **references(session, row),
            **in_rules(session, "lines", row.key),
            **in_schedules(session, "lines", row.key),
        }
        refuse_used(f"The line {row.name}", found, "Move its machines to another line first."
                    if "machine" in found else "")  # fmt: skip
        before = asdict(_draft(row, _areas(session)))
        session.delete(row)
        _drop_empty_areas(session)
        finish(access, session, "line.delete", ("line", row.key), before, None)


def _at(session: Session, stored: StoredLine) -> Line:
    row = session.get(Line, stored.id)
    if row is None:
        raise NotFound("There is no such line in this factory.")
    refuse_faster(stored.draft, _draft(row, _areas(session)), "line")
    return row


def _draft(row: Line, areas: Mapping[int, str]) -> LineDraft:
    return LineDraft(row.key, row.name, row.oee_target, areas.get(row.area_id or 0, ""))


def _areas(session: Session) -> dict[int, str]:
    return {one.id: one.name for one in session.scalars(select(Area))}


def _area(session: Session, name: str) -> int | None:
    """The area of this name or key; made where there is none."""
    if not name:
        return None
    found: int | None = session.scalar(select(Area.id).where((Area.name == name) | (Area.key == name)))
    if found is not None:
        return found
    row = Area(key=name, name=name)
    session.add(row)
    session.flush()
    return row.id


def _drop_empty_areas(session: Session) -> None:
    session.flush()
    used = select(Line.area_id).where(Line.area_id.is_not(None))
    for row in session.scalars(select(Area).where(Area.id.not_in(used))):
        session.delete(row)
    session.flush()


def _refuse_wrong(draft: LineDraft, stored: StoredLine | None, *, is_taken: bool) -> None:
    if stored is None:
        found = key_problem(draft.key, LONGEST_KEY, "line", is_taken=is_taken)
    else:
        found = kept_key(draft.key, stored.draft.key, "line")
    if not 1 <= len(draft.name.strip()) <= LONGEST_NAME:
        found.append(FieldProblem("name", f"Give the line a name of at most {LONGEST_NAME} characters."))
    if draft.oee_target is not None and not 0 < draft.oee_target <= 1:
        found.append(FieldProblem("oee_target", "A target lies above 0 and up to 100 %."))
    area = draft.area.strip()
    if not (len(area) <= LONGEST_KEY and area.isprintable()):
        text = f"The name of an area has at most {LONGEST_KEY} visible characters."
        found.append(FieldProblem("area", text))
    if found:
        raise InvalidInput(*found)
