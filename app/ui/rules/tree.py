"""The tree of conditions, edited in place: levels, nested groups, leaves with their kind's fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import msgspec
import streamlit as st

from analytics.rules.conditions import DEEPEST
from analytics.rules.rule import SEVERITIES
from app.ui.component import component
from app.ui.rules.form import Form, Levels
from app.ui.rules.shapes import fresh, shapes

KEY: Final = "re-tree"


@dataclass(frozen=True, slots=True)
class Offered:
    """A parameter that the watched machines send. `type` is float, int, bool or string."""

    key: str
    name: str
    unit: str
    type: str


def condition_tree(form: Form, offered: Sequence[Offered], marks: Mapping[str, str]) -> None:
    """Draw the tree of the form; what the person changes is in the form when the page runs again."""
    data = {
        "round": form.round,
        "levels": form.levels,
        "marks": dict(marks),
        "parameters": [asdict(one) for one in offered],
        "shapes": shapes(),
        "fresh": fresh("threshold", offered[0].key if offered else ""),
        "severities": list(SEVERITIES),
        "deepest": DEEPEST,
        "can": {"undo": bool(form.past), "redo": bool(form.future)},
    }
    component("tree")(
        key=f"{KEY}-{form.id or 'new'}",
        data=msgspec.json.encode(data),
        on_change_change=_taker(form, f"{KEY}-{form.id or 'new'}"),
        on_step_change=_stepper(form, f"{KEY}-{form.id or 'new'}"),
    )


def taken(form: Form, report: Any) -> None:
    """Take what the tree reports, unless the conditions were changed from elsewhere meanwhile."""
    if not isinstance(report, Mapping) or report.get("round") != form.round:
        return
    levels = report.get("levels")
    if isinstance(levels, list) and levels and all(isinstance(one, dict) for one in levels):
        form.change(cast("Levels", levels))


def _taker(form: Form, key: str) -> Callable[[], None]:
    def take() -> None:
        taken(form, _reported(key, "change"))

    return take


def _stepper(form: Form, key: str) -> Callable[[], None]:
    def step() -> None:
        form.step(_reported(key, "step") == "undo")

    return step


def _reported(key: str, name: str) -> Any:
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None
