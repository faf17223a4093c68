"""The lines of a plant: add, rename, delete where nothing refers to one."""

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
from data.models import Line, Machine
from data.queries.references import references

LONGEST_KEY: Final = 60


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as people edit it. `oee_target` is a share of 1; a target of the calendar goes before it."""

    key: str
    name: str
    oee_target: float | None = None


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
        rows = list(session.scalars(select(Line).order_by(Line.key)))
        counted = select(Machine.line_id, func.count(Machine.id)).group_by(Machine.line_id)
        machines = {row[0]: row[1] for row in session.execute(counted)}
    return [StoredLine(row.id, _draft(row), machines.get(row.id, 0)) for row in rows]


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
        before = asdict(_draft(row)) if row else None
        if row is None:
            row = Line(key=draft.key, name=draft.name.strip(), oee_target=draft.oee_target)
            session.add(row)
        row.name, row.oee_target = draft.name.strip(), draft.oee_target
        after = asdict(_draft(row))
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
    finish(access, session, "line.add", ("line", row.key), None, asdict(_draft(row)))
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
        before = asdict(_draft(row))
        session.delete(row)
        finish(access, session, "line.delete", ("line", row.key), before, None)


def _at(session: Session, stored: StoredLine) -> Line:
    row = session.get(Line, stored.id)
    if row is None:
        raise NotFound("There is no such line in this factory.")
    refuse_faster(stored.draft, _draft(row), "line")
    return row


def _draft(row: Line) -> LineDraft:
    return LineDraft(row.key, row.name, row.oee_target)


def _refuse_wrong(draft: LineDraft, stored: StoredLine | None, *, is_taken: bool) -> None:
    if stored is None:
        found = key_problem(draft.key, LONGEST_KEY, "line", is_taken=is_taken)
    else:
        found = kept_key(draft.key, stored.draft.key, "line")
    if not 1 <= len(draft.name.strip()) <= LONGEST_NAME:
        found.append(FieldProblem("name", f"Give the line a name of at most {LONGEST_NAME} characters."))
    if draft.oee_target is not None and not 0 < draft.oee_target <= 1:
        found.append(FieldProblem("oee_target", "A target lies above 0 and up to 100 %."))
    if found:
        raise InvalidInput(*found)
