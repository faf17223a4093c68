"""The basics of the factory as a card, and the dialog that changes them."""

from dataclasses import replace

import streamlit as st

from app.auth.permissions import Permission
from app.shifts.basics import LONGEST_MINOR_S, Basics, basics, save_basics, shifts_over
from app.ui.formats import duration, percent
from app.ui.forms import Problems, form_dialog
from app.ui.scene import Scene


def basics_card(at: Scene) -> None:
    """What all figures are computed with, and what is odd about it."""
    known = basics(at.access)
    with st.container(border=True, key="basics"):
        st.markdown(
            f"- A production day begins at **{known.day_start:%H:%M}** ({at.access.factory.timezone}).\n"
            f"- An unplanned stop shorter than **{duration(known.minor_stop_s / 60)}** is a minor stop.\n"
            f"- OEE should reach **{_target(known)}**, where no line or target of its own says otherwise.\n"
            f"- Money is in **{known.currency}**."
        )
    over = shifts_over(at.access, known.day_start)
    if over:
        st.warning(
            f"{', '.join(over)} {'goes' if len(over) == 1 else 'go'} on when a production day begins at "
            f"{known.day_start:%H:%M}. Those hours count for the day on which the shift began. Days are "
            "easier to compare when they begin with a shift.",
            icon=":material/info:",
        )
    if at.access.principal.may(Permission.MANAGE_MACHINES) and st.button(
        "Change", icon=":material/edit:", key="basics-change"
    ):
        form_dialog(
            "basics", "What figures are computed with", ":material/tune:",
            lambda problems: _fields(known, problems),
            lambda made: save_basics(at.access, made, known.version),
        )  # fmt: skip


def _target(known: Basics) -> str:
    return "no target" if known.oee_target is None else percent(known.oee_target)


def _fields(known: Basics, problems: Problems) -> Basics:
    st.caption("Figures of the past follow, and so do reports that are made from now on.")
    begin = st.time_input("A production day begins at", known.day_start, key="basics-day", step=900)
    problems.here("day_start")
    minor = st.number_input(
        "A stop is minor below (s)", 0, LONGEST_MINOR_S, known.minor_stop_s, key="basics-minor"
    )
    problems.here("minor_stop_s")
    target = st.number_input(
        "OEE target (%)", 0.0, 100.0, None if known.oee_target is None else 100 * known.oee_target,
        key="basics-target", help="Empty: none.",
    )  # fmt: skip
    problems.here("oee_target")
    currency = st.text_input("Currency", known.currency, max_chars=3, key="basics-currency")
    problems.here("currency")
    return replace(
        known,
        day_start=begin,
        minor_stop_s=minor,
        oee_target=None if target is None else target / 100,
        currency=currency.strip().upper(),
    )
