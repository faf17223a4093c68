"""The stops that wait for a reason as cards for a finger, and all stops as a table."""

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from analytics.vocabulary import TIME_CLASS_LABELS, TimeClass
from app.auth.permissions import Permission
from app.maintenance.orders import OrderDraft
from app.production.figures import NO_REASON, Question
from app.ui.cards import empty_state
from app.ui.formats import age, clock, duration, many, moment
from app.ui.maintenance.behind import order_part
from app.ui.scene import Scene
from app.ui.selecting.zone import local_times
from app.ui.stops.asking import ask, asked_of
from app.ui.stops.read import stops_in
from app.ui.tables import data_table, fitting

MINUTE_US: Final = 60_000_000
MOST_CARDS: Final = 24
MOST_ROWS: Final = 2_000


def waiting(at: Scene, question: Question) -> pd.DataFrame:
    """Stops of the range that nobody gave a reason, above the limit of a minor stop: open ones first."""
    found = stops_in(at, question)
    rows = found[(found["reason"] < 0) & (found["time_class"] != int(TimeClass.MINOR_STOP))]
    rows = rows[rows["lost_us"] > 0]
    return rows.sort_values(["is_open", "lost_us"], ascending=False, kind="stable")


def queue(at: Scene, question: Question) -> None:
    """A card for each stop that waits; a tap asks why."""
    rows = waiting(at, question)
    may = at.access.principal.may(Permission.ENTER_PRODUCTION)
    if rows.empty:
        empty_state("Every stop has its reason", "Nothing waits in this range.", icon="task_alt", key="queue")
        return
    lost = duration(float(rows["lost_us"].sum()) / MINUTE_US)
    st.caption(f"{many(len(rows), 'stop')} without a reason, {lost} in all; the longest first.")
    names = {machine.device_key: machine.name for machine in at.plant.active}
    with st.grid("auto", min_column_width=210, gap="small", key="stop-queue"):
        for place, row in zip(rows.index[:MOST_CARDS], rows.head(MOST_CARDS).itertuples(), strict=True):
            length = duration((int(str(row.end_us)) - int(str(row.start_us))) / MINUTE_US)
            until = "still stopped" if row.is_open else f"to {clock(int(str(row.end_us)), at.zone)}"
            said = f"**{names.get(str(row.machine), row.machine)}**  \n{length}  \n"
            said += f"{moment(int(str(row.start_us)), at.zone)} {until}"
            key = f"stop-{row.machine}-{row.start_us}"
            if st.button(said, key=key, width="stretch", disabled=not may):
                ask(at, asked_of(stops_in(at, question), int(str(place))))
    if len(rows) > MOST_CARDS:
        st.caption(f"The {MOST_CARDS} longest are shown; all stand in the table.")


def table(at: Scene, question: Question) -> None:
    """All stops, the newest first; a chosen row asks for its reason again."""
    found = stops_in(at, question).head(MOST_ROWS).reset_index(drop=True)
    if found.empty:
        empty_state("No stop in this range", "Choose other days or machines.", icon="task_alt", key="stops")
        return
    names = at.names
    shown = pd.DataFrame(
        {
            "Start": local_times(found["start_us"].to_numpy(np.int64), at.zone),
            "Machine": found["machine"].map(names),
            "Minutes": (found["end_us"] - found["start_us"]) / MINUTE_US,
            "Lost": found["lost_us"] / MINUTE_US,
            "Reason": found["reason_name"].where(found["reason_name"] != "", NO_REASON),
            "Kind": [TIME_CLASS_LABELS[TimeClass(int(one))] for one in found["time_class"]],
            "Judged by": found["judged_by"],
            "Judged": [age(int(one), at.now_us) if one > 0 else "" for one in found["judged_us"]],
            "Note": found["note"],
        }
    )
    row = data_table(
        shown, key="all-stops", label="All stops, the newest first", selectable=True, download_name="stops",
        columns={
            "Start": st.column_config.DatetimeColumn("Start", format="ddd D MMM HH:mm"),
            "Minutes": st.column_config.NumberColumn("Minutes", format="%.1f"),
            "Lost": st.column_config.NumberColumn("Lost min", format="%.1f", help="Of planned time."),
        },
        height=fitting(len(shown), 14),
    )  # fmt: skip
    may = at.access.principal.may(Permission.ENTER_PRODUCTION)
    hint = None if may else "This needs the permission to enter production."
    label = "Give a reason" if row is None or not found["reason_name"][row] else "Correct the reason"
    if st.button(
        label, icon=":material/edit:", key="judge-row", type="primary", disabled=row is None or not may,
        help=hint if not may else (None if row is not None else "Choose a stop in the table first."),
    ) and row is not None:  # fmt: skip
        ask(at, asked_of(found, row))
    elif row is not None and str(found["machine"][row]) in at.plant.machine_by_key:
        order_part(at, _order(found, row), key="stop-order")


def _order(found: pd.DataFrame, row: int) -> OrderDraft:
    """A work order for what stopped the machine."""
    reason = str(found["reason_name"][row])
    return OrderDraft(
        str(found["machine"][row]), f"After the stop: {reason}" if reason else "Look for what stopped it",
        note=str(found["note"][row]), stop_us=int(found["start_us"][row]),
    )  # fmt: skip
