"""Reliability, what maintenance did and cost, and what is due."""

import pandas as pd

from app.maintenance.due import due_plans
from app.maintenance.figures import machine_figures
from app.maintenance.orders import DONE, OrderSearch, orders
from app.reports.content.document import Column, Fact, Section, table
from app.reports.content.inputs import Inputs

MOST_ORDERS = 2_000


def maintenance(inputs: Inputs) -> Section:
    """Failures, MTBF and MTTR by machine, the finished orders, the plans that are due."""
    access, asked, currency = inputs.access, inputs.question, inputs.access.factory.currency
    figures = machine_figures(access, asked)
    frame = pd.DataFrame(
        {
            "name": [one.name for one in figures],
            "failures": [one.reliability.failures for one in figures],
            "mtbf": [one.reliability.mtbf_h for one in figures],
            "mttr": [one.reliability.mttr_h for one in figures],
            "corrective": [one.corrective_h for one in figures],
            "planned": [one.planned_h for one in figures],
            "orders": [one.orders for one in figures],
            "cost": [one.parts_cost + one.labour_cost for one in figures],
        }
    ).astype({"mtbf": float, "mttr": float})
    columns = {
        "name": Column("Machine"), "failures": Column("Failures", "whole"),
        "mtbf": Column("MTBF", "number", "h"), "mttr": Column("MTTR", "number", "h"),
        "corrective": Column("Corrective", "number", "h"), "planned": Column("Planned", "number", "h"),
        "orders": Column("Orders", "whole"), "cost": Column("Cost", "number", currency),
    }  # fmt: skip
    facts = (
        Fact("Failures", int(frame["failures"].sum()), "whole"),
        Fact("Finished orders", int(frame["orders"].sum()), "whole"),
        Fact("Cost", float(frame["cost"].sum()), "number", currency),
    )
    inputs.fingerprint.add("maintenance", frame)
    tables = (
        table("reliability", "Reliability and cost", frame, columns),
        table("orders", "Finished work orders", _orders(inputs), {
            "end_us": Column("Finished", "moment"), "machine": Column("Machine"), "title": Column("What"),
            "kind": Column("Kind"), "cost": Column("Cost", "number", currency),
        }),
        table("due", "Plans", _due(inputs), {
            "due": Column("Due", "day"), "machine": Column("Machine"), "name": Column("Plan"),
            "standing": Column("Standing"),
        }),
    )  # fmt: skip
    return Section("maintenance", "Maintenance", (), facts, tables)


def _orders(inputs: Inputs) -> pd.DataFrame:
    asked = inputs.question
    search = OrderSearch(states=(DONE,), machines=inputs.keys, moved_from_us=asked.start_us)
    found, _ = orders(inputs.access, search, ("end", False), most=MOST_ORDERS)
    done = [one for one in found if one.end_us is not None and one.end_us < asked.end_us]
    return pd.DataFrame(
        {
            "end_us": [one.end_us for one in done],
            "machine": inputs.names([one.draft.machine for one in done]),
            "title": [one.draft.title for one in done],
            "kind": [one.draft.kind for one in done],
            "cost": [one.cost for one in done],
        }
    )


def _due(inputs: Inputs) -> pd.DataFrame:
    """How the plans stand when the report is made."""
    mine = set(inputs.keys)
    found = [one for one in due_plans(inputs.access) if one.plan.draft.machine in mine]
    frame = pd.DataFrame(
        {
            "due": pd.Series([one.due for one in found], dtype=object),
            "machine": inputs.names([one.plan.draft.machine for one in found]),
            "name": [one.plan.draft.name for one in found],
            "standing": [one.standing.value for one in found],
        }
    )
    return inputs.fingerprint.add("plans", frame)
