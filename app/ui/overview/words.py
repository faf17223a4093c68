"""What each line lost, in one sentence, and what needs attention: parts of text, some of them links."""

from typing import Any

from app.production.overview import Concern, LineLoss, MachineNow, Overview
from app.ui.formats import age, count, duration, percent
from app.ui.selecting.links import address
from app.ui.selecting.selection import Selection, carried

ICONS = {
    "down": ("error", "@state.down"),
    "silent": ("cloud_off", "@muted"),
    "not_evaluable": ("help", "@muted"),
    "over_speed": ("speed", "@muted"),
    "overlap": ("layers", "@muted"),
}
MOST = 6
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US

Part = tuple[str, str]
"""Words, and the address that they link to; an empty one for plain words."""


def machine_link(key: str, selection: Selection) -> str:
    """The machine's page over the same time."""
    return address("machine", carried(selection, machines=[key]))


def why(
    found: Overview, selection: Selection, money: tuple[float, str] | None = None
) -> list[dict[str, Any]]:
    """One sentence a line, with links to its losses and to the machines that cost the most.

    `money`: what an hour of production is worth, and the currency.
    """
    if not found.lines:
        return [{"parts": [("No line has data in this range.", "")], "quiet": True}]
    return [{"parts": sentence(line, found.machines, selection, money)} for line in found.lines]


def sentence(
    line: LineLoss,
    machines: tuple[MachineNow, ...],
    selection: Selection,
    money: tuple[float, str] | None = None,
) -> list[Part]:
    """One line's result: "Rolling lost 29:09 h, 9:22 h of it on Press, most by reduced speed (2:20 h)."."""
    name = (line.name, address("oee", carried(selection, lines=[line.key])))
    if not line.lost_us:
        return [name, (f" lost no time. {_oee(line)}", "")]
    worth = f" ({count(line.lost_us / HOUR_US * money[0], money[1])})" if money is not None else ""
    parts = [name, (f" lost {duration(line.lost_us / MINUTE_US)}{worth}", "")]
    mine = [machine for machine in machines if machine.line == line.name]
    worst = max(mine, key=lambda machine: machine.lost_us, default=None)
    if worst is not None and len(mine) > 1:
        parts += [
            (f", {duration(worst.lost_us / MINUTE_US)} of it on ", ""),
            (worst.name, machine_link(worst.key, selection)),
        ]
    parts += _top(line, worst, selection)
    return [*parts, (f". {_oee(line)}", "")]


def _top(line: LineLoss, worst: MachineNow | None, selection: Selection) -> list[Part]:
    """The largest single cause, on which machine, and what it took."""
    if not line.top:
        return []
    cause = line.top[:1].lower() + line.top[1:] if line.top[1:2].islower() else line.top
    took = duration(line.top_us / MINUTE_US)
    if worst is not None and line.machine_key == worst.key:
        return [(f", most by {cause} ({took})", "")]
    return [
        (f"; the largest single cause is {cause} on ", ""),
        (line.machine, machine_link(line.machine_key, selection)),
        (f" ({took})", ""),
    ]


def _oee(line: LineLoss) -> str:
    if line.oee is None:
        return "OEE is not evaluable."
    target = f", target {percent(line.target)}" if line.target is not None else ""
    return f"OEE {percent(line.oee)}{target}."


def attention(found: Overview, now_us: int, selection: Selection) -> list[dict[str, Any]]:
    """What somebody should look at, the longest stop first."""
    if not found.concerns:
        return [{"icon": "check_circle", "parts": [("Nothing stands out.", "")], "quiet": True}]
    shown = [
        {
            "icon": ICONS[concern.kind][0],
            "token": ICONS[concern.kind][1],
            "parts": [(_text(concern, now_us), machine_link(concern.machine_key, selection))],
        }
        for concern in found.concerns[:MOST]
    ]
    more = len(found.concerns) - MOST
    return [*shown, {"parts": [(f"and {more} more", "")], "quiet": True}] if more > 0 else shown


def _text(concern: Concern, now_us: int) -> str:
    if concern.since_us is None:
        return concern.text
    return f"{concern.text}, for {age(concern.since_us, now_us).replace(' ago', '')}"
