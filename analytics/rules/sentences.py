"""Conditions in plain words."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Any, Final

from analytics.rules.conditions import (
    Aggregate,
    Baseline,
    Condition,
    Delta,
    Frequent,
    Frozen,
    Group,
    InState,
    NoData,
    Rate,
    Threshold,
)

Units = Mapping[str, str]
OPERATOR_WORDS: Final = {
    "gt": "above", "gte": "at or above", "lt": "below", "lte": "at or below", "eq": "equal to",
    "neq": "not equal to", "between": "between", "outside": "outside",
}  # fmt: skip
MEASURE_WORDS: Final = {
    "mean": "the mean of", "min": "the lowest", "max": "the highest", "count": "the number of samples of",
    "std": "the standard deviation of",
}  # fmt: skip


def sentence(condition: Condition, units: Units | None = None) -> str:
    """What must hold, in one sentence without a full stop. `units` gives the unit of each parameter.

    >>> from analytics.rules.conditions import parse
    >>> sentence(parse({"parameter": "temp", "operator": "gt", "threshold": 80, "for_s": 300}), {"temp": "C"})
    'temp is above 80 C, for 5 min'
    """
    return _said(condition, units or {}, inner=False)


def duration(seconds: float) -> str:
    """A length of time in its largest whole unit.

    >>> duration(90), duration(300), duration(7200)
    ('90 s', '5 min', '2 h')
    """
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def number(value: float, unit: str = "") -> str:
    """A number as it was given, with its unit."""
    return f"{value:g} {unit}".strip() if isinstance(value, float | int) else f"'{value}'"


def _said(condition: Condition, units: Units, *, inner: bool) -> str:
    said = _group(condition, units) if isinstance(condition, Group) else _leaf(condition, units)
    if condition.for_s:
        said = f"{said}, for {duration(condition.for_s)}"
    is_many = isinstance(condition, Group) and len(condition.conditions) > 1
    return f"({said})" if inner and (is_many or condition.for_s) else said


def _group(group: Group, units: Units) -> str:
    parts = [_said(one, units, inner=True) for one in group.conditions]
    if group.operator == "NOT":
        return "it is not so that " + " or ".join(parts)
    return (", and " if group.operator == "AND" else " or ").join(parts)


def _compared(operator: str, threshold: Any, upper: float | None, unit: str) -> str:
    words = OPERATOR_WORDS[operator]
    if operator in {"between", "outside"}:
        return f"{words} {number(threshold)} and {number(upper or 0.0, unit)}"
    return f"{words} {number(threshold, unit)}"


@singledispatch
def _leaf(leaf: Any, units: Units) -> str:
    raise TypeError(f"no such condition: {leaf!r}")


@_leaf.register
def _threshold(leaf: Threshold, units: Units) -> str:
    unit = units.get(leaf.parameter, "")
    said = f"{leaf.parameter} is {_compared(leaf.operator, leaf.threshold, leaf.upper, unit)}"
    if leaf.exit is None:
        return said
    side = "below" if leaf.operator in {"gt", "gte"} else "above"
    return f"{said} (until it is {side} {number(leaf.exit, unit)})"


@_leaf.register
def _frequent(leaf: Frequent, units: Units) -> str:
    told = _compared(leaf.operator, leaf.threshold, leaf.upper, units.get(leaf.parameter, ""))
    return f"{leaf.n} of the last {leaf.m} samples of {leaf.parameter} are {told}"


@_leaf.register
def _rate(leaf: Rate, units: Units) -> str:
    unit = f"{units.get(leaf.parameter, '')} per {duration(leaf.per_s).removeprefix('1 ')}".strip()
    return f"{leaf.parameter} changes by {_compared(leaf.operator, leaf.threshold, leaf.upper, unit)}"


@_leaf.register
def _delta(leaf: Delta, units: Units) -> str:
    told = _compared(leaf.operator, leaf.threshold, leaf.upper, units.get(leaf.parameter, ""))
    return f"{leaf.parameter} less its value {duration(leaf.window_s)} ago is {told}"


@_leaf.register
def _aggregate(leaf: Aggregate, units: Units) -> str:
    measure = MEASURE_WORDS.get(leaf.measure, f"the {leaf.percentile:g}th percentile of")
    unit = "" if leaf.measure == "count" else units.get(leaf.parameter, "")
    told = _compared(leaf.operator, leaf.threshold, leaf.upper, unit)
    return f"{measure} {leaf.parameter} over {duration(leaf.window_s)} is {told}"


@_leaf.register
def _no_data(leaf: NoData, units: Units) -> str:
    return f"{leaf.parameter} sent nothing for {duration(leaf.longer_s)}"


@_leaf.register
def _frozen(leaf: Frozen, units: Units) -> str:
    return f"{leaf.parameter} has not changed for {duration(leaf.longer_s)}"


@_leaf.register
def _baseline(leaf: Baseline, units: Units) -> str:
    side = {"above": "above", "below": "below"}.get(leaf.side, "away from")
    return (
        f"{leaf.parameter} is more than {leaf.sigmas:g} standard deviations {side} its mean of the last "
        f"{duration(leaf.window_s)}"
    )


@_leaf.register
def _in_state(leaf: InState, units: Units) -> str:
    return "the machine is " + " or ".join(name.replace("_", " ") for name in leaf.states)
