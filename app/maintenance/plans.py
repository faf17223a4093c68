"""Maintenance plans: work that comes again by the calendar or by running hours."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, InvalidInput, NotFound
from analytics.reliability import UNITS
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import Plant, plant
from data.models import MaintenancePlan, to_us
from data.queries.plant import bump

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan as people write it. `unit` is day, week, month, or hour (that the machine ran).

    `begins_us` is when the work was last done before anybody kept orders; None: now. Its order is opened
    `lead_days` before it is due.
    """

    machine: str
    name: str
    every: int
    unit: str
    begins_us: int | None = None
    lead_days: int = 7
    note: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan with its id and version."""

    id: int
    version: int
    draft: PlanDraft


def plans(access: Access, *, with_inactive: bool = True) -> list[StoredPlan]:
    """All plans, by machine and name."""
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    with access.read() as session:
        rows = list(session.scalars(select(MaintenancePlan).order_by(MaintenancePlan.id)))
    found = [_stored(known, row) for row in rows if with_inactive or row.is_active]
    return sorted(found, key=lambda one: (one.draft.machine, one.draft.name, one.id))


def one_plan(access: Access, plan_id: int) -> StoredPlan:
    """One plan; NotFound for another factory's."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.get(MaintenancePlan, plan_id)
    if row is None:
        raise NotFound("There is no such plan in this factory.")
    return _stored(plant(access), row)


def add_plan(access: Access, draft: PlanDraft) -> int:
    """Make a plan; its id. InvalidInput names the field."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = MaintenancePlan(machine_id=_checked(access, draft), name="", every=1, unit="", begins_us=0)
        session.add(row)
        return _write(access, session, row, draft, None)


def change_plan(access: Access, plan_id: int, version: int, draft: PlanDraft) -> None:
    """Change a plan, or take it out of use. InvalidInput names the field; NotFound; Conflict."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = session.get(MaintenancePlan, plan_id)
        if row is None:
            raise NotFound("There is no such plan in this factory.")
        if row.version != version:
            raise Conflict("Somebody else changed this plan in the meantime. Reload it, then try again.")
        machine_id = _checked(access, draft)
        before = _state(row)
        row.machine_id, row.version = machine_id, row.version + 1
        _write(access, session, row, draft, before)


def _write(
    access: Access, session: Session, row: MaintenancePlan, draft: PlanDraft, before: dict[str, Any] | None
) -> int:
    now_us = to_us(access.now)
    row.name, row.every, row.unit = draft.name.strip(), draft.every, draft.unit
    kept = row.begins_us if before else now_us
    row.begins_us = kept if draft.begins_us is None else draft.begins_us
    row.lead_days, row.note, row.is_active = draft.lead_days, draft.note.strip(), draft.is_active
    session.flush()
    bump(session, {now_us // DAY_US})
    access.audit(session, "plan.change" if before else "plan.add", ("plan", row.id), before, _state(row))
    return row.id


def _checked(access: Access, draft: PlanDraft) -> int:
    """The id of the machine of a draft that is right."""
    found: list[FieldProblem] = []
    machine = plant(access).machine_by_key.get(draft.machine)
    if machine is None:
        found.append(FieldProblem("machine", f"There is no machine '{draft.machine}' in this factory."))
    if not 1 <= len(draft.name.strip()) <= 200:
        found.append(FieldProblem("name", "Say in at most 200 characters what is done."))
    if draft.unit not in UNITS:
        found.append(FieldProblem("unit", f"A unit is one of {', '.join(UNITS)}."))
    if not 1 <= draft.every <= 100_000:
        found.append(FieldProblem("every", "Give a whole number from 1 to 100,000."))
    elif draft.unit in UNITS and draft.unit != "hour" and draft.every > 3_660:
        found.append(FieldProblem("every", "Give at most 3,660."))
    if not 0 <= draft.lead_days <= 365:
        found.append(FieldProblem("lead_days", "The lead is 0 to 365 days."))
    if draft.begins_us is not None and not 0 <= draft.begins_us <= to_us(access.now):
        found.append(FieldProblem("begins", "The work was last done in the past."))
    if len(draft.note) > 4_000:
        found.append(FieldProblem("note", "A note has at most 4,000 characters."))
    if machine is None or found:
        raise InvalidInput(*found)
    return machine.id


def _stored(known: Plant, row: MaintenancePlan) -> StoredPlan:
    machine = known.machine_by_id.get(row.machine_id)
    draft = PlanDraft(
        machine.device_key if machine else "", row.name, row.every, row.unit, row.begins_us, row.lead_days,
        row.note, row.is_active,
    )  # fmt: skip
    return StoredPlan(row.id, row.version, draft)


def _state(row: MaintenancePlan) -> dict[str, Any]:
    names = tuple(asdict(PlanDraft("", "", 1, "")))
    return {name: getattr(row, name) for name in names if name != "machine"} | {
        "machine_id": row.machine_id, "version": row.version,
    }  # fmt: skip
