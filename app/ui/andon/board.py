"""The board as one component: lines with their OEE, machines with state, minutes and parts."""

from typing import Any

import msgspec

from app.production.figures import Question
from app.production.overview import LineLoss
from app.ui.answers import overview_of
from app.ui.component import component
from app.ui.formats import clock, duration, percent
from app.ui.overview.board import card
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection


def andon(at: Scene, selection: Selection, question: Question) -> None:
    """Draw the board."""
    found = overview_of(at, question)
    wanted = {"name", "state", "icon", "token", "mark", "alarm", "why", "parts", "behind"}
    machines = [card(machine, at.now_us, selection) for machine in found.machines]
    content = {
        "plant": at.access.factory.name,
        "shift": selection.label,
        "clock": clock(at.now_us, at.zone),
        "lines": [_line(one) for one in found.lines],
        "machines": [{key: one[key] for key in wanted} for one in machines],
    }
    component("andon")(key="andon", data=msgspec.json.encode(content))


def _line(found: LineLoss) -> dict[str, Any]:
    """A line's OEE against its target; lost where it is below."""
    hint = f"target {percent(found.target, 0)}" if found.target is not None else "no target"
    if found.top:
        hint += f" · {duration(found.top_us / 60e6)} {found.top}, {found.machine}"
    return {
        "name": found.name,
        "oee": percent(found.oee, 0) if found.oee is not None else "–",
        "hint": hint,
        "lost": found.oee is not None and found.target is not None and found.oee < found.target,
    }
