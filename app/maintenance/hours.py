"""The hours that people worked on machines, by kind of work order."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from analytics.reliability import clipped_hours
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.maintenance.orders import CANCELLED
from app.production.figures import Question, chosen_machines
from app.production.plant import plant
from data.models import WorkOrder, to_us


@dataclass(frozen=True, slots=True)
class WorkedHours:
    """Hours of corrective orders, and of planned and preventive ones together."""

    corrective_h: float
    planned_h: float


def maintenance_hours(access: Access, question: Question) -> WorkedHours | None:
    """The hours of work orders inside the question's range and machines; None where the factory keeps none.

    An order that is worked on counts until now; cancelled ones do not count. Two orders at the same time
    count both.
    """
    access.require(Permission.SEE_PLANT)
    machines = set(chosen_machines(plant(access), question))
    now = to_us(access.now)
    high = min(question.end_us, now)
    row = WorkOrder
    with access.read() as session:
        begun = row.start_us.is_not(None) & (row.state != CANCELLED)
        if session.scalar(select(row.id).where(begun).limit(1)) is None:
            return None
        statement = select(row.machine_id, row.kind, row.start_us, row.end_us).where(
            begun, row.start_us < high, row.end_us.is_(None) | (row.end_us > question.start_us)
        )
        found = [one for one in session.execute(statement) if one[0] in machines]
    hours = {}
    for is_corrective in (True, False):
        mine = [one for one in found if (one[1] == "corrective") is is_corrective]
        start = np.array([one[2] for one in mine], np.int64)
        end = np.array([now if one[3] is None else one[3] for one in mine], np.int64)
        hours[is_corrective] = clipped_hours(start, end, question.start_us, high)
    return WorkedHours(hours[True], hours[False])
