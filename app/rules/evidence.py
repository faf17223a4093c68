"""Why an alert was raised: the evaluated tree with the values of that moment, and a sentence."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.rules import Inputs, RuleState
from analytics.rules.conditions import Condition, Group, InState, Leaf, Threshold, as_json, renamed
from analytics.rules.rule import Rule
from analytics.rules.sentences import number, sentence
from analytics.rules.stepping import truths_at
from analytics.rules.truth import TRUE
from app.alerts.recording import Evidence
from app.production.plant import Plant
from app.rules.running import rule_parameters

WORDS = {0: "false", 1: "unknown", 2: "true"}


def evidence_at(
    known: Plant,
    rule: Rule,
    state: RuleState,
    inputs: Mapping[int, Inputs],
    key_of: Mapping[int, str],
    at_us: int,
) -> Evidence:
    """What each machine's tree said just after `at_us`, and what its parameters were then."""
    tree: list[dict[str, Any]] = []
    values: dict[str, Any] = {}
    shown: dict[str, str] = {}
    said: list[str] = []
    for machine, given in inputs.items():
        rows = rule_parameters(known, machine)
        names = {one.key: one.display_name or one.key for one in rows}
        units = {names[one.key]: one.unit for one in rows} | {one.key: one.unit for one in rows}
        prefix = f"{key_of[machine]}." if len(inputs) > 1 else ""
        for condition, truth in truths_at(rule, state, given, key_of[machine], at_us + 1):
            line: dict[str, Any] = {"machine": key_of[machine], "truth": WORDS[truth]}
            if isinstance(condition, Group):
                tree.append(
                    {**line, "node": condition.operator, "said": sentence(renamed(condition, names), units)}
                )
                continue
            value = value_at(given, condition, at_us)
            tree.append(
                {
                    **line,
                    "node": as_json(condition),
                    "said": sentence(renamed(condition, names), units),
                    "value": value,
                }
            )
            if value is not None and not isinstance(condition, InState):
                unit = units.get(condition.parameter, "")
                values[prefix + condition.parameter] = value
                shown[prefix + condition.parameter] = _shown(value, unit)
            if truth == TRUE:
                said.append(prefix + _said(renamed(condition, names), units, value))
    text = "; ".join(dict.fromkeys(said)) or "; ".join(sentence(one.condition) for one in rule.levels)
    return Evidence(text[:2_000], values, shown, tree[:200])


def value_at(inputs: Inputs, leaf: Leaf, at_us: int) -> float | str | None:
    """The newest value of a leaf's parameter at a moment; None where there is none."""
    if isinstance(leaf, InState):
        return None
    series = inputs.series.get(leaf.parameter)
    if series is None:
        return None
    place = int(np.searchsorted(series.times, at_us, "right")) - 1
    if place < 0:
        return None
    return series.text[place] if series.text is not None else float(series.value[place])


def _shown(value: float | str, unit: str) -> str:
    return f"{number(value, unit)}" if isinstance(value, float) else value


def _said(leaf: Condition, units: Mapping[str, str], value: float | str | None) -> str:
    """The sentence of a leaf, for a threshold with the value in it."""
    text = sentence(leaf, units)
    if isinstance(leaf, Threshold) and isinstance(value, float):
        unit = units.get(leaf.parameter, "")
        return text.replace(f"{leaf.parameter} is", f"{leaf.parameter} ({number(value, unit)}) is", 1)
    return text
