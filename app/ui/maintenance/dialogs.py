"""The dialogs in which orders are opened, started, finished and cancelled."""

from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.maintenance.due import day_us
from app.maintenance.orders import IN_PROGRESS, KINDS, OPEN, OrderDraft, Part, StoredOrder
from app.maintenance.working import Finish, cancel_order, change_order, finish_order, open_order, start_order
from app.ui.formats import moment
from app.ui.forms import Problems, form_dialog
from app.ui.scene import Scene
from app.ui.selecting.zone import local_datetime, to_us

WORDS: Final = {"planned": "Planned", "preventive": "Preventive", "corrective": "Corrective"}


def order_dialog(at: Scene, stored: StoredOrder | None = None, begun: OrderDraft | None = None) -> None:
    """Ask for a new order, with what `begun` says filled in, or change the stored one."""

    def save(draft: OrderDraft) -> None:
        if stored is None:
            open_order(at.access, draft)
        else:
            change_order(at.access, stored.id, stored.version, draft)

    first = stored.draft if stored else begun or OrderDraft("", "")
    form_dialog(
        "order",
        "Change a work order" if stored else "Open a work order",
        ":material/build:",
        lambda problems: _fields(at, first, problems),
        save,
    )


def _fields(at: Scene, draft: OrderDraft, problems: Problems) -> OrderDraft:
    names = {one.device_key: one.name for one in at.plant.active} | (
        {draft.machine: draft.machine} if draft.machine else {}
    )
    keys = list(names)
    machine = st.selectbox("Machine", keys, keys.index(draft.machine) if draft.machine else None,
                           format_func=names.__getitem__, key="order-machine")  # fmt: skip
    problems.here("machine")
    title = st.text_input("What is to be done", draft.title, max_chars=200, key="order-title")
    problems.here("title")
    kind = st.segmented_control("Kind", KINDS, default=draft.kind, required=True, key="order-kind",
                                format_func=WORDS.__getitem__)  # fmt: skip
    until = local_datetime(draft.due_us, at.zone).date() if draft.due_us is not None else None
    due = st.date_input("Due on", until, key="order-due", help="Empty: no date.")
    person = st.text_input("Person", draft.person, max_chars=200, key="order-person")
    note = st.text_area("Note", draft.note, max_chars=2_000, key="order-note")
    is_same = due == until
    due_us = draft.due_us if is_same else (day_us(at.access, due) if isinstance(due, date) else None)
    return OrderDraft(
        machine or "", (title or "").strip(), str(kind), note or "", person or "", due_us, draft.labour_cost,
        draft.parts, draft.stop_us, draft.alert_id, draft.plan_id, draft.prediction_id,
    )  # fmt: skip


def work_dialog(at: Scene, one: StoredOrder) -> None:
    """One order that waits: start it, finish it, change it, cancel it."""
    Problems("work").clear()

    @st.dialog(one.draft.title, width="medium", icon=":material/build:")
    def dialog() -> None:
        machine = at.plant.machine_by_key.get(one.draft.machine)
        begun = f"begun {moment(one.start_us, at.zone)}" if one.start_us is not None else "not begun"
        st.caption(f"{machine.name if machine else one.draft.machine} · {WORDS[one.draft.kind]} · {begun}")
        if one.draft.note:
            st.text(one.draft.note)
        problems = Problems("work")
        with st.container(horizontal=True, key="work-buttons"):
            if one.state == OPEN and st.button(
                "Start now", icon=":material/play_arrow:", type="primary", key="work-start"
            ):
                _kept(problems, lambda: start_order(at.access, one.id, one.version))
        with st.expander("Finish", icon=":material/check:", expanded=one.state == IN_PROGRESS):
            _finish_form(at, one, problems)
        with st.expander("Cancel", icon=":material/close:"):
            why = st.text_input("Why is it not done?", max_chars=500, key="work-why")
            if st.button("Cancel this order", key="work-cancel", disabled=not (why or "").strip()):
                _kept(problems, lambda: cancel_order(at.access, one.id, one.version, why or ""))

    dialog()


def _kept(problems: Problems, action: Any) -> None:
    if problems.attempt(action):
        st.rerun()
    st.rerun(scope="fragment")


def _finish_form(at: Scene, one: StoredOrder, problems: Problems) -> None:
    now = local_datetime(at.now_us, at.zone).replace(tzinfo=None, second=0, microsecond=0)
    begun = local_datetime(one.start_us, at.zone).replace(tzinfo=None) if one.start_us is not None else None
    money = at.access.factory.currency
    with st.form("finish-form", border=False, enter_to_submit=False):
        start = st.datetime_input("Start", begun or now - timedelta(hours=1), key="work-from")
        problems.here("start")
        end = st.datetime_input("End", now, key="work-to")
        problems.here("end")
        person = st.text_input("Person", one.draft.person or at.access.principal.name, max_chars=200,
                               key="work-person")  # fmt: skip
        labour = st.number_input(f"Labour ({money})", 0.0, None, one.draft.labour_cost, key="work-labour")
        problems.here("labour_cost")
        st.caption(f"Parts, the price of one in {money}")
        rows = pd.DataFrame(
            [(part.name, part.quantity, part.cost) for part in one.draft.parts],
            columns=["Part", "Quantity", "Price"],
        ).astype({"Part": "object", "Quantity": "float64", "Price": "float64"})
        edited = st.data_editor(rows, num_rows="dynamic", hide_index=True, key="work-parts")
        problems.here("parts")
        note = st.text_area("Note", one.draft.note, max_chars=2_000, key="work-note")
        problems.rest()
        is_sent = st.form_submit_button("Done", type="primary", icon=":material/check:")
    if not is_sent:
        return
    kept = begun if begun is not None and start == begun.replace(second=0, microsecond=0) else None
    done = Finish(
        one.start_us if kept is not None else _us(at, start),
        None if end == now else _us(at, end),
        person or "",
        note or "",
        labour,
        parts_of(edited),
    )
    _kept(problems, lambda: finish_order(at.access, one.id, one.version, done))


def _us(at: Scene, local: datetime | None) -> int | None:
    return None if local is None else to_us(local, at.zone)


def parts_of(rows: pd.DataFrame) -> tuple[Part, ...]:
    """The parts of an edited table; a row without a name, quantity and price is none."""
    found = []
    for name, quantity, price in rows.itertuples(index=False):
        if pd.isna(name) and pd.isna(quantity) and pd.isna(price):
            continue
        amount = 1.0 if pd.isna(quantity) else float(quantity)
        found.append(
            Part("" if pd.isna(name) else str(name), amount, None if pd.isna(price) else float(price))
        )
    return tuple(found)
