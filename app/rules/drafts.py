"""A rule as people and the API describe it, checked against the plant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from analytics.errors import FieldProblem, InvalidInput
from analytics.rules.conditions import Leaf, Threshold, leaves
from analytics.rules.rule import Rule, parse_rule
from app.notify.kinds import CHANNELS
from app.production.plant import Plant
from app.rules.running import rule_parameters
from data.models import Machine

SCOPES: Final = ("device", "lines", "types", "global")
BODY: Final = (
    "conditions", "severity", "levels", "schedule_type", "schedule_config", "cooldown_minutes", "on_delay_s",
    "off_delay_s", "max_gap_s", "lateness_s", "unknown", "k", "suppress", "notification_channels",
)  # fmt: skip
"""The fields of a rule's body; what else a rule has describes where it applies."""
FIRST_MINUTES: Final = 15


@dataclass(frozen=True, slots=True)
class Draft:
    """What can be said about a rule. `target` holds machine ids, line keys or types, as `scope` says."""

    name: str
    body: Mapping[str, Any]
    description: str = ""
    scope: str = "device"
    target: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownRule:
    """A rule as it is stored. `published` is the number of the version that runs, 0 for none."""

    id: int
    name: str
    description: str
    scope: str
    target: tuple[Any, ...]
    body: Mapping[str, Any]
    published: int
    has_changes: bool
    is_active: bool
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


def checked(known: Plant, draft: Draft) -> Rule:
    """The rule of a draft; InvalidInput names every field with something wrong."""
    found: list[FieldProblem] = []
    if not 1 <= len(draft.name.strip()) <= 255:
        found.append(FieldProblem("name", "Give the rule a name of at most 255 characters."))
    found += [FieldProblem(name, f"A rule has no field '{name}'.") for name in draft.body if name not in BODY]
    found += _scope(known, draft)
    found += _channels(draft.body.get("notification_channels"))
    try:
        rule = parse_rule(draft.body)
    except InvalidInput as error:
        raise InvalidInput(*found, *error.problems) from error
    found += _unknown_parameters(known, draft, rule)
    if found:
        raise InvalidInput(*found)
    return rule


def targets(known: Plant, scope: str, target: Iterable[Any]) -> list[Machine]:
    """The active machines that a rule of this scope watches."""
    wanted = set(target)
    if scope == "global":
        return list(known.active)
    if scope == "device":
        return [machine for machine in known.active if machine.id in wanted]
    if scope == "types":
        return [machine for machine in known.active if machine.type in wanted]
    lines = {line.id for line in known.rows.lines if line.key in wanted}
    return [machine for machine in known.active if machine.line_id in lines]


def _scope(known: Plant, draft: Draft) -> list[FieldProblem]:
    if draft.scope not in SCOPES:
        return [FieldProblem("scope", f"A scope is one of {', '.join(SCOPES)}.")]
    if draft.scope == "global":
        return []
    field = "device_ids" if draft.scope == "device" else draft.scope
    kinds: dict[str, set[Any]] = {
        "device": {machine.id for machine in known.rows.machines},
        "lines": {line.key for line in known.rows.lines},
        "types": {machine.type for machine in known.rows.machines},
    }
    there = kinds[draft.scope]
    if not draft.target:
        return [FieldProblem(field, "Choose what the rule watches.")]
    return [
        FieldProblem(field, f"There is no such entry in this factory: {one}.")
        for one in draft.target
        if one not in there
    ]


def _channels(given: Any) -> list[FieldProblem]:
    if given is None:
        return []
    if not isinstance(given, Mapping) or not all(isinstance(wanted, bool) for wanted in given.values()):
        return [FieldProblem("notification_channels", 'Give them like {"email": true, "whatsapp": false}.')]
    unknown = sorted(set(given) - set(CHANNELS))
    return [
        FieldProblem(
            f"notification_channels.{name}", f"There is no channel '{name}': use {', '.join(CHANNELS)}."
        )
        for name in unknown
    ]


def _is_word(leaf: Leaf) -> bool:
    return isinstance(leaf, Threshold) and isinstance(leaf.threshold, str)


def _unknown_parameters(known: Plant, draft: Draft, rule: Rule) -> list[FieldProblem]:
    """Parameters that none of the watched machines sends, and texts where numbers are compared."""
    watched = targets(known, draft.scope, draft.target)
    listed = {one.key: one for machine in watched for one in rule_parameters(known, machine.id)}
    if not any(known.parameters(machine.id) for machine in watched):
        listed = {}
    found = []
    places = [
        (f"levels[{number}].conditions" if draft.body.get("levels") else "conditions")
        for number in range(len(rule.levels))
    ]
    for at, condition in zip([*places, "suppress"], rule.conditions, strict=False):
        for leaf in leaves(condition):
            key = getattr(leaf, "parameter", None)
            if key is None or not listed:
                continue
            if key not in listed:
                text = f"None of the machines sends '{key}'; they send {', '.join(sorted(listed)[:12])}."
                found.append(FieldProblem(f"{at}.parameter", text))
            elif listed[key].data_type == "string" and not isinstance(getattr(leaf, "threshold", ""), str):
                found.append(FieldProblem(f"{at}.threshold", f"'{key}' sends words: compare it with a word."))
            elif _is_word(leaf) and listed[key].data_type in {"float", "int"}:
                text = f"'{key}' sends numbers: compare it with a number."
                found.append(FieldProblem(f"{at}.threshold", text))
    return found
