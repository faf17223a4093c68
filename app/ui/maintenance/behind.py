"""From an alert, a risk or a stop to a work order: the one that is there, or a new one with its words."""

import streamlit as st

from app.auth.permissions import Permission
from app.maintenance.orders import OrderDraft, OrderSearch, orders
from app.ui.maintenance.dialogs import order_dialog
from app.ui.maintenance.due import STATE_WORDS
from app.ui.scene import Scene
from app.ui.selecting.links import address

LABEL = "Open a work order"


def order_part(at: Scene, begun: OrderDraft, key: str) -> None:
    """The orders that what `begun` names stands behind, and a button that opens one more."""
    search = OrderSearch(
        alert_id=begun.alert_id, prediction_id=begun.prediction_id, stop_us=begun.stop_us,
        machines=(begun.machine,),
    )  # fmt: skip
    found, _ = orders(at.access, search, most=5)
    for one in found:
        link = address("maintenance", {"m_view": ["Work orders"]})
        st.markdown(
            f":material/build: [Work order {one.id}]({link}): {one.draft.title} ({STATE_WORDS[one.state]})"
        )
    may = at.access.principal.may(Permission.ENTER_PRODUCTION)
    if may and st.button("Another work order" if found else LABEL, icon=":material/build:", key=key):
        order_dialog(at, begun=begun)
