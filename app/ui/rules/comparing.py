"""What differs between two versions of a rule, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.production.plant import Plant
from app.ui.rules.form import levels_of
from app.ui.rules.words import level_sentences, scope_words, units_of

MISSING: Final = "\N{EN DASH}"
LEVELS: Final = ("levels", "severity", "conditions")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a version, or the draft, says."""

    label: str
    name: str
    scope: str
    target: tuple[Any, ...]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: its place, and what it was and is, in words."""

    field: str
    before: str
    after: str


def differences(known: Plant, before: Stated, after: Stated) -> list[Difference]:
    """The fields that differ, the sentence of each severity first; empty when both say the same.

    Conditions are compared by their place in the tree, so one that was moved shows at both places.
    """
    old, new = dict(_flat(known, before)), dict(_flat(known, after))
    return [
        Difference(field, old.get(field, MISSING), new.get(field, MISSING))
        for field in dict.fromkeys([*old, *new])
        if old.get(field) != new.get(field)
    ]


def _flat(known: Plant, stated: Stated) -> Iterator[tuple[str, str]]:
    yield from level_sentences(stated.body, units_of(known))
    yield "name", stated.name
    yield "watches", scope_words(known, stated.scope, stated.target)
    yield "target", ", ".join(sorted(str(one) for one in stated.target)) or "everything"
    for level in levels_of(stated.body):
        yield from _fields(f"{level.get('severity')}: conditions", level.get("conditions"))
    yield from _fields("", {name: part for name, part in stated.body.items() if name not in LEVELS})


def _fields(at: str, value: Any) -> Iterator[tuple[str, str]]:
    """Each plain value below, with its place like conditions[1].threshold."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name == "conditions" and isinstance(part, list):
                yield from _fields(at, part)
            else:
                yield from _fields(f"{at}.{name}" if at else str(name), part)
    elif isinstance(value, Sequence) and not isinstance(value, str) and any(_is_nested(one) for one in value):
        for place, part in enumerate(value):
            yield from _fields(f"{at}[{place}]", part)
    else:
        yield at, _said(value)


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | list)


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
