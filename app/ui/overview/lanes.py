"""The timeline of all machines, one lane each."""

from dataclasses import astuple, dataclass, replace

import pandas as pd
import streamlit as st

from analytics.vocabulary import TIME_CLASS_LABELS, TimeClass
from app.production.figures import Question
from app.ui.answers import pieces_of
from app.ui.charts.chart_card import picture_card
from app.ui.charts.lanes import packed
from app.ui.figures.timeline import Picture, timeline
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection
from app.ui.selecting.zone import local_times

STEP_US = 60_000_000
"""The picture moves on once a minute: between, every refresh sends the same bytes, which costs nothing."""
LONGEST_US = 26 * 3_600_000_000
"""A plant's timeline over more than a day is unreadable: its last day is drawn."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """A timeline ready to be drawn: its picture, its table and its finding."""

    picture: Picture
    table: pd.DataFrame
    title: str
    finding: str


def lanes_card(at: Scene, selection: Selection, question: Question, key: str = "lanes") -> None:
    """Draw the last day of the range, or all of it when it is shorter."""
    end_us = max(question.end_us // STEP_US * STEP_US, question.start_us + STEP_US)
    start_us = max(question.start_us, end_us - LONGEST_US)
    shown = replace(question, start_us=start_us, end_us=end_us)
    asked = astuple(shown)
    drawn = _drawn(at.access.factory.id, asked, at.stamp, start_us > question.start_us, at, shown)
    picture_card(
        drawn.picture,
        drawn.table,
        key=key,
        title=drawn.title,
        finding=drawn.finding,
        revision=selection.revision,
    )


@st.cache_resource(ttl=120, max_entries=64, show_spinner=False)
def _drawn(
    factory: int, asked: tuple[object, ...], stamp: int, is_cut: bool, _at: Scene, _question: Question
) -> Lanes:
    """Built once for all who look at it; nobody changes it."""
    line = joined(pieces_of(_at, _question))
    names = lanes_of(_at, line)
    pieces = local_pieces(_at, line)
    return Lanes(
        packed(
            timeline(line, start_us=_question.start_us, end_us=_question.end_us, zone=_at.zone, lanes=names)
        ),
        table_of(pieces),
        "What the machines did" if len(names) > 1 else "What the machine did",
        _finding(pieces[pieces["class"] == int(TimeClass.UNPLANNED_STOP)], is_cut),
    )


def lanes_of(at: Scene, line: pd.DataFrame) -> dict[str, str]:
    """The names of the machines that did anything, by key, in the plant's order."""
    present = set(line["machine"])
    return {m.device_key: m.name for m in at.plant.active if m.device_key in present}


def local_pieces(at: Scene, line: pd.DataFrame) -> pd.DataFrame:
    """Pieces with machine names and local times; their class stays a number."""
    return pd.DataFrame(
        {
            "machine": line["machine"].map(at.names).to_numpy(),
            "start": local_times(line["start_us"].to_numpy(), at.zone),
            "end": local_times(line["end_us"].to_numpy(), at.zone),
            "class": line["time_class"].to_numpy(),
            "reason": line["reason"].to_numpy(),
        }
    )


def table_of(pieces: pd.DataFrame) -> pd.DataFrame:
    """Local pieces for people: their class as its word."""
    words = {int(item): text for item, text in TIME_CLASS_LABELS.items()}
    return pieces.assign(kind=pieces["class"].map(words))[["machine", "start", "end", "kind", "reason"]]


def joined(line: pd.DataFrame) -> pd.DataFrame:
    """Touching pieces of one machine, class and reason as one: fewer of them, the same picture."""
    if line.empty:
        return line
    same = (
        (line["machine"] == line["machine"].shift())
        & (line["time_class"] == line["time_class"].shift())
        & (line["reason"] == line["reason"].shift())
        & (line["start_us"] == line["end_us"].shift())
    )
    group = (~same).cumsum()
    return line.groupby(group, sort=True).agg(
        machine=("machine", "first"),
        start_us=("start_us", "first"),
        end_us=("end_us", "last"),
        time_class=("time_class", "first"),
        state=("state", "first"),
        reason=("reason", "first"),
    )


def _finding(stops: pd.DataFrame, is_cut: bool) -> str:
    note = " The last day of the range is shown." if is_cut else ""
    if stops.empty:
        return f"No unplanned stop.{note}"
    lengths = (stops["end"] - stops["start"]).dt.total_seconds().to_numpy()
    longest = stops.iloc[int(lengths.argmax())]
    minutes = float(lengths.max()) / 60
    why = f" ({longest['reason']})" if longest["reason"] else ""
    begin = f"{longest['start']:%H:%M}"
    return f"Longest unplanned stop: {longest['machine']}, {minutes:.0f} min from {begin}{why}.{note}"
