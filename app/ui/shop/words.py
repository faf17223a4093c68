"""How jobs and tools are named on pages."""

from typing import Final

from analytics.twin.lathe.materials import MATERIALS
from app.shop.jobs import StoredJob
from app.ui.formats import number

STATE_WORDS: Final = {
    "open": "Not planned", "planned": "Planned", "running": "Running", "paused": "Paused",
    "finished": "Finished", "cancelled": "Cancelled",
}  # fmt: skip
KIND_WORDS: Final = {
    "insert": "Insert", "drill": "Drill", "boring_bar": "Boring bar", "wheel": "Wheel", "mill": "Mill",
    "die": "Die", "other": "Other",
}  # fmt: skip
WHY_WORDS: Final = {"worn": "Worn", "broken": "Broken", "other_job": "Another job", "other": "Other"}
STANDING_WORDS: Final = {
    "good": ":material/check_circle: good", "soon": ":material/schedule: change soon",
    "worn": ":material/error: worn out", "unknown": ":material/help: not known",
}  # fmt: skip
SOURCE_WORDS: Final = {
    "signal": "sent by the machine", "measured": "measured, and what was cut since",
    "twin": "what was cut, by the tool's life law",
}  # fmt: skip
CYCLE_WORDS: Final = {
    "given": "entered",
    "twin": "from the lathe's twin",
    "machine": "the machine's own",
    "": "",
}
CUTTING: Final = (
    ("speed_m_min", "Cutting speed (m/min)", "%.1f"),
    ("feed_mm", "Feed (mm per revolution)", "%.3f"),
    ("depth_mm", "Depth of cut (mm)", "%.2f"),
    ("diameter_mm", "Diameter (mm)", "%.1f"),
    ("length_mm", "Length (mm)", "%.1f"),
    ("passes", "Passes", "%.0f"),
)


def material_word(key: str) -> str:
    """A material as people call it."""
    return MATERIALS[key].name if key in MATERIALS else key


def job_word(one: StoredJob) -> str:
    """What a job does, in a line: 40 x turning, Mild steel, tool 5."""
    parts = [one.draft.operation or "job", material_word(one.draft.material)]
    if one.draft.tool is not None:
        parts.append(f"tool {one.draft.tool}")
    return f"{number(one.draft.quantity)} x " + ", ".join(part for part in parts if part)


def plain(text: str) -> str:
    """Text of people is not Markdown."""
    return "".join(f"\\{mark}" if mark in "\\`*_[]<>#~:$|" else mark for mark in text)
