"""All orders as a table with filters, and what the chosen one can be used for."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.auth.permissions import Permission
from app.maintenance.orders import KINDS, STATES, WAITING, OrderSearch, StoredOrder, orders, sees_names
from app.ui.cards import empty_state
from app.ui.maintenance.dialogs import order_dialog, work_dialog
from app.ui.maintenance.due import KIND_WORDS, STATE_WORDS
from app.ui.scene import Scene
from app.ui.selecting.zone import local_times
from app.ui.tables import data_table, fitting

MOST_ROWS = 2_000


def order_table(at: Scene) -> None:
    """Filters that stand in the address, the orders, the newest due first."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="order-filters"):
        words = st.text_input("Search", key="m_words", bind="query-params", placeholder="Title, note, person")
        states = st.multiselect("State", STATES, key="m_state", bind="query-params")
        kinds = st.multiselect("Kind", KINDS, key="m_kind", bind="query-params")
        keys = [one.device_key for one in at.plant.rows.machines]
        machines = st.multiselect("Machine", keys, key="m_machine", bind="query-params")
    search = OrderSearch(tuple(states), tuple(kinds), tuple(machines), words or "")
    found, total = orders(at.access, search, ("due", True), most=MOST_ROWS)
    row = None
    if found:
        shown = _frame(at, found)
        row = data_table(
            shown, key="order-table", label="Work orders", selectable=True, download_name="work-orders",
            columns=_columns(at), height=fitting(len(shown), 14),
        )  # fmt: skip
    else:
        empty_state("No such order", "Open one, or take a filter away.", icon="build", key="orders-none")
    if total > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS} of {total} orders are shown.")
    _actions(at, None if row is None else found[row])


def open_button(at: Scene) -> None:
    """For those who enter production: open an order."""
    may = at.access.principal.may(Permission.ENTER_PRODUCTION)
    if may and st.button("Open an order", icon=":material/add:", type="primary", key="order-open"):
        order_dialog(at)


def _actions(at: Scene, chosen: StoredOrder | None) -> None:
    """Open an order; change the chosen one, or work on it."""
    if not at.access.principal.may(Permission.ENTER_PRODUCTION):
        return
    hint = "Choose an order in the table first." if chosen is None else None
    is_waiting = chosen is not None and chosen.state in WAITING
    is_fixed = chosen is None or chosen.state == "cancelled"
    with st.container(horizontal=True, key="order-actions"):
        open_button(at)
        work = st.button(
            "Start or finish",
            icon=":material/play_arrow:",
            key="order-work",
            disabled=not is_waiting,
            help=hint,
        )
        if work and chosen is not None:
            work_dialog(at, chosen)
        change = st.button("Change", icon=":material/edit:", key="order-change", disabled=is_fixed, help=hint)
        if change and chosen is not None:
            order_dialog(at, chosen)


def _columns(at: Scene) -> dict[str, Any]:
    moment = {"format": "D MMM YY HH:mm", "width": 130}
    cost = f"Cost {at.access.factory.currency}"
    return {
        "Order": st.column_config.NumberColumn("Order", width=60),
        "Due": st.column_config.DatetimeColumn("Due", format="D MMM YYYY", width=110),
        "Start": st.column_config.DatetimeColumn("Start", **moment),  # type: ignore[arg-type]
        "End": st.column_config.DatetimeColumn("End", **moment),  # type: ignore[arg-type]
        cost: st.column_config.NumberColumn(cost, format="%.2f"),
    }


def _frame(at: Scene, found: list[StoredOrder]) -> pd.DataFrame:
    names = at.names
    columns = {
        "Order": [one.id for one in found],
        "What": [one.draft.title for one in found],
        "Machine": [names.get(one.draft.machine, one.draft.machine) for one in found],
        "Kind": [KIND_WORDS[one.draft.kind] for one in found],
        "State": [STATE_WORDS[one.state] for one in found],
        "Due": _times(at, [one.draft.due_us for one in found]),
        "Start": _times(at, [one.start_us for one in found]),
        "End": _times(at, [one.end_us for one in found]),
        f"Cost {at.access.factory.currency}": [one.cost for one in found],
        "Note": [one.draft.note for one in found],
    }
    if sees_names(at.access):
        columns["Person"] = [one.draft.person for one in found]
    return pd.DataFrame(columns)


def _times(at: Scene, moments: list[int | None]) -> pd.Series:
    known = np.array([0 if one is None else one for one in moments], np.int64)
    series = pd.Series(local_times(known, at.zone))
    return series.where(pd.Series([one is not None for one in moments]))
