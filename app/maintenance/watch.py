"""Opens the orders of plans that come due, and tells people once when an order is overdue."""

from typing import Any, Final, cast

from sqlalchemy import CursorResult, select, update

from analytics.errors import Conflict
from analytics.reliability import Standing
from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.maintenance.due import PlanDue, day_us, due_plans, today
from app.maintenance.orders import WAITING, OrderDraft
from app.maintenance.working import open_order
from app.notify.outbox import Notice, post
from app.production.plant import plant
from data.models import WorkOrder, from_us, to_us

ACTOR: Final = "maintenance"


def round_of(gemba: Gemba, slugs: list[str]) -> int:
    """One round over the factories; how many orders were opened and told of."""
    done = 0
    for slug in slugs:
        principal = service(gemba.database, slug, ACTOR)
        if principal is not None:
            access = Access(gemba, principal)
            done += open_due(access) + tell_overdue(access)
    return done


def open_due(access: Access) -> int:
    """Open an order for each plan that is due and has none waiting; how many."""
    wanted = [
        one
        for one in due_plans(access)
        if one.order_id is None and one.standing in (Standing.DUE, Standing.OVERDUE)
    ]
    return sum(_opened(access, one) for one in wanted)


def _opened(access: Access, one: PlanDue) -> bool:
    """Another process may have been faster: then the store refuses the second order of the same cycle."""
    draft = OrderDraft(
        one.plan.draft.machine,
        one.plan.draft.name,
        "preventive",
        one.plan.draft.note,
        due_us=day_us(access, one.due or today(access)),
        plan_id=one.plan.id,
    )
    try:
        open_order(access, draft)
    except Conflict:
        return False
    return True


def tell_overdue(access: Access) -> int:
    """Write a notice for each order that waits past its date and has not been told of; how many.

    The mark and the notice are one transaction; of several processes one sets the mark.
    """
    now_us = to_us(access.now)
    late = WorkOrder.state.in_(WAITING) & (WorkOrder.due_us < now_us) & WorkOrder.told_us.is_(None)
    told = 0
    with access.write() as session:
        for row in list(session.scalars(select(WorkOrder).where(late))):
            mark = update(WorkOrder).where(WorkOrder.id == row.id, late).values(told_us=now_us)
            if cast("CursorResult[Any]", session.execute(mark)).rowcount != 1:
                continue
            post(session, access.now, _notice(access, row))
            access.audit(session, "order.told", ("order", row.id), after={"due_us": row.due_us})
            told += 1
    return told


def _notice(access: Access, row: WorkOrder) -> Notice:
    machine = plant(access).machine_by_id[row.machine_id]
    now_us = to_us(access.now)
    due = from_us(row.due_us or now_us).astimezone(access.factory.zone)
    return Notice(
        kind="order_overdue",
        severity="medium",
        subject=f"Maintenance overdue: {row.title}",
        machine_key=machine.device_key,
        machine_name=machine.name,
        at_us=now_us,
        sentence=f"{row.title} ({machine.name}) was due on {due:%d %B %Y} and is not done (order {row.id}).",
        values={"Due": f"{due:%Y-%m-%d}"},
        alert_id=None,
        channels={},
    )
