"""The Gantt chart of the chosen machines over the chosen range."""

from dataclasses import astuple, replace
from datetime import datetime
from typing import Final

import msgspec
import pandas as pd
import streamlit as st

from analytics.timeline.thinning import thinned
from app.auth.permissions import Permission
from app.production.figures import Question
from app.ui.answers import pieces_of
from app.ui.chart import Click, zoomed
from app.ui.chart_card import chart_card
from app.ui.encoding import encode
from app.ui.figures.timeline import timeline
from app.ui.formats import many
from app.ui.overview.lanes import Lanes, joined
from app.ui.scene import Scene
from app.ui.selection import Selection
from app.ui.stops.asking import ask, asked_of
from app.ui.stops.read import stops_in
from app.ui.zone import axis_zone, local_datetime, local_times, to_us

KEY: Final = "gantt"
MOST_PIECES: Final = 6_000
STRETCHES: Final = 1_200
STEP_US: Final = 60_000_000


def gantt(at: Scene, selection: Selection, question: Question) -> None:
    """Draw it; a click on a stop asks why."""
    end_us = max(min(question.end_us, at.now_us) // STEP_US * STEP_US, question.start_us + STEP_US)
    shown = replace(question, end_us=end_us)
    seen = _visible(at, shown, zoomed(KEY, selection.revision))
    drawn = _drawn(at.access.factory.id, astuple(shown), seen, at.stamp, at, shown)
    event = chart_card(
        drawn.figure, drawn.table, key=KEY, title=drawn.title, finding=drawn.finding, on_range=True,
        on_click=True, revision=selection.revision,
    )  # fmt: skip
    if event.click is not None:
        _judge(at, shown, event.click)


def _visible(at: Scene, question: Question, zoom: tuple[datetime, datetime] | None) -> tuple[int, int]:
    if zoom is None:
        return question.start_us, question.end_us
    low, high = (to_us(edge, at.zone) for edge in zoom)
    return max(low, question.start_us), min(max(high, low + STEP_US), question.end_us)


@st.cache_resource(ttl=120, max_entries=64, show_spinner=False)
def _drawn(
    factory: int,
    asked: tuple[object, ...],
    seen: tuple[int, int],
    stamp: int,
    _at: Scene,
    _question: Question,
) -> Lanes:
    """Built once for all who look at it; nobody changes it."""
    line = pieces_of(_at, _question)[["machine", "start_us", "end_us", "time_class", "state", "reason"]]
    line = line[(line["end_us"] > seen[0]) & (line["start_us"] < seen[1])]
    pieces = joined(line)
    is_thin = len(pieces) > MOST_PIECES
    if is_thin:
        pieces = joined(thinned(line, *seen, STRETCHES))
    names = _at.names
    table = pd.DataFrame({"machine": pieces["machine"].map(names)})
    table["start"] = local_times(pieces["start_us"].to_numpy(), _at.zone)
    table["end"] = local_times(pieces["end_us"].to_numpy(), _at.zone)
    table["class"], table["reason"] = pieces["time_class"].to_numpy(), pieces["reason"].to_numpy()
    start, end = (
        local_datetime(edge, _at.zone).replace(tzinfo=None) for edge in (_question.start_us, _question.end_us)
    )
    lanes = [m.name for m in _at.plant.active if m.name in set(table["machine"])]
    figure = timeline(
        table, title="", start=start, end=end, machines=lanes, by="class",
        zone_title=axis_zone(_at.zone, _question.start_us, _question.end_us),
    )  # fmt: skip
    note = " Zoom in to see every piece." if is_thin else ""
    return Lanes(
        {"data": msgspec.Raw(msgspec.json.encode(encode(figure["data"]))), "layout": figure["layout"]},
        table[["machine", "start", "end", "reason"]],
        "What the machines did",
        f"{many(len(lanes), 'machine')}, {many(len(table), 'piece')}.{note}",
    )


def _judge(at: Scene, question: Question, click: Click) -> None:
    """Ask about the stop behind a click; running time and time without data have none."""
    machine, begin, finish, _ = click.customdata
    key = next((m.device_key for m in at.plant.active if m.name == machine), "")
    low, high = (to_us(datetime.fromisoformat(edge), at.zone) for edge in (begin, finish))
    found = stops_in(at, question)
    mine = found[(found["machine"] == key) & (found["start_us"] < high) & (found["end_us"] > low)]
    if mine.empty:
        st.toast("The machine did not stop there.", icon=":material/info:")
        return
    if not at.access.principal.may(Permission.ENTER_PRODUCTION):
        st.toast("To give a stop its reason you need the permission to enter production.")
        return
    longest = (mine["end_us"] - mine["start_us"]).to_numpy().argmax()
    ask(at, asked_of(found, int(mine.index.to_numpy()[longest])))
