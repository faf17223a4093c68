"""The reason tree of a factory: add, rename, move, take out of use."""

import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import FieldProblem, InvalidInput, NotFound
from analytics.vocabulary import ReasonCategory
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Reason
from data.queries.plant import CONFIGURATION_DAY, bump

DEEPEST: Final = 4
CODE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
CATEGORIES: Final = tuple(one.value for one in ReasonCategory)


@dataclass(frozen=True, slots=True)
class ReasonDraft:
    """A reason as people edit it. `parent` is the code of the reason above it, or empty."""

    code: str
    name: str
    category: str = "unplanned"
    parent: str = ""
    is_operator_error: bool | None = None
    is_active: bool = True
    position: int = 0


def reasons(access: Access) -> list[ReasonDraft]:
    """All reasons, parents before their children, then by position and name."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = list(session.scalars(select(Reason).order_by(Reason.position, Reason.name)))
    codes = {row.id: row.code for row in rows}
    drafts = {row.id: _draft(row, codes) for row in rows}
    found: list[ReasonDraft] = []

    def below(parent: int | None) -> None:
        for row in rows:
            if row.parent_id == parent:
                found.append(drafts[row.id])
                below(row.id)

    below(None)
    return found


def save_reason(access: Access, draft: ReasonDraft, was: str = "") -> int:
    """Add a reason, or with `was` (its code until now) change one; its id.

    A category that changes changes the figures of the past too, since a stop's class follows from its
    reason. InvalidInput names what is wrong; NotFound.
    """
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        rows = {row.code: row for row in session.scalars(select(Reason))}
        if was and was not in rows:
            raise NotFound("There is no such reason in this factory.")
        _refuse_wrong(rows, draft, was)
        before = _draft(rows[was], {row.id: row.code for row in rows.values()}) if was else None
        row = rows[was] if was else _added(session, draft)
        parent = rows[draft.parent].id if draft.parent else None
        row.code, row.name, row.category = draft.code, draft.name.strip(), draft.category
        row.parent_id, row.is_operator_error = parent, draft.is_operator_error
        row.is_active, row.position = draft.is_active, draft.position
        session.flush()
        bump(session, {CONFIGURATION_DAY})
        access.audit(
            session, "reason.change" if was else "reason.add", ("reason", draft.code),
            asdict(before) if before else None, asdict(draft),
        )  # fmt: skip
        return row.id


def _added(session: Session, draft: ReasonDraft) -> Reason:
    row = Reason(code=draft.code, name=draft.name, category=draft.category)
    session.add(row)
    return row


def _draft(row: Reason, codes: dict[int, str]) -> ReasonDraft:
    parent = codes.get(row.parent_id, "") if row.parent_id else ""
    return ReasonDraft(
        row.code, row.name, row.category, parent, row.is_operator_error, row.is_active, row.position
    )


def _refuse_wrong(rows: dict[str, Any], draft: ReasonDraft, was: str) -> None:
    found: list[FieldProblem] = []
    if not CODE.fullmatch(draft.code):
        text = "A code has small letters, digits, points and dashes, at most 60."
        found.append(FieldProblem("code", text))
    elif draft.code != was and draft.code in rows:
        found.append(FieldProblem("code", "There is a reason with this code already."))
    if not 1 <= len(draft.name.strip()) <= 200:
        found.append(FieldProblem("name", "Give the reason a name of at most 200 characters."))
    if draft.category not in CATEGORIES:
        found.append(FieldProblem("category", f"A category is one of {', '.join(CATEGORIES)}."))
    if draft.parent:
        found += _parent_problems(rows, draft, was)
    if found:
        raise InvalidInput(*found)


def _parent_problems(rows: dict[str, Reason], draft: ReasonDraft, was: str) -> list[FieldProblem]:
    if draft.parent not in rows:
        return [FieldProblem("parent", "There is no such reason in this factory.")]
    by_id = {row.id: row for row in rows.values()}
    above: Reason | None = rows[draft.parent]
    depth = 1
    while above is not None:
        if was and above.code == was:
            return [FieldProblem("parent", "A reason cannot stand below itself.")]
        depth += 1
        above = by_id.get(above.parent_id) if above.parent_id else None
    return [FieldProblem("parent", f"Reasons go {DEEPEST} deep.")] if depth > DEEPEST else []
