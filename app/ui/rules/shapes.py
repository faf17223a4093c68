"""Which fields each kind of condition has in the editor: derived from the conditions themselves."""

from dataclasses import MISSING, fields
from typing import Any, Final

from analytics.rules.conditions import KINDS, OPERATORS, STATES, Leaf
from analytics.rules.sentences import OPERATOR_WORDS

KIND_WORDS: Final = {
    "threshold": ("Value", "The newest value compares with a limit."),
    "frequent": ("N of M samples", "At least N of the last M samples compare with a limit."),
    "rate": ("Rate of change", "The change from one sample to the next compares with a limit."),
    "delta": ("Change over time", "The value less that of some time ago compares with a limit."),
    "aggregate": ("Mean, highest, ...", "A measure over the last minutes compares with a limit."),
    "no_data": ("No data", "No sample came for some time."),
    "frozen": ("Frozen value", "Samples come, but their value does not change."),
    "baseline": ("Unlike its past", "The value lies far from its own mean."),
    "state": ("Machine state", "The machine is in one of these states."),
}
"""The name and the meaning of each kind."""
FIELD_WORDS: Final[dict[str, tuple[str, str]]] = {
    "parameter": ("parameter", "Parameter"),
    "operator": ("choice", "is"),
    "threshold": ("value", "Limit"),
    "upper": ("value", "Upper limit"),
    "exit": ("value", "Until back beyond"),
    "n": ("whole", "N"),
    "m": ("whole", "of the last M"),
    "per_s": ("seconds", "per"),
    "window_s": ("seconds", "over the last"),
    "measure": ("choice", "Measure"),
    "percentile": ("number", "Percentile"),
    "longer_s": ("seconds", "for longer than"),
    "sigmas": ("number", "Standard deviations"),
    "side": ("choice", "Side"),
    "states": ("states", "States"),
}
"""How a field is entered, and its label."""
CHOICES: Final[dict[str, dict[str, str]]] = {
    "operator": {name: OPERATOR_WORDS[name] for name in OPERATORS},
    "measure": {
        "mean": "mean", "min": "lowest", "max": "highest", "count": "number of samples",
        "std": "standard deviation", "percentile": "percentile",
    },
    "side": {"both": "above or below", "above": "above", "below": "below"},
    "states": {word: word.replace("_", " ") for word in STATES},
}  # fmt: skip
ONLY_WITH: Final[dict[str, tuple[str, list[str]]]] = {
    "upper": ("operator", ["between", "outside"]),
    "exit": ("operator", ["gt", "gte", "lt", "lte"]),
    "percentile": ("measure", ["percentile"]),
}
"""Fields that go with certain values of another."""
STARTS: Final[dict[str, Any]] = {
    "operator": "gt", "n": 3, "m": 5, "window_s": 600, "measure": "mean", "longer_s": 300, "sigmas": 3,
    "states": ["down"],
}  # fmt: skip
"""What a field begins with where the condition has no default of its own."""


def shapes() -> list[dict[str, Any]]:
    """The kinds as the editor draws them: kind, name, hint and fields in their order."""
    return [
        {
            "kind": kind,
            "name": KIND_WORDS[kind][0],
            "hint": KIND_WORDS[kind][1],
            "fields": _fields(made),
        }
        for kind, made in KINDS.items()
    ]


def fresh(kind: str = "threshold", parameter: str = "") -> dict[str, Any]:
    """A new condition of a kind, with what its fields begin with."""
    body: dict[str, Any] = {"kind": kind}
    for field in fields(KINDS[kind]):
        if field.name == "parameter":
            body["parameter"] = parameter
        elif field.default is MISSING and field.name in STARTS:
            body[field.name] = STARTS[field.name]
    return body


def _fields(made: type[Leaf]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    order = list(FIELD_WORDS)
    own = [field for field in fields(made) if field.name != "for_s"]
    if any(field.name == "measure" for field in own):
        order = ["measure", *(name for name in order if name != "measure")]
    for field in sorted(own, key=lambda one: order.index(one.name)):
        entry, label = FIELD_WORDS[field.name]
        found.append(
            {
                "name": field.name,
                "entry": entry,
                "label": label,
                "needed": field.default is MISSING,
                "default": None if field.default is MISSING else field.default,
                "start": STARTS.get(field.name),
                "choices": list(CHOICES.get(field.name, {}).items()),
                "only": ONLY_WITH.get(field.name),
            }
        )
    return found
