"""Hand the running shift over, take one over, and look at those before."""

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.auth.permissions import Permission
from app.handover.service import (
    Found,
    Handover,
    HandoverDraft,
    Promise,
    found_now,
    give,
    handovers,
    keep_promise,
    still_promised,
    take,
)
from app.ui.cards import empty_state, error_card
from app.ui.formats import duration, many, moment
from app.ui.scene import Scene, this_shift
from app.ui.selecting.zone import local_times
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid
from data.models import to_us


def handover_page(at: Scene) -> None:
    """The newest hand-over that waits, the running shift, and the list."""
    known = handovers(at.access)
    may = at.access.principal.may(Permission.ENTER_PRODUCTION)
    left, right = st.columns(2)
    with left:
        _give(at, known, may=may)
    with right:
        _waiting(at, known, may=may)
    _past(at, known)


def _give(at: Scene, known: list[Handover], *, may: bool) -> None:
    shift = this_shift(at)
    end_us = min(shift.end_us, at.now_us)
    with st.container(border=True, key="card-give"):
        st.markdown(f"**{shift.label}**")
        if end_us <= shift.start_us:
            st.caption("No shift runs now.")
            return
        found = found_now(at.access, shift.start_us, end_us)
        _found(found, "give")
        if any(one.start_us == shift.start_us for one in known):
            st.caption(":material/check_circle: This shift was handed over already.")
            return
        with st.form("handover-form", border=False):
            note = st.text_area("What the next shift must know", key="ho-note", max_chars=4_000)
            open_ones = still_promised(known)
            text = st.text_area(
                "Promises, one a line", "\n".join(one.text for one in open_ones), key="ho-promises",
                help="What is not done yet from the last hand-over is filled in.",
            )  # fmt: skip
            is_sent = st.form_submit_button("Hand over", type="primary", disabled=not may)
        if is_sent:
            promises = tuple(Promise(line) for line in text.splitlines() if line.strip())
            try:
                give(at.access, HandoverDraft(shift.label[:60], shift.start_us, end_us, note, promises))
            except GembaError as error:
                error_card(error)
                return
            st.rerun()


def _found(found: Found, key: str) -> None:
    with tile_grid(key=f"ho-tiles-{key}"):
        kpi_tile("OEE", found.oee, key=f"ho-{key}-oee", missing="no planned production time")
        kpi_tile("Good parts", found.good, key=f"ho-{key}-good", unit="", decimals=0)
        kpi_tile("Lost", found.lost_us / 60e6, key=f"ho-{key}-lost", unit="min", better="down")
    for words, listed in (("open alert", found.alerts), ("stop", found.stops)):
        more = " without a reason" if words == "stop" else ""
        with st.expander(f"{many(len(listed), words)}{more}"):
            if not listed:
                st.caption("None.")
            for line in listed:
                st.text(line)


def _waiting(at: Scene, known: list[Handover], *, may: bool) -> None:
    with st.container(border=True, key="card-take"):
        waits = [one for one in known if not one.taken_by]
        if not known:
            st.markdown("**To take over**")
            empty_state("Nothing was handed over yet", "The first hand-over shows up here.", icon="handshake",
                        key="handover")  # fmt: skip
            return
        one = waits[0] if waits else known[0]
        st.markdown(f"**{'To take over' if waits else 'The last hand-over'}: {one.shift}**")
        st.caption(f"Given by {one.given_by}, {moment(to_us(one.given_at), at.zone)}")
        if one.note:
            st.text(one.note)
        _found(one.found, "take")
        _promises(at, one, may=may)
        if one.taken_by and one.taken_at is not None:
            st.caption(
                f":material/draw: Taken over by {one.taken_by}, {moment(to_us(one.taken_at), at.zone)}"
            )
        else:
            _sign(at, one, may=may)


def _promises(at: Scene, one: Handover, *, may: bool) -> None:
    for position, promise in enumerate(one.promises):
        is_done = st.checkbox(
            promise.text, value=promise.is_done, key=f"ho-promise-{one.id}-{position}", disabled=not may
        )
        if is_done != promise.is_done:
            try:
                keep_promise(at.access, one.id, position, is_done=is_done)
            except GembaError as error:
                error_card(error)
                return
            st.rerun()


def _sign(at: Scene, one: Handover, *, may: bool) -> None:
    is_own = one.given_by == at.access.principal.email
    note = st.text_input("Remark", key="ho-taken-note", max_chars=4_000, disabled=not may or is_own)
    hint = "Another person than who gave it signs." if is_own else None
    if st.button("Take over", type="primary", key="ho-take", disabled=not may or is_own, help=hint):
        try:
            take(at.access, one.id, note)
        except GembaError as error:
            error_card(error)
            return
        st.rerun()


def _past(at: Scene, known: list[Handover]) -> None:
    if not known:
        return
    shown = pd.DataFrame(
        {
            "Given": local_times([to_us(one.given_at) for one in known], at.zone),
            "Shift": [one.shift for one in known],
            "Given by": [one.given_by for one in known],
            "Taken by": [one.taken_by or "waits" for one in known],
            "OEE": [one.found.oee for one in known],
            "Lost": [duration(one.found.lost_us / 60e6) for one in known],
            "Alerts": [len(one.found.alerts) for one in known],
            "Stops": [len(one.found.stops) for one in known],
            "Promises": [
                f"{sum(promise.is_done for promise in one.promises)} of {len(one.promises)}" for one in known
            ],
            "Note": [one.note for one in known],
        }
    )
    st.markdown("**Hand-overs before**")
    data_table(
        shown, key="handovers", label="Hand-overs, the newest first", download_name="hand-overs",
        columns={
            "Given": st.column_config.DatetimeColumn("Given", format="ddd D MMM HH:mm"),
            "OEE": st.column_config.NumberColumn("OEE", format="percent"),
        },
        height=fitting(len(shown), 12),
    )  # fmt: skip
