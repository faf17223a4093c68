"""The board of the overview: why time was lost, what needs attention, and one card a machine, worst first.

It is one component, encoded once for all sessions, so that a refresh of many open pages costs little.
"""

from dataclasses import astuple
from typing import Any

import msgspec
import streamlit as st

from analytics.vocabulary import State
from app.alerts.health import healths
from app.production.figures import Question
from app.production.overview import MachineNow
from app.ui.answers import overview_of
from app.ui.component import component
from app.ui.formats import age, count, percent
from app.ui.overview.words import attention, machine_link, why
from app.ui.palette import STATE_TONES
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection

FAINT = frozenset({State.UNKNOWN, State.OFF})
"""States whose colour is too pale for an icon."""


def board(at: Scene, selection: Selection, question: Question) -> None:
    """Draw the sentences and the cards; each name on it is a link that keeps the time range."""
    health = {one.key: one.score for one in healths(at.access)}
    money = at.money_rate
    asked = (*astuple(question), selection.range_key, selection.days, *health.items(), money)
    content = _encoded(at.access.factory.id, asked, at.stamp, at, selection, question, health, money)
    component("board")(key="board", data=content)


@st.cache_resource(ttl=120, max_entries=64, show_spinner=False)
def _encoded(
    factory: int,
    asked: tuple[Any, ...],
    stamp: int,
    _at: Scene,
    _selection: Selection,
    _question: Question,
    _health: dict[str, int],
    _money: tuple[float, str] | None,
) -> bytes:
    found = overview_of(_at, _question)
    return msgspec.json.encode(
        {
            "why": why(found, _selection, _money),
            "attention": attention(found, _at.now_us, _selection),
            "wall": [
                {**card(machine, _at.now_us, _selection), "health": _health.get(machine.key)}
                for machine in found.machines
            ],
        }
    )


def card(machine: MachineNow, now_us: int, selection: Selection) -> dict[str, Any]:
    """One machine as the script draws it."""
    tone = STATE_TONES[machine.state]
    since = "" if machine.since_us is None else age(machine.since_us, now_us).replace(" ago", "")
    is_silent = machine.since_us is None and machine.state is State.UNKNOWN
    words = "No live state" if is_silent else tone.word
    return {
        "name": machine.name,
        "href": machine_link(machine.key, selection),
        "line": machine.line,
        "state": f"{words} {since}".strip(),
        "icon": tone.icon.removeprefix(":material/").removesuffix(":"),
        "token": tone.token,
        "mark": "@muted" if machine.state in FAINT else tone.token,
        "alarm": machine.state is State.DOWN,
        "why": f"needs {machine.missing}" if machine.missing else machine.reason,
        "hint": f"OEE is not evaluable: {machine.missing}" if machine.missing else machine.reason,
        "oee": percent(machine.oee, 0) if machine.oee is not None else "–",
        "share": machine.oee,
        "parts": parts(machine),
        "behind": machine.expected is not None and machine.good < machine.expected,
    }


def parts(machine: MachineNow) -> str:
    """The good parts, and how far they are from what the target expects."""
    made = f"{count(machine.good)} good"
    if machine.expected is None:
        return made
    gap = round(machine.good - machine.expected)
    if gap == 0:
        return f"{made}, on target"
    return f"{made}, {count(abs(gap))} {'ahead' if gap > 0 else 'behind'}"
