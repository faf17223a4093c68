"""The dialog that asks why a machine stopped: one tap on the reason is enough."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pandas as pd
import streamlit as st

from analytics.errors import GembaError, NotFound
from app.production.figures import Question
from app.stops.judging import Judgement, judge, take_back
from app.ui.cards import error_card
from app.ui.formats import clock, duration, moment
from app.ui.scene import Scene
from app.ui.selecting.zone import local_datetime
from app.ui.stops.read import stops_in
from data.models import Reason, to_us

SAID: Final = "stops-said"
UNDO: Final = "stops-undo"
MINUTE_US: Final = 60_000_000
OFTEN: Final = 6
BACK_US: Final = 14 * 86_400_000_000
CATEGORY_WORDS: Final = {
    "unplanned": "Unplanned", "external": "External", "setup": "Set-up", "planned": "Planned",
    "not_scheduled": "Not scheduled",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """The stop that is asked about; `before_us` is the start of the machine's stop before it, if any."""

    machine: str
    start_us: int
    end_us: int
    is_open: bool
    reason: str
    note: str
    before_us: int | None


def asked_of(found: pd.DataFrame, place: int) -> Asked:
    """The stop of a row of the listing."""
    row = found.iloc[place]
    earlier = found[(found["machine"] == row["machine"]) & (found["start_us"] < row["start_us"])]
    before = int(earlier["start_us"].max()) if len(earlier) else None
    return Asked(
        str(row["machine"]), int(row["start_us"]), int(row["end_us"]), bool(row["is_open"]),
        str(row["reason_name"]), str(row["note"]), before,
    )  # fmt: skip


def ask(at: Scene, stop: Asked) -> None:
    """Open the dialog; call it from the branch of a button or of a selection."""
    name = at.plant.machine_by_key[stop.machine].name

    @st.dialog(f"Why did {name} stop?", width="large", icon=":material/help:")
    def dialog() -> None:
        st.caption(_when(at, stop))
        part = _part(at, stop)
        chosen = _reasons(at, stop)
        if chosen is not None:
            _keep(at, stop, part, chosen)

    dialog()


def _when(at: Scene, stop: Asked) -> str:
    length = duration((stop.end_us - stop.start_us) / MINUTE_US)
    until = "still stopped" if stop.is_open else f"to {clock(stop.end_us, at.zone)}"
    said = f" · now: {stop.reason}" if stop.reason else ""
    return f"{moment(stop.start_us, at.zone)} {until} · {length}{said}"


Span = tuple[int, int | None]
"""What one judgement holds; without an end until the machine runs again."""


def _part(at: Scene, stop: Asked) -> tuple[list[Span], str]:
    """What is judged: by default the whole stop; a part of it, or more, and a note, for those who want.

    A stop that still lasts and the one before it are judged one by one: the machine ran between them.
    """
    start, end = stop.start_us, None if stop.is_open else stop.end_us
    before: list[Span] = []
    with st.expander("Only a part, the stop before too, or a note", icon=":material/tune:"):
        low, high = (local_datetime(edge, at.zone) for edge in (stop.start_us, stop.end_us))
        if high - low >= timedelta(minutes=2):
            begin, finish = st.slider(
                "Part of the stop", low, high, (low, high), timedelta(minutes=1), "ddd HH:mm", key="stop-part"
            )
            start = stop.start_us if begin <= low else _us(begin)
            end = end if finish >= high else _us(finish)
        if stop.before_us is not None and st.toggle(
            f"Together with the stop before ({clock(stop.before_us, at.zone)})", key="stop-with-before"
        ):
            if end is None:
                before = [(stop.before_us, None)]
            else:
                start = stop.before_us
        note = st.text_input("Note", stop.note, max_chars=2_000, key="stop-note")
    return [*before, (start, end)], note


def _us(moment_: datetime) -> int:
    return to_us(moment_)


def _reasons(at: Scene, stop: Asked) -> Reason | None:
    """The buttons: those used most on this machine first, then all by category."""
    known = [one for one in at.plant.rows.reasons if one.is_active and not _has_children(at, one)]
    if not known:
        st.info("There is no reason yet. Somebody who may manage machines adds them on this page.")
        return None
    chosen: Reason | None = None
    often = _often(at, stop.machine, known)
    if often:
        st.markdown("**Often here**")
        chosen = _buttons(often, "often")
    by_category: dict[str, list[Reason]] = {}
    for one in sorted(known, key=lambda reason: (reason.position, reason.name)):
        by_category.setdefault(one.category, []).append(one)
    for category, words in CATEGORY_WORDS.items():
        if category in by_category:
            st.markdown(f"**{words}**")
            chosen = _buttons(by_category[category], category) or chosen
    return chosen


def _has_children(at: Scene, reason: Reason) -> bool:
    return any(one.parent_id == reason.id and one.is_active for one in at.plant.rows.reasons)


def _often(at: Scene, machine: str, known: Sequence[Reason]) -> list[Reason]:
    if len(known) <= OFTEN:
        return []
    found = stops_in(at, Question(at.now_us - BACK_US, at.now_us, machines=(machine,)))
    counted = Counter(found["reason"][found["reason"] >= 0].tolist())
    by_id = {one.id: one for one in known}
    return [by_id[number] for number, _ in counted.most_common() if number in by_id][:OFTEN]


def _buttons(reasons: Sequence[Reason], group: str) -> Reason | None:
    """Buttons large enough for a finger; the one that was tapped."""
    chosen = None
    with st.grid("auto", min_column_width=150, gap="small", key=f"reasons-{group}"):
        for one in reasons:
            if st.button(one.name, key=f"reason-{group}-{one.code}", width="stretch"):
                chosen = one
    return chosen


def _keep(at: Scene, stop: Asked, part: tuple[list[Span], str], reason: Reason) -> None:
    spans, note = part
    try:
        numbers = [
            judge(at.access, Judgement(stop.machine, start, end, reason.code, note)) for start, end in spans
        ]
    except GembaError as error:
        error_card(error)
        return
    name = at.plant.machine_by_key[stop.machine].name
    st.session_state[SAID] = f"{name}, {clock(spans[0][0], at.zone)}: {reason.name}"
    st.session_state[UNDO] = numbers
    st.rerun()


def last_said(at: Scene) -> None:
    """What was just judged, with a button that takes it back."""
    said = st.session_state.get(SAID)
    if not said:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="stop-said"):
        st.markdown(f":material/check_circle: {said}")
        if st.button("Undo", icon=":material/undo:", key="stop-undo", type="tertiary"):
            try:
                for number in st.session_state[UNDO]:
                    take_back(at.access, number)
            except NotFound:
                st.toast("Somebody has judged this stop again meanwhile.", icon=":material/info:")
            st.session_state[SAID] = ""
            st.rerun()
