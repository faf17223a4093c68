"""The fields that say what a lathe cuts and how; recommended values stand in them."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from analytics.errors import InvalidInput
from analytics.twin.lathe.checks import standard_process
from analytics.twin.lathe.materials import MATERIALS
from analytics.twin.lathe.process import Process
from analytics.twin.lathe.tools import MAGAZINE, Operation
from app.ui.forms import Problems

FIELDS: Final = (
    ("speed_m_min", "Cutting speed (m/min)", 5.0, "%.1f"),
    ("feed_mm", "Feed (mm per revolution)", 0.01, "%.3f"),
    ("depth_mm", "Depth of cut (mm)", 0.1, "%.2f"),
    ("diameter_mm", "Diameter (mm)", 1.0, "%.1f"),
    ("length_mm", "Length (mm)", 5.0, "%.1f"),
)
WITHOUT: Final = {
    Operation.DRILLING: {"depth_mm"},
    Operation.THREADING: {"depth_mm"},
    Operation.FACING: {"length_mm"},
}


@dataclass(frozen=True, slots=True)
class Job:
    """What stands in the fields."""

    material: str
    job_type: str
    tool_no: int | None
    values: dict[str, float]


def job_fields(key: str, problems: Problems) -> Job:
    """Draw the fields; values follow material, operation and tool until somebody writes over them."""
    material = st.selectbox(
        "Material", list(MATERIALS), format_func=lambda one: MATERIALS[one].name, key=f"{key}-material"
    )
    names = [one.value for one in Operation]
    work = Operation(st.selectbox("Operation", names, format_func=str.capitalize, key=f"{key}-work"))
    fit = [number for number, one in MAGAZINE.items() if work in one.operations]
    preferred = fit.index(5) if 5 in fit else 0
    number = st.selectbox(
        "Tool", fit, index=preferred, key=f"{key}-tool-{work}",
        format_func=lambda one: f"{one} · {MAGAZINE[one].name}",
    )  # fmt: skip
    for name in ("material", "job_type", "tool_no"):
        problems.here(name)
    values = _values(key, _recommended(material, work, number), work, problems)
    return Job(material, work.value, number, values)


def _recommended(material: str, work: Operation, number: int | None) -> Process | None:
    try:
        return standard_process(material, work.value, number)
    except InvalidInput:
        return None


def _values(key: str, base: Process | None, work: Operation, problems: Problems) -> dict[str, float]:
    found: dict[str, float] = {}
    if base is None:
        return found
    shown = [one for one in FIELDS if one[0] not in WITHOUT.get(work, set())]
    columns = st.columns(2)
    stem = f"{key}-{base.material.key}-{work}-{base.tool.number}"
    for place, (name, label, step, shape) in enumerate(shown):
        with columns[place % 2]:
            is_pitch = name == "feed_mm" and work is Operation.THREADING
            found[name] = st.number_input(
                "Pitch (mm)" if is_pitch else label, value=float(getattr(base, name)), step=step,
                format=shape, key=f"{stem}-{name}",
            )  # fmt: skip
            problems.here(name)
    with columns[len(shown) % 2]:
        found["passes"] = st.number_input("Passes", value=base.passes, step=1, key=f"{stem}-passes")
        problems.here("passes")
    return found
