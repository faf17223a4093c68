"""What is due: tiles over the page and a card for each order that waits, overdue first."""

from datetime import timedelta
from typing import Final

import streamlit as st

from app.auth.permissions import Permission
from app.maintenance.due import counts
from app.maintenance.orders import DONE, IN_PROGRESS, WAITING, OrderSearch, StoredOrder, orders
from app.ui.cards import empty_state
from app.ui.formats import day, many, plain
from app.ui.maintenance.dialogs import work_dialog
from app.ui.scene import Scene
from app.ui.tiles import kpi_tile, tile_grid

MOST_CARDS: Final = 24
DAY_US: Final = 86_400_000_000
KIND_WORDS: Final = {"planned": "Planned", "preventive": "Preventive", "corrective": "Corrective"}
STATE_WORDS: Final = {"open": "Open", "in_progress": "In progress", "done": "Done", "cancelled": "Cancelled"}


def tiles(at: Scene) -> None:
    """Overdue, due within a week, in work, and what the last thirty days cost."""
    found = counts(at.access)
    month, _ = orders(at.access, OrderSearch((DONE,), moved_from_us=at.now_us - 30 * DAY_US), most=10_000)
    busy, _ = orders(at.access, OrderSearch((IN_PROGRESS,)))
    money = at.access.factory.currency
    with tile_grid(key="maintenance-tiles"):
        kpi_tile("Overdue", float(found.overdue), key="mt-overdue", unit="", decimals=0, better="down",
                 note="orders past their date")  # fmt: skip
        kpi_tile("Due within a week", float(found.soon), key="mt-soon", unit="", decimals=0,
                 note=f"{many(found.waiting, 'order')} open in all")  # fmt: skip
        kpi_tile("In work", float(len(busy)), key="mt-busy", unit="", decimals=0, note="orders begun")
        kpi_tile("Cost", sum(one.cost for one in month), key="mt-cost", unit=money, decimals=0, better="down",
                 note=f"{many(len(month), 'order')} done in 30 days")  # fmt: skip


def when(at: Scene, one: StoredOrder) -> str:
    """When an order is due, in words."""
    if one.draft.due_us is None:
        return "no date"
    said = day(one.draft.due_us, at.zone)
    if one.state in WAITING and one.draft.due_us < at.now_us:
        late = max(timedelta(microseconds=at.now_us - one.draft.due_us).days, 0) + 1
        return f":red[overdue by {many(late, 'day')}] · {said}"
    return f"due {said}"


def waiting_cards(at: Scene) -> None:
    """A card for each waiting order, the soonest due first; a tap opens it."""
    found, total = orders(at.access, OrderSearch(WAITING), most=MOST_CARDS)
    if not found:
        empty_state("Nothing waits", "No work order is open. Plans open theirs when they come due.",
                    icon="task_alt", key="orders-waiting")  # fmt: skip
        return
    may = at.access.principal.may(Permission.ENTER_PRODUCTION)
    names = at.names
    with st.grid("auto", min_column_width=240, gap="small", key="order-cards"):
        for one in found:
            busy = " · in work" if one.state == IN_PROGRESS else ""
            said = f"**{plain(one.draft.title)}**  \n{names.get(one.draft.machine, one.draft.machine)}  \n"
            said += f"{KIND_WORDS[one.draft.kind]}{busy}  \n{when(at, one)}"
            if st.button(said, key=f"order-{one.id}", width="stretch", disabled=not may):
                work_dialog(at, one)
    if total > MOST_CARDS:
        st.caption(f"The {MOST_CARDS} that are due first are shown; all stand in the table of orders.")
