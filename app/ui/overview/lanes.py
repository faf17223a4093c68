"""The timeline of all machines, one lane each."""

from dataclasses import astuple, dataclass, replace

import msgspec
import pandas as pd
import streamlit as st

from analytics.vocabulary import TimeClass
from app.production.figures import Question
from app.ui.answers import pieces_of
from app.ui.chart_card import chart_card
from app.ui.encoding import encode
from app.ui.figures.frame import Figure
from app.ui.figures.timeline import timeline
from app.ui.scene import Scene
from app.ui.selection import Selection
from app.ui.zone import axis_zone, local_datetime, local_times

STEP_US = 60_000_000
"""The picture moves on once a minute: between, every refresh sends the same bytes, which costs nothing."""
LONGEST_US = 26 * 3_600_000_000
"""A plant's timeline over more than a day is unreadable: its last day is drawn."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """A drawn timeline: the figure, its table and its finding."""

    figure: Figure
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
    chart_card(
        drawn.figure,
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
    pieces = local_pieces(_at, _question)
    names = [m.name for m in _at.plant.active if m.name in set(pieces["machine"])]
    figure = _figure(_at, pieces, _question, names)
    return Lanes(
        {"data": msgspec.Raw(msgspec.json.encode(encode(figure["data"]))), "layout": figure["layout"]},
        pieces[["machine", "start", "end", "reason"]],
        "What the machines did" if len(names) > 1 else "What the machine did",
        _finding(pieces, is_cut),
    )


def local_pieces(at: Scene, question: Question) -> pd.DataFrame:
    """The pieces with machine names and local times, neighbours of one kind joined."""
    line = pieces_of(at, question)
    names = at.names
    line = joined(line)
    found = pd.DataFrame({"machine": line["machine"].map(names)})
    found["start"] = local_times(line["start_us"].to_numpy(), at.zone)
    found["end"] = local_times(line["end_us"].to_numpy(), at.zone)
    found["class"] = line["time_class"].to_numpy()
    found["state"] = line["state"].to_numpy()
    found["reason"] = line["reason"].to_numpy()
    return found


def joined(line: pd.DataFrame) -> pd.DataFrame:
    """Touching pieces of one machine, class and reason as one: fewer bars, the same picture."""
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


def _figure(at: Scene, pieces: pd.DataFrame, question: Question, names: list[str]) -> Figure:
    start = local_datetime(question.start_us, at.zone).replace(tzinfo=None)
    end = local_datetime(question.end_us, at.zone).replace(tzinfo=None)
    return timeline(
        pieces,
        title="",
        start=start,
        end=end,
        zone_title=axis_zone(at.zone, question.start_us, question.end_us),
        machines=names,
        by="class",
    )


def _finding(pieces: pd.DataFrame, is_cut: bool) -> str:
    stops = pieces[(pieces["class"] == int(TimeClass.UNPLANNED_STOP))]
    note = " The last day of the range is shown." if is_cut else ""
    if stops.empty:
        return f"No unplanned stop.{note}"
    lengths = (stops["end"] - stops["start"]).dt.total_seconds().to_numpy()
    longest = stops.iloc[int(lengths.argmax())]
    minutes = float(lengths.max()) / 60
    why = f" ({longest['reason']})" if longest["reason"] else ""
    begin = f"{longest['start']:%H:%M}"
    return f"Longest unplanned stop: {longest['machine']}, {minutes:.0f} min from {begin}{why}.{note}"
