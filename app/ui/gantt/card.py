"""The Gantt chart of the chosen machines over the chosen range."""

from dataclasses import astuple, dataclass, replace
from typing import Final

import streamlit as st

from analytics.timeline.drawing.thinning import thinned
from app.auth.permissions import Permission
from app.production.figures import Question
from app.ui.answers import pieces_of
from app.ui.charts.chart_card import picture_card
from app.ui.charts.lanes import Piece, packed, zoomed
from app.ui.figures.timeline import timeline
from app.ui.formats import many
from app.ui.overview.lanes import Lanes, joined, lanes_of, local_pieces, table_of
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection
from app.ui.stops.asking import ask, asked_of
from app.ui.stops.read import stops_in

KEY: Final = "gantt"
MOST_PIECES: Final = 60_000
"""So many a browser gets at once; of more it gets what was most of each stretch, until it is zoomed in."""
STRETCHES: Final = 1_500
STEP_US: Final = 60_000_000


@dataclass(frozen=True, slots=True)
class Gantt(Lanes):
    """The chart; where it is thin, a zoom asks for more."""

    is_thin: bool


def gantt(at: Scene, selection: Selection, question: Question) -> None:
    """Draw it; a click on a stop asks why."""
    end_us = max(min(question.end_us, at.now_us) // STEP_US * STEP_US, question.start_us + STEP_US)
    shown = replace(question, end_us=end_us)
    seen = _visible(shown, zoomed(KEY, selection.revision))
    drawn = _drawn(at.access.factory.id, astuple(shown), seen, at.stamp, at, shown)
    event = picture_card(
        drawn.picture, drawn.table, key=KEY, title=drawn.title, finding=drawn.finding, on_range=drawn.is_thin,
        on_click=True, revision=selection.revision,
    )  # fmt: skip
    if event.click is not None:
        _judge(at, shown, event.click)


def _visible(question: Question, zoom: tuple[int, int] | None) -> tuple[int, int]:
    if zoom is None:
        return question.start_us, question.end_us
    low = min(max(zoom[0], question.start_us), question.end_us - STEP_US)
    return low, max(min(zoom[1], question.end_us), low + STEP_US)


@st.cache_resource(ttl=120, max_entries=64, show_spinner=False)
def _drawn(
    factory: int,
    asked: tuple[object, ...],
    seen: tuple[int, int],
    stamp: int,
    _at: Scene,
    _question: Question,
) -> Gantt:
    """Built once for all who look at it; nobody changes it."""
    line = pieces_of(_at, _question)[["machine", "start_us", "end_us", "time_class", "state", "reason"]]
    pieces = joined(line)
    names = lanes_of(_at, pieces)
    is_thin = len(pieces) > MOST_PIECES
    note = ""
    if is_thin:
        pieces = joined(line[(line["end_us"] > seen[0]) & (line["start_us"] < seen[1])])
    if len(pieces) > MOST_PIECES:
        pieces = joined(thinned(pieces, *seen, STRETCHES))
        note = " Zoom in to see every piece."
    return Gantt(
        packed(
            timeline(pieces, start_us=_question.start_us, end_us=_question.end_us, zone=_at.zone, lanes=names)
        ),
        table_of(local_pieces(_at, pieces)),
        "What the machines did",
        f"{many(len(names), 'machine')}, {many(len(pieces), 'piece')}.{note}",
        is_thin,
    )


def _judge(at: Scene, question: Question, click: Piece) -> None:
    """Ask about the stop behind a click; running time and time without data have none."""
    found = stops_in(at, question)
    mine = found[
        (found["machine"] == click.machine)
        & (found["start_us"] < click.end_us)
        & (found["end_us"] > click.start_us)
    ]
    if mine.empty:
        st.toast("The machine did not stop there.", icon=":material/info:")
        return
    if not at.access.principal.may(Permission.ENTER_PRODUCTION):
        st.toast("To give a stop its reason you need the permission to enter production.")
        return
    longest = (mine["end_us"] - mine["start_us"]).to_numpy().argmax()
    ask(at, asked_of(found, int(mine.index.to_numpy()[longest])))
