"""The rule that a person is editing: kept in the session until it is saved or left."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st

from app.notify.kinds import CHANNELS
from app.rules.drafts import Draft, KnownRule
from app.ui.rules.shapes import fresh

FORM: Final = "rule-form"
MOST_STEPS: Final = 200
Levels = list[dict[str, Any]]
SETTINGS: Final[dict[str, Any]] = {
    "cooldown_minutes": 15, "on_delay_s": 0, "off_delay_s": 0, "max_gap_s": 300, "lateness_s": 60,
    "unknown": "hold", "k": 0, "suppress": None, "schedule_type": "always", "schedule_config": {},
    "notification_channels": {},
}  # fmt: skip
"""The settings of a rule's life, with what holds where nothing is said."""
ALWAYS: Final = ("cooldown_minutes",)


@dataclass(slots=True)
class Form:
    """A draft being edited. `id` is None for a new rule; `was` is the body that it began with."""

    id: int | None = None
    version: int = 0
    name: str = ""
    description: str = ""
    scope: str = "global"
    target: tuple[Any, ...] = ()
    levels: Levels = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(SETTINGS))
    was: Mapping[str, Any] = field(default_factory=dict)
    past: list[str] = field(default_factory=list)
    future: list[str] = field(default_factory=list)
    round: int = 0
    """Moves when the conditions were changed from outside the tree, so that it draws them anew."""
    window_round: int = 0
    is_tried: bool = False
    """Whether somebody tried to save it: before that, a rule that was just begun is not marked as wrong."""

    @property
    def is_untouched(self) -> bool:
        """Whether its conditions are those that every new rule begins with."""
        return self.id is None and not self.past and not self.is_tried

    def body(self) -> dict[str, Any]:
        """The body as it is stored: one level in FactoryOps' form, several as `levels`."""
        kept = self.conditions()
        for name, value in self.settings.items():
            if value != SETTINGS.get(name) or name in self.was or name in ALWAYS:
                kept[name] = value
        return copy.deepcopy(kept)

    def conditions(self) -> dict[str, Any]:
        """The part of the body that is the conditions with their severities."""
        if len(self.levels) == 1:
            return {"severity": self.levels[0].get("severity"), "conditions": self.levels[0]["conditions"]}
        return {"levels": self.levels}

    def text(self) -> str:
        """The conditions as JSON for people."""
        return json.dumps(self.conditions(), indent=2, ensure_ascii=False)

    def draft(self) -> Draft:
        """The draft that the form describes."""
        target = () if self.scope == "global" else self.target
        return Draft(self.name.strip(), self.body(), self.description, self.scope, target)

    def change(self, levels: Levels) -> None:
        """Other conditions; the ones before can be had back."""
        now = json.dumps(self.levels)
        if json.dumps(levels) == now:
            return
        self.past = [*self.past[-MOST_STEPS:], now]
        self.future = []
        self.levels = levels

    def step(self, back: bool) -> bool:
        """Undo or redo one change of the conditions; False where there is none."""
        source, other = (self.past, self.future) if back else (self.future, self.past)
        if not source:
            return False
        other.append(json.dumps(self.levels))
        self.levels = json.loads(source.pop())
        self.round += 1
        return True


def current() -> Form | None:
    """The form that is open, if one is."""
    found: Form | None = st.session_state.get(FORM)
    return found


def begin(known: KnownRule | None, parameter: str = "") -> Form:
    """Open the form, with a first condition or with a stored rule."""
    form = Form(levels=[{"severity": "medium", "conditions": fresh("threshold", parameter)}])
    if known is not None:
        form = Form(
            known.id, known.version, known.name, known.description, known.scope, tuple(known.target),
            levels_of(known.body), settings_of(known.body), known.body,
        )  # fmt: skip
    forget_widgets()
    st.session_state[FORM] = form
    return form


def leave() -> None:
    """Close the form; what was not saved is gone."""
    st.session_state.pop(FORM, None)
    forget_widgets()


def forget_widgets() -> None:
    """Let the form's widgets begin with what the next form holds."""
    for key in [key for key in st.session_state if str(key).startswith("re-")]:
        del st.session_state[key]


def levels_of(body: Mapping[str, Any]) -> Levels:
    """The levels of a stored body, each with severity and conditions."""
    given = body.get("levels") or [
        {"severity": body.get("severity", "medium"), "conditions": body.get("conditions", {})}
    ]
    return [copy.deepcopy(dict(one)) for one in given]


def settings_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The life settings of a stored body; channels that nothing is said of are off."""
    found = copy.deepcopy(SETTINGS)
    for name in SETTINGS:
        if body.get(name) is not None:
            found[name] = copy.deepcopy(body[name])
    if "cooldown_minutes" in body and body["cooldown_minutes"] is None:
        found["cooldown_minutes"] = 0
    return found


def channels_on(form: Form) -> list[str]:
    """The channels that the rule sends to."""
    return [name for name in CHANNELS if form.settings["notification_channels"].get(name)]
