"""Crews, a target, maintenance plans and past work orders of the demo plant."""

from datetime import timedelta
from typing import Final

import numpy as np

from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.maintenance.orders import OrderDraft, Part
from app.maintenance.plans import PlanDraft, add_plan, plans
from app.maintenance.working import Finish, finish_order, open_order
from app.production.figures import Question
from app.production.plant import plant
from app.shifts.crews import CrewDraft, crews, save_crew
from app.shifts.targets import TargetDraft, save_target
from app.stops.failures import failed
from app.stops.listing import stops
from data.models import to_us

DAY_US: Final = 86_400_000_000
HOUR_US: Final = 3_600_000_000
BACK_DAYS: Final = 4
"""So many days of stops are looked at for repairs; more would slow the first start."""
REPAIRS: Final = 8
SEQUENCE: Final = ("early", "early", "late", "late", "night", "night", "-", "-")
PEOPLE: Final = ("Petra Nowak", "Jonas Weber", "Amal Haddad")
PARTS: Final = (
    (Part("Hydraulic seal", 2, 38.0), Part("Hydraulic oil (l)", 12, 4.2)),
    (Part("Roller bearing", 1, 410.0),),
    (Part("Drive belt", 1, 96.5),),
    (),
)  # fmt: skip
PLANS: Final = (
    ("Grease the bearings", 2, "week", 15, "All lubrication points; check the seals while at it."),
    ("Change the hydraulic oil", 3, "month", 60, ""),
    ("Inspect the drive", 400, "hour", 20, "Belts, couplings, vibration."),
    ("Replace the filters", 1, "month", 29, ""),
    ("Calibrate the sensors", 6, "month", 120, ""),
)
"""Name, every, unit, days since it was last done, note."""


def add_demo_shop(gemba: Gemba, slug: str) -> None:
    """Add what is missing; a plant that has plans or crews already is left alone.

    Orders of plans that are due are opened by the service that always does.
    """
    principal = service(gemba.database, slug, "demo")
    if principal is None:
        return
    access = Access(gemba, principal)
    if plans(access) or crews(access):
        return
    _crews_and_target(access)
    _plans(access)
    _repairs(access)


def _crews_and_target(access: Access) -> None:
    today = access.now.astimezone(access.factory.zone).date()
    known = plant(access).shift_by_key
    if set(SEQUENCE) - {"-"} <= set(known):
        for place, key in enumerate("ABCD"):
            turned = SEQUENCE[2 * place :] + SEQUENCE[: 2 * place]
            save_crew(access, CrewDraft(key, f"Crew {key}", turned, today - timedelta(days=8)))
        save_target(access, TargetDraft("availability", 0.85, today - timedelta(days=365)))


def _plans(access: Access) -> None:
    now = to_us(access.now)
    machines = plant(access).active
    for place, (name, every, unit, ago, note) in enumerate(PLANS):
        machine = machines[(place * 5 + 2) % len(machines)]
        begins = now - (ago + 30) * DAY_US
        number = add_plan(access, PlanDraft(machine.device_key, name, every, unit, begins, 5, note))
        done = open_order(access, OrderDraft(machine.device_key, name, "preventive", plan_id=number))
        start = now - ago * DAY_US
        person = PEOPLE[place % len(PEOPLE)]
        finish_order(
            access,
            done,
            1,
            Finish(start, start + (1 + place % 3) * HOUR_US, person, "", 65.0 * (1 + place % 3)),
        )


def _repairs(access: Access) -> None:
    """An order for each of the longest failures of the last days; one that still waits."""
    now = to_us(access.now)
    found = stops(access, Question(now - BACK_DAYS * DAY_US, now))
    found = found[failed(plant(access), found) & ~found["is_open"].to_numpy(np.bool_)]
    longest = found.sort_values("lost_us", ascending=False, kind="stable").head(REPAIRS)
    for place, row in enumerate(longest.to_dict("records")):
        title = f"Repair: {row['reason_name'] or 'failure'}"
        start, end = int(row["start_us"]), int(row["end_us"])
        order = open_order(access, OrderDraft(str(row["machine"]), title, stop_us=start))
        cost = round(65.0 * max((end - start) / HOUR_US, 0.5), 2)
        parts = PARTS[place % len(PARTS)]
        finish_order(access, order, 1, Finish(start, end, PEOPLE[place % len(PEOPLE)], "", cost, parts))
    machine = plant(access).active[0].device_key
    open_order(
        access,
        OrderDraft(
            machine,
            "Replace the worn guide",
            "planned",
            "Seen at the last inspection.",
            due_us=now + 2 * DAY_US,
        ),
    )
