"""The machine wall: one card a machine, worst first, as one component so that a refresh costs little."""

from functools import cache
from importlib import resources
from typing import Any, cast

import msgspec
import streamlit as st

from analytics.vocabulary import State
from app.production.overview import MachineNow
from app.ui.formats import age, count, percent
from app.ui.palette import STATE_TONES, token_colors


@cache
def _component() -> Any:
    folder = resources.files("app.ui") / "assets"
    palette = {"light": token_colors("light"), "dark": token_colors("dark")}
    script = f"const PALETTE = {msgspec.json.encode(palette).decode()}\n"
    return cast(
        "Any",
        st.components.v2.component(
            "gemba_wall",
            html='<ul class="wall" aria-label="Machines, worst first"></ul>',
            css=(folder / "wall.css").read_text("utf-8"),
            js=script + (folder / "wall.js").read_text("utf-8"),
            isolate_styles=False,
        ),
    )


def machine_wall(machines: tuple[MachineNow, ...], now_us: int) -> str | None:
    """Draw the cards; the key of the machine that was clicked in this run, or None."""
    cards = [_card(machine, now_us) for machine in machines]
    result = _component()(key="wall", data=msgspec.json.encode(cards), on_open_change=_nothing)
    chosen = result.get("open")
    return str(chosen) if chosen else None


def _nothing() -> None:
    """The rerun itself is the answer; Streamlit wants a callback to name the event."""


def _card(machine: MachineNow, now_us: int) -> dict[str, Any]:
    tone = STATE_TONES[machine.state]
    since = "" if machine.since_us is None else age(machine.since_us, now_us).replace(" ago", "")
    return {
        "key": machine.key,
        "name": machine.name,
        "line": machine.line,
        "state": tone.word,
        "icon": tone.icon.removeprefix(":material/").removesuffix(":"),
        "token": tone.token,
        "alarm": machine.state is State.DOWN,
        "since": since,
        "reason": machine.reason,
        "oee": percent(machine.oee, 0) if machine.oee is not None else "—",
        "share": machine.oee,
        "missing": machine.missing,
        "parts": _parts(machine),
        "behind": machine.expected is not None and machine.good < machine.expected,
    }


def _parts(machine: MachineNow) -> str:
    if machine.expected is None:
        return f"{count(machine.good)} good"
    return f"{count(machine.good)} of {count(machine.expected)}"
