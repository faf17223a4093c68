"""Condition trees: typed nodes, read from JSON, with a problem named by its place for each mistake.

A group is {"operator": "AND" | "OR" | "NOT", "conditions": [...]}. A leaf names its kind and that kind's own
fields; a leaf without a kind is a threshold, as in FactoryOps: {"parameter": "spindle_temp", "operator":
"gt", "threshold": 80}. Any node may carry "for_s": it counts only after it was true so long without a break.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeAlias

from analytics.errors import FieldProblem, InvalidInput
from analytics.vocabulary import STATE_WORDS

DEEPEST: Final = 8
MOST_NODES: Final = 100
OPERATORS: Final = ("gt", "gte", "lt", "lte", "eq", "neq", "between", "outside")
MEASURES: Final = ("mean", "min", "max", "count", "std", "percentile")
GROUPS: Final = ("AND", "OR", "NOT")
STATES: Final = {word: int(state) for state, word in STATE_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Group:
    """AND, OR, or NOT (of the OR of its parts)."""

    operator: str
    conditions: tuple["Condition", ...]
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Threshold:
    """The newest value compares with `threshold`; `upper` closes the range of between and outside.

    With `exit` it stays true, once true, until the value is back beyond that (hysteresis).
    """

    parameter: str
    operator: str
    threshold: float | str
    upper: float | None = None
    exit: float | None = None
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Frequent:
    """At least `n` of the last `m` samples compare."""

    parameter: str
    operator: str
    threshold: float
    n: int
    m: int
    upper: float | None = None
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Rate:
    """The change from one sample to the next, per `per_s` seconds, compares."""

    parameter: str
    operator: str
    threshold: float
    per_s: float = 60.0
    upper: float | None = None
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Delta:
    """The value less that of `window_s` ago compares."""

    parameter: str
    operator: str
    threshold: float
    window_s: float
    upper: float | None = None
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A measure of the samples of the last `window_s` compares; `percentile` is 0 to 100."""

    parameter: str
    measure: str
    operator: str
    threshold: float
    window_s: float
    percentile: float = 95.0
    upper: float | None = None
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class NoData:
    """No sample came for `longer_s`."""

    parameter: str
    longer_s: float
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Frozen:
    """Samples come, but their value has not changed for `longer_s`."""

    parameter: str
    longer_s: float
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """The value lies further from the mean of its last `window_s` than `sigmas` standard deviations."""

    parameter: str
    sigmas: float
    window_s: float = 3_600.0
    side: str = "both"
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class InState:
    """The machine is in one of these states."""

    states: tuple[str, ...]
    for_s: float = 0.0


Leaf: TypeAlias = Threshold | Frequent | Rate | Delta | Aggregate | NoData | Frozen | Baseline | InState
Condition: TypeAlias = Group | Leaf
KINDS: Final[dict[str, type[Leaf]]] = {
    "threshold": Threshold,
    "frequent": Frequent,
    "rate": Rate,
    "delta": Delta,
    "aggregate": Aggregate,
    "no_data": NoData,
    "frozen": Frozen,
    "baseline": Baseline,
    "state": InState,
}
KIND_OF: Final = {made: kind for kind, made in KINDS.items()}


def parse(body: Any) -> Condition:
    """The condition of a JSON body; InvalidInput names every mistake by its place, like conditions[1].n."""
    found = problems(body)
    if found:
        raise InvalidInput(*found)
    return _node(body)


def problems(body: Any) -> list[FieldProblem]:
    """What is wrong with a condition, each by its place; empty when nothing is."""
    found: list[FieldProblem] = []
    count = _check(body, "conditions", 1, found)
    if count > MOST_NODES:
        found.append(FieldProblem("conditions", f"A rule has at most {MOST_NODES} conditions."))
    return found


def as_json(condition: Condition) -> dict[str, Any]:
    """The body that `parse` reads as this condition; fields with their default are left out."""
    if isinstance(condition, Group):
        body: dict[str, Any] = {
            "operator": condition.operator,
            "conditions": [as_json(one) for one in condition.conditions],
        }
        return body | ({"for_s": condition.for_s} if condition.for_s else {})
    body = {"kind": KIND_OF[type(condition)]}
    for field in fields(condition):
        value = getattr(condition, field.name)
        if value is not None and (value != field.default or field.name in {"operator", "threshold"}):
            body[field.name] = list(value) if isinstance(value, tuple) else value
    return body


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf, in the order of the tree."""
    if isinstance(condition, Group):
        for one in condition.conditions:
            yield from leaves(one)
    else:
        yield condition


def parameters(condition: Condition) -> tuple[str, ...]:
    """The parameters that a condition reads, each once."""
    named = (leaf.parameter for leaf in leaves(condition) if not isinstance(leaf, InState))
    return tuple(dict.fromkeys(named))


def renamed(condition: Condition, names: Mapping[str, str]) -> Condition:
    """The condition with its parameters under the names that people know; others keep theirs."""
    if isinstance(condition, Group):
        return replace(condition, conditions=tuple(renamed(one, names) for one in condition.conditions))
    if isinstance(condition, InState):
        return condition
    return replace(condition, parameter=names.get(condition.parameter, condition.parameter))


def look_back_s(condition: Condition) -> float:
    """How far back a fresh condition must see to know what it would know had it always run."""
    if isinstance(condition, Group):
        return condition.for_s + max((look_back_s(one) for one in condition.conditions), default=0.0)
    window = max(getattr(condition, "window_s", 0.0), getattr(condition, "longer_s", 0.0))
    return condition.for_s + float(window)


def _node(body: Mapping[str, Any]) -> Condition:
    if "conditions" in body:
        parts = tuple(_node(one) for one in body["conditions"])
        return Group(str(body["operator"]).upper(), parts, float(body.get("for_s", 0.0)))
    made = KINDS[body.get("kind", "threshold")]
    given = {field.name: body[field.name] for field in fields(made) if body.get(field.name) is not None}
    for name, value in given.items():
        if isinstance(value, list):
            given[name] = tuple(value)
        elif isinstance(value, int) and name not in {"n", "m"}:
            given[name] = float(value)
    return made(**given)


def _check(body: Any, at: str, depth: int, found: list[FieldProblem]) -> int:
    """Note the mistakes of a node and all below it; returns how many nodes they are."""
    if not isinstance(body, Mapping):
        found.append(FieldProblem(at, "A condition is an object."))
        return 1
    if depth > DEEPEST:
        found.append(FieldProblem(at, f"Groups can be nested {DEEPEST} deep."))
        return 1
    _seconds(body, "for_s", at, found, least=0.0)
    if "conditions" not in body:
        _leaf(body, at, found)
        return 1
    if str(body.get("operator", "")).upper() not in GROUPS:
        found.append(FieldProblem(f"{at}.operator", "A group is AND, OR or NOT."))
    parts = body["conditions"]
    if not isinstance(parts, list) or not parts:
        found.append(FieldProblem(f"{at}.conditions", "A group needs at least one condition."))
        return 1
    return 1 + sum(_check(one, f"{at}[{n}]", depth + 1, found) for n, one in enumerate(parts))


def _leaf(body: Mapping[str, Any], at: str, found: list[FieldProblem]) -> None:
    kind = body.get("kind", "threshold")
    made = KINDS.get(kind) if isinstance(kind, str) else None
    if made is None:
        found.append(FieldProblem(f"{at}.kind", f"There is no condition {kind!r}; use {', '.join(KINDS)}."))
        return
    names = {field.name for field in fields(made)}
    found += [
        FieldProblem(f"{at}.{name}", f"A condition of kind {kind} has no field '{name}'.")
        for name in body
        if name not in names and name not in {"kind", "id"}
    ]
    if "parameter" in names and not (isinstance(body.get("parameter"), str) and body["parameter"].strip()):
        found.append(FieldProblem(f"{at}.parameter", "Name the parameter."))
    if "operator" in names:
        _comparison(body, kind, at, found)
    _own_fields(body, kind, at, found)


def _comparison(body: Mapping[str, Any], kind: str, at: str, found: list[FieldProblem]) -> None:
    operator, threshold = body.get("operator"), body.get("threshold")
    if operator not in OPERATORS:
        found.append(FieldProblem(f"{at}.operator", f"Compare with one of {', '.join(OPERATORS)}."))
        return
    if isinstance(threshold, str) and kind == "threshold":
        if operator not in {"eq", "neq"}:
            found.append(FieldProblem(f"{at}.operator", "A text can only be equal (eq) or not (neq)."))
        return
    if not _is_number(threshold):
        found.append(FieldProblem(f"{at}.threshold", "Give a number to compare with."))
        return
    if operator in {"between", "outside"}:
        upper = body.get("upper")
        if not _is_number(upper) or not upper >= threshold:  # type: ignore[operator]
            found.append(FieldProblem(f"{at}.upper", "The upper limit is a number, not below the lower one."))
    exit_at = body.get("exit")
    if exit_at is None:
        return
    if not _is_number(exit_at) or operator not in {"gt", "gte", "lt", "lte"}:
        found.append(FieldProblem(f"{at}.exit", "An exit threshold goes with gt, gte, lt and lte."))
    elif (exit_at > threshold) if operator in {"gt", "gte"} else (exit_at < threshold):
        found.append(
            FieldProblem(f"{at}.exit", "The exit threshold lies on the other side of the threshold.")
        )


def _own_fields(body: Mapping[str, Any], kind: str, at: str, found: list[FieldProblem]) -> None:
    """The fields that only this kind of leaf has."""
    match kind:
        case "frequent":
            n, m = body.get("n"), body.get("m")
            if not (isinstance(n, int) and isinstance(m, int) and 1 <= n <= m <= 1_000):
                found.append(FieldProblem(f"{at}.n", "N of M: whole numbers, 1 <= n <= m <= 1000."))
        case "rate":
            _seconds(body, "per_s", at, found, least=0.001)
        case "delta":
            _seconds(body, "window_s", at, found, least=1.0, needed=True)
        case "aggregate":
            _measure(body, at, found)
        case "baseline":
            _seconds(body, "window_s", at, found, least=1.0)
            if not _is_number(body.get("sigmas")) or not body["sigmas"] > 0:
                found.append(FieldProblem(f"{at}.sigmas", "Give a number of standard deviations above 0."))
            if body.get("side", "both") not in {"both", "above", "below"}:
                found.append(FieldProblem(f"{at}.side", "A side is both, above or below."))
        case "no_data" | "frozen":
            _seconds(body, "longer_s", at, found, least=1.0, needed=True)
        case "state":
            states = body.get("states")
            if not isinstance(states, list) or not states or not set(map(str, states)) <= STATES.keys():
                found.append(FieldProblem(f"{at}.states", f"Choose from {', '.join(STATES)}."))


def _measure(body: Mapping[str, Any], at: str, found: list[FieldProblem]) -> None:
    _seconds(body, "window_s", at, found, least=1.0, needed=True)
    if body.get("measure") not in MEASURES:
        found.append(FieldProblem(f"{at}.measure", f"Measure one of {', '.join(MEASURES)}."))
    share = body.get("percentile", 95.0)
    if not _is_number(share) or not 0 <= share <= 100:
        found.append(FieldProblem(f"{at}.percentile", "A percentile lies between 0 and 100."))


def _seconds(
    body: Mapping[str, Any],
    name: str,
    at: str,
    found: list[FieldProblem],
    *,
    least: float,
    needed: bool = False,
) -> None:
    value = body.get(name)
    if value is None and not needed:
        return
    if not _is_number(value) or not least <= value <= 90 * 86_400:  # type: ignore[operator]
        text = f"Give seconds between {least:g} and 90 days."
        found.append(FieldProblem(f"{at}.{name}", text))


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < float("inf")
