"""Targets of figures: add, change, take away. `app.production.terms.targets` finds the one that counts."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import FieldProblem, InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.masters.rows import finish
from app.production.plant import Plant, plant
from app.production.terms.targets import FIGURES
from app.shifts.rows import at_version, stored_with
from data.models import Target


@dataclass(frozen=True, slots=True)
class TargetDraft:
    """A target as people edit it; line, product and shift are keys, empty for all. Shares are from 0 to 1."""

    figure: str
    value: float
    valid_from: date
    line: str = ""
    product: str = ""
    shift: str = ""


@dataclass(frozen=True, slots=True)
class StoredTarget:
    """A target with its id and version."""

    id: int
    version: int
    draft: TargetDraft


def targets(access: Access) -> list[StoredTarget]:
    """All targets, by figure, then the newest first."""
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    with access.read() as session:
        order = select(Target).order_by(Target.figure, Target.valid_from.desc(), Target.id)
        rows = list(session.scalars(order))
    return [StoredTarget(row.id, row.version, _draft(known, row)) for row in rows]


def one_target(access: Access, target_id: int) -> StoredTarget:
    """One target by its id; NotFound otherwise."""
    return stored_with(targets(access), target_id, "target")


def save_target(access: Access, draft: TargetDraft, stored: StoredTarget | None = None) -> int:
    """Add a target, or change the stored one; its id. InvalidInput names the field; NotFound; Conflict."""
    access.require(Permission.MANAGE_MACHINES)
    known = plant(access)
    with access.write() as session:
        row = at_version(session, Target, stored.id, stored.version, "target") if stored else None
        ids = _ids(known, draft)
        _refuse_wrong(draft, ids)
        _refuse_second(session, draft, ids, row)
        before = _state(known, row) if row else None
        if row is None:
            row = Target(figure=draft.figure, value=draft.value, valid_from=draft.valid_from)
            session.add(row)
        else:
            row.version += 1
        row.figure, row.value, row.valid_from = draft.figure, draft.value, draft.valid_from
        row.line_id, row.product_id, row.shift_id = (ids[name] for name in ("line", "product", "shift"))
        session.flush()
        action = "target.change" if before else "target.add"
        finish(access, session, action, ("target", row.id), before, _state(known, row))
        return row.id


def delete_target(access: Access, stored: StoredTarget) -> None:
    """Take a target away: a less specific one counts again."""
    access.require(Permission.MANAGE_MACHINES)
    known = plant(access)
    with access.write() as session:
        row = at_version(session, Target, stored.id, stored.version, "target")
        before = _state(known, row)
        session.delete(row)
        finish(access, session, "target.delete", ("target", stored.id), before, None)


def _ids(known: Plant, draft: TargetDraft) -> dict[str, int | None]:
    """The ids of what the draft names; -1 for what is not there."""
    rows: dict[str, tuple[str, Any]] = {
        "line": (draft.line, known.line_by_key),
        "product": (draft.product, known.product_by_key),
        "shift": (draft.shift, known.shift_by_key),
    }
    return {name: getattr(by.get(key), "id", -1) if key else None for name, (key, by) in rows.items()}


def _refuse_wrong(draft: TargetDraft, ids: dict[str, int | None]) -> None:
    found = []
    if draft.figure not in FIGURES:
        found.append(FieldProblem("figure", f"A target is for one of {', '.join(FIGURES)}."))
    figure = FIGURES.get(draft.figure)
    is_share, is_loss = figure is None or figure.unit == "%", figure is not None and figure.better == "down"
    is_above = draft.value > 0 or (is_loss and draft.value == 0)
    if not is_above or not draft.value <= (1 if is_share else 1e9):
        text = "A share lies above 0 and up to 100 %." if is_share else "Give a number above 0."
        found.append(FieldProblem("value", text))
    found += [
        FieldProblem(name, f"There is no such {name} in this factory.")
        for name, number in ids.items()
        if number == -1
    ]
    if found:
        raise InvalidInput(*found)


def _refuse_second(
    session: Session, draft: TargetDraft, ids: dict[str, int | None], row: Target | None
) -> None:
    same = session.scalars(
        select(Target).where(Target.figure == draft.figure, Target.valid_from == draft.valid_from)
    )
    for other in same:
        if other is not row and all(getattr(other, f"{name}_id") == number for name, number in ids.items()):
            raise InvalidInput.at(
                "valid_from", "From this day on there is such a target already; change that one."
            )


def _draft(known: Plant, row: Target) -> TargetDraft:
    shifts = {one.id: one.key for one in known.rows.shifts}
    return TargetDraft(
        row.figure,
        row.value,
        row.valid_from,
        known.line_by_id[row.line_id].key if row.line_id in known.line_by_id else "",
        known.product_by_id[row.product_id].key if row.product_id in known.product_by_id else "",
        shifts.get(row.shift_id or 0, ""),
    )


def _state(known: Plant, row: Target) -> dict[str, Any]:
    return asdict(_draft(known, row)) | {"valid_from": row.valid_from.isoformat()}
