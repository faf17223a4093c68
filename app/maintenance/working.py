"""Open a work order, change it, start it, finish it, cancel it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.maintenance.orders import CANCELLED, DONE, IN_PROGRESS, KINDS, OPEN, WAITING, OrderDraft, Part
from app.production.plant import plant
from data.models import Alert, MaintenancePlan, Prediction, WorkOrder, WorkPart, to_us
from data.queries.plant import bump

MOST_PARTS: Final = 100
DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Finish:
    """What is known when the work is done; without an end it is now, without a start that of the order."""

    start_us: int | None = None
    end_us: int | None = None
    person: str | None = None
    note: str | None = None
    labour_cost: float | None = None
    parts: tuple[Part, ...] | None = None


def open_order(access: Access, draft: OrderDraft) -> int:
    """Open a work order; its id. A plan, an alert, a stop or a predicted failure may stand behind it.

    InvalidInput names the field.
    """
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        machine_id = _checked(access, session, draft)
        row = WorkOrder(
            machine_id=machine_id, kind=draft.kind, title=draft.title.strip(), plan_id=draft.plan_id,
            plan_cycle=_cycle(session, draft.plan_id), opened_by=access.principal.email, opened_at=access.now,
        )  # fmt: skip
        session.add(row)
        _write(session, row, draft)
        return _finish(access, session, row, "order.open", None)


def change_order(access: Access, order_id: int, version: int, draft: OrderDraft) -> None:
    """Change what is written in an order; a cancelled one stays as it is. The state stays too.

    Conflict for an old version or a cancelled order; InvalidInput; NotFound.
    """
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        row = _at_version(session, order_id, version)
        if row.state == CANCELLED:
            raise Conflict("A cancelled order is not changed; open a new one.")
        before = state_of(session, row)
        row.machine_id = _checked(access, session, replace(draft, plan_id=row.plan_id))
        row.kind, row.title = draft.kind, draft.title.strip()
        if draft.due_us != row.due_us:
            row.told_us = None
        _write(session, row, draft)
        _finish(access, session, row, "order.change", before)


def start_order(access: Access, order_id: int, version: int, start_us: int | None = None) -> None:
    """The work begins, now or at a moment that has passed. Conflict unless the order is open."""
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        row = _at_version(session, order_id, version)
        if row.state != OPEN:
            raise Conflict("Only an open order can be started.")
        before = state_of(session, row)
        row.start_us = to_us(access.now) if start_us is None else start_us
        _refuse_wrong_times(access, row.start_us, None)
        row.state, row.person = IN_PROGRESS, row.person or access.principal.name
        _finish(access, session, row, "order.start", before)


def finish_order(access: Access, order_id: int, version: int, done: Finish) -> None:
    """The work is done; an order that nobody started needs its start. Its plan counts from the end on."""
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        row = _at_version(session, order_id, version)
        if row.state not in WAITING:
            raise Conflict("This order is closed already.")
        before = state_of(session, row)
        row.start_us = row.start_us if done.start_us is None else done.start_us
        row.end_us = to_us(access.now) if done.end_us is None else done.end_us
        if row.start_us is None:
            raise InvalidInput.at("start", "Say when the work began.")
        _refuse_wrong_times(access, row.start_us, row.end_us)
        row.person = row.person or access.principal.name if done.person is None else done.person.strip()
        row.note = row.note if done.note is None else done.note.strip()
        row.labour_cost = row.labour_cost if done.labour_cost is None else done.labour_cost
        row.state = DONE
        problems = _cost_problems(row.labour_cost, done.parts or ())
        if problems:
            raise InvalidInput(*problems)
        if done.parts is not None:
            _write_parts(session, row, done.parts)
        _finish(access, session, row, "order.finish", before)


def cancel_order(access: Access, order_id: int, version: int, why: str = "") -> None:
    """The work is not done; its plan counts on as before. Conflict for an order that is closed already."""
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        row = _at_version(session, order_id, version)
        if row.state not in WAITING:
            raise Conflict("This order is closed already.")
        before = state_of(session, row)
        row.state, row.end_us = CANCELLED, to_us(access.now)
        row.note = "\n".join(part for part in (row.note, why.strip()) if part)
        _finish(access, session, row, "order.cancel", before)


def _cycle(session: Session, plan_id: int | None) -> int | None:
    """The number of a plan's next order."""
    if plan_id is None:
        return None
    count = select(func.count(WorkOrder.id)).where(WorkOrder.plan_id == plan_id)
    return session.scalar(count) or 0


def _at_version(session: Session, order_id: int, version: int) -> WorkOrder:
    row = session.get(WorkOrder, order_id)
    if row is None:
        raise NotFound("There is no such work order in this factory.")
    if row.version != version:
        raise Conflict("Somebody else changed this order in the meantime. Reload it, then try again.")
    row.version += 1
    return row


def _checked(access: Access, session: Session, draft: OrderDraft) -> int:
    """The id of the machine of a draft that is right. InvalidInput names each field that is not."""
    found: list[FieldProblem] = []
    machine = plant(access).machine_by_key.get(draft.machine)
    if machine is None:
        found.append(FieldProblem("machine", f"There is no machine '{draft.machine}' in this factory."))
    if not 1 <= len(draft.title.strip()) <= 200:
        found.append(FieldProblem("title", "Say in at most 200 characters what is to be done."))
    if draft.kind not in KINDS:
        found.append(FieldProblem("kind", f"A kind is one of {', '.join(KINDS)}."))
    if len(draft.note) > 4_000 or len(draft.person) > 200:
        found.append(FieldProblem("note", "A note has at most 4,000 characters, a name 200."))
    if draft.alert_id is not None and session.get(Alert, draft.alert_id) is None:
        found.append(FieldProblem("alert_id", "There is no such alert in this factory."))
    if draft.prediction_id is not None and session.get(Prediction, draft.prediction_id) is None:
        found.append(FieldProblem("prediction_id", "There is no such prediction in this factory."))
    if draft.plan_id is not None and session.get(MaintenancePlan, draft.plan_id) is None:
        found.append(FieldProblem("plan_id", "There is no such plan in this factory."))
    found += _cost_problems(draft.labour_cost, draft.parts)
    if machine is None or found:
        raise InvalidInput(*found)
    return machine.id


def _cost_problems(labour: float | None, parts: Sequence[Part]) -> list[FieldProblem]:
    found = []
    if labour is not None and not 0 <= labour < 1e12:
        found.append(FieldProblem("labour_cost", "A cost is not negative."))
    for one in parts:
        if not 1 <= len(one.name.strip()) <= 200 or not 0 < one.quantity < 1e9:
            found.append(FieldProblem("parts", "A part has a name and a quantity above 0."))
        elif one.cost is not None and not 0 <= one.cost < 1e12:
            found.append(FieldProblem("parts", f"The cost of {one.name} is negative."))
    if len(parts) > MOST_PARTS:
        found.append(FieldProblem("parts", f"An order has at most {MOST_PARTS} parts."))
    return found


def _refuse_wrong_times(access: Access, start_us: int, end_us: int | None) -> None:
    now = to_us(access.now)
    if start_us > now:
        raise InvalidInput.at("start", "The work cannot have begun in the future.")
    if end_us is not None and not start_us <= end_us <= now:
        raise InvalidInput.at("end", "The end lies between the start and now.")


def _write(session: Session, row: WorkOrder, draft: OrderDraft) -> None:
    row.note, row.person, row.due_us = draft.note.strip(), draft.person.strip(), draft.due_us
    row.labour_cost, row.stop_us, row.alert_id = draft.labour_cost, draft.stop_us, draft.alert_id
    row.prediction_id = draft.prediction_id
    session.flush()
    _write_parts(session, row, draft.parts)


def _write_parts(session: Session, row: WorkOrder, parts: Sequence[Part]) -> None:
    session.execute(delete(WorkPart).where(WorkPart.order_id == row.id))
    for one in parts:
        session.add(WorkPart(order_id=row.id, name=one.name.strip(), quantity=one.quantity, cost=one.cost))
    session.flush()


def state_of(session: Session, row: WorkOrder) -> dict[str, Any]:
    """An order as the audit log keeps it."""
    names = (
        "machine_id", "plan_id", "kind", "state", "title", "note", "person", "due_us", "start_us", "end_us",
        "labour_cost", "stop_us", "alert_id", "prediction_id", "version",
    )  # fmt: skip
    parts = session.scalars(select(WorkPart).where(WorkPart.order_id == row.id).order_by(WorkPart.id))
    return {name: getattr(row, name) for name in names} | {
        "parts": [[one.name, one.quantity, one.cost] for one in parts]
    }


def _finish(
    access: Access, session: Session, row: WorkOrder, action: str, before: dict[str, Any] | None
) -> int:
    session.flush()
    bump(session, {to_us(access.now) // DAY_US})
    access.audit(session, action, ("order", row.id), before, state_of(session, row))
    return row.id
