"""What maintenance comes to, by machine: failures, MTBF, MTTR, hours and money."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.reliability import Reliability, reliability
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.maintenance.hours import maintenance_hours
from app.maintenance.orders import DONE, OrderSearch, orders
from app.production.figures import Question, chosen_machines, selected
from app.production.plant import plant
from app.stops.failures import failed
from app.stops.listing import stops

HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class MachineFigures:
    """One machine over a range; costs are of orders that were finished in it, in the factory's currency."""

    machine: str
    name: str
    reliability: Reliability
    corrective_h: float
    planned_h: float
    orders: int
    parts_cost: float
    labour_cost: float


def machine_figures(access: Access, question: Question) -> list[MachineFigures]:
    """The figures of each machine, the dearest first; the same formulas and inputs as the KPIs have."""
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    cells = selected(access, question)
    run = cells["producing_us"] + cells["minor_stop_us"] + cells["setup_us"]
    operating = _by_machine(run.groupby(cells["machine"]).sum())
    found = stops(access, question)
    failures = found[failed(known, found)].groupby("machine")["lost_us"]
    count, lost = _by_machine(failures.size()), _by_machine(failures.sum())
    done, _ = orders(access, OrderSearch(states=(DONE,), moved_from_us=question.start_us), most=100_000)
    done = [one for one in done if one.end_us is not None and one.end_us < question.end_us]
    rows = []
    for number in chosen_machines(known, question):
        machine = known.machine_by_id[number]
        key = machine.device_key
        part = Question(question.start_us, question.end_us, machines=(key,))
        worked = maintenance_hours(access, part)
        corrective, planned = (worked.corrective_h, worked.planned_h) if worked else (0.0, 0.0)
        mine = [one for one in done if one.draft.machine == key]
        rows.append(
            MachineFigures(
                key,
                machine.name,
                reliability(
                    operating.get(key, 0) / HOUR_US,
                    count.get(key, 0),
                    lost.get(key, 0) / HOUR_US,
                    corrective,
                    planned,
                ),
                corrective,
                planned,
                len(mine),
                sum(one.parts_cost for one in mine),
                sum(one.draft.labour_cost or 0.0 for one in mine),
            )
        )
    return sorted(rows, key=lambda one: (-(one.parts_cost + one.labour_cost), one.machine))


def _by_machine(sums: "pd.Series[Any]") -> dict[str, int]:
    return {str(key): int(value) for key, value in sums.items()}
