"""Which plans are due or overdue, and when the others will be."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import func, select

from analytics.reliability import Standing, Unit, forecast, next_due, standing
from analytics.timeline import wall_to_us
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.maintenance.orders import DONE, WAITING
from app.maintenance.plans import StoredPlan, plans
from app.production.figures import Question, selected
from data.models import WorkOrder, from_us, to_us

HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
PACE_DAYS: Final = 28
"""A forecast takes the pace of the last four weeks."""
SOON_DAYS: Final = 7
RANK: Final = {Standing.OVERDUE: 0, Standing.DUE: 1, Standing.LATER: 2, Standing.UNKNOWN: 3}


@dataclass(frozen=True, slots=True)
class PlanDue:
    """A plan and when it is due; hours only where it counts running hours.

    `order_id` is its order that waits or is worked on. `due` is a forecast for running hours, and the day
    on which they were reached where they were (by the pace of the last weeks).
    """

    plan: StoredPlan
    standing: Standing
    due: date | None
    last_us: int
    order_id: int | None
    run_h: float | None = None
    remaining_h: float | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many orders wait: past their date, within the next week, in all."""

    overdue: int
    soon: int
    waiting: int


def due_plans(access: Access) -> list[PlanDue]:
    """The plans in use, overdue first, then by date."""
    access.require(Permission.SEE_PLANT)
    known = plans(access, with_inactive=False)
    with access.read() as session:
        done = (
            select(WorkOrder.plan_id, func.max(WorkOrder.end_us))
            .where(WorkOrder.state == DONE, WorkOrder.plan_id.is_not(None))
            .group_by(WorkOrder.plan_id)
        )
        last = {row[0]: row[1] or 0 for row in session.execute(done)}
        waits = select(WorkOrder.plan_id, WorkOrder.id).where(
            WorkOrder.state.in_(WAITING), WorkOrder.plan_id.is_not(None)
        )
        orders = {row[0]: row[1] for row in session.execute(waits)}
    found = []
    for one in known:
        since = max(last.get(one.id, 0), one.draft.begins_us or 0)
        make = _by_hours if one.draft.unit == Unit.HOUR else _by_calendar
        found.append(make(access, one, since, orders.get(one.id)))
    return sorted(found, key=lambda one: (RANK[one.standing], one.due or date.max, one.plan.draft.machine))


def today(access: Access) -> date:
    """The date on the factory's calendar."""
    return access.now.astimezone(access.factory.zone).date()


def day_us(access: Access, day: date) -> int:
    """The end of a date in the factory: work that is due on it is overdue after it."""
    return wall_to_us(day + timedelta(days=1), time(0), access.factory.zone) - 1


def run_hours(access: Access, machine: str, start_us: int, end_us: int) -> float:
    """How many hours a machine ran in [start, end): producing, minor stops included."""
    if end_us <= start_us:
        return 0.0
    found = selected(access, Question(start_us, end_us, machines=(machine,)))
    return float((found["producing_us"] + found["minor_stop_us"]).sum()) / HOUR_US


def counts(access: Access) -> Counts:
    """How many orders are overdue, due soon, waiting."""
    access.require(Permission.SEE_PLANT)
    now = to_us(access.now)
    row = WorkOrder
    is_open = row.state.in_(WAITING)
    with access.read() as session:
        late = select(func.count(row.id)).where(is_open, row.due_us < now)
        near = select(func.count(row.id)).where(
            is_open, row.due_us >= now, row.due_us < now + SOON_DAYS * DAY_US
        )
        waiting = select(func.count(row.id)).where(is_open)
        return Counts(*(session.scalar(one) or 0 for one in (late, near, waiting)))


def _local_day(access: Access, moment_us: int) -> date:
    moment: datetime = from_us(moment_us).astimezone(access.factory.zone)
    return moment.date()


def _by_calendar(access: Access, one: StoredPlan, since_us: int, order: int | None) -> PlanDue:
    due = next_due(_local_day(access, since_us), one.draft.every, Unit(one.draft.unit))
    return PlanDue(one, standing(today(access), due, one.draft.lead_days), due, since_us, order)


def _by_hours(access: Access, one: StoredPlan, since_us: int, order: int | None) -> PlanDue:
    now, day = to_us(access.now), today(access)
    run = run_hours(access, one.draft.machine, since_us, now)
    left = one.draft.every - run
    pace_from = max(now - PACE_DAYS * DAY_US, 0)
    pace = run_hours(access, one.draft.machine, pace_from, now) / PACE_DAYS
    due = forecast(day, left, pace)
    if left <= 0 and pace > 0:
        due = day - timedelta(days=min(int(-left / pace), (day - _local_day(access, since_us)).days))
    found = standing(day, due, one.draft.lead_days)
    return PlanDue(one, found, due, since_us, order, run, left)
