"""A month with the orders and plans that are due on its days."""

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta

import streamlit as st

from app.maintenance.orders import WAITING, OrderSearch, orders
from app.ui.maintenance.read import plans_due
from app.ui.scene import Scene
from app.ui.selecting.zone import local_datetime
from app.ui.shifts.month import cell, chosen_month, grid


def maintenance_month(at: Scene) -> None:
    """What is due on each day: open orders, and plans whose order is not opened yet (~)."""
    today = local_datetime(at.now_us, at.zone).date()
    first = chosen_month(today)
    names = at.names
    lines: dict[date, list[str]] = defaultdict(list)
    for order in orders(at.access, OrderSearch(WAITING))[0]:
        if order.draft.due_us is not None:
            on = local_datetime(order.draft.due_us, at.zone).date()
            lines[on].append(f"{names.get(order.draft.machine, '')}: {order.draft.title}")
    for one in plans_due(at):
        if one.due is not None and one.order_id is None:
            lines[one.due].append(f"~ {names.get(one.plan.draft.machine, '')}: {one.plan.draft.name}")
    days = [first + timedelta(days=n) for n in range(monthrange(first.year, first.month)[1])]
    grid([cell(day, today, lines[day]) for day in days], first)
    st.caption("Open orders on the day on which they are due; ~ marks a plan whose order is not opened yet.")
