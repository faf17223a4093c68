"""What an hour and a kilowatt-hour are worth: read by everybody, set by those who manage machines."""

import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.production.terms.rates import Rates, rates, save_rates
from app.ui.cards import error_card
from app.ui.formats import number
from app.ui.scene import Scene


def rates_line(at: Scene) -> None:
    """One line with the rates, and a button for those who may change them."""
    known, currency = rates(at.access), at.access.factory.currency
    with st.container(horizontal=True, vertical_alignment="center", key="rates"):
        hour = f"{number(known.hour_rate, 2)} {currency}" if known.hour_rate is not None else "not set"
        energy = (
            f"{number(known.energy_price, 4)} {currency}" if known.energy_price is not None else "not set"
        )
        st.caption(f"An hour of production is worth: {hour} · a kWh costs: {energy}")
        if at.access.principal.may(Permission.MANAGE_MACHINES) and st.button(
            "Set rates", icon=":material/payments:", key="rates-set", type="tertiary"
        ):
            _form(at, known)


def _form(at: Scene, known: Rates) -> None:
    @st.dialog("What time and energy are worth", icon=":material/payments:")
    def dialog() -> None:
        currency = at.access.factory.currency
        with st.form("rates-form", border=False):
            hour = st.number_input(
                f"An hour of production ({currency})", 0.0, None, known.hour_rate, key="rate-hour"
            )
            energy = st.number_input(
                f"A kilowatt-hour ({currency})", 0.0, None, known.energy_price, format="%.4f", key="rate-kwh"
            )
            is_sent = st.form_submit_button("Save", type="primary")
        if is_sent:
            try:
                save_rates(at.access, Rates(hour, energy))
            except GembaError as error:
                error_card(error)
                return
            st.rerun()

    dialog()
