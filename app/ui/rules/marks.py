"""Where in the tree a mistake stands."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analytics.errors import FieldProblem
from app.ui.rules.form import Levels

_LEVEL = re.compile(r"^levels\[(\d+)\]\.?(.*)$")
_STEP = re.compile(r"\[(\d+)\]")


def marks(levels: Levels, problems: Iterable[FieldProblem]) -> dict[str, str]:
    """Messages by place: `level/step/step:field`, like `0/1/0:threshold`.

    A mistake with a parameter that is told of a whole level is put at the leaves of the parameter that it
    names in quotes.
    """
    found: dict[str, str] = {}
    for problem in problems:
        place = _place(problem.field)
        if place is None or place[0] >= len(levels):
            continue
        level, steps, field = place
        node = levels[level].get("conditions")
        if field in {"parameter", "threshold"} and not steps and _is_group(node):
            for path, leaf in _leaves(node, f"{level}"):
                if f"'{leaf.get('parameter')}'" in problem.message:
                    found[f"{path}:{field}"] = problem.message
            continue
        found["/".join([str(level), *steps]) + f":{field}"] = problem.message
    return found


def elsewhere(problems: Iterable[FieldProblem]) -> list[FieldProblem]:
    """The problems that are not of the tree."""
    return [problem for problem in problems if _place(problem.field) is None]


def _place(field: str) -> tuple[int, list[str], str] | None:
    """Level, steps down the tree, and field (empty: the node itself); None for other fields of a rule."""
    match = _LEVEL.match(field)
    level, rest = (int(match[1]), match[2]) if match else (0, field)
    if rest == "severity" or (match and not rest):
        return level, [], rest
    if not rest.startswith("conditions"):
        return None
    path, _, name = rest.removeprefix("conditions").partition(".")
    return level, _STEP.findall(path), name


def _is_group(node: Any) -> bool:
    return isinstance(node, Mapping) and isinstance(node.get("conditions"), list)


def _leaves(node: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if _is_group(node):
        for number, part in enumerate(node["conditions"]):
            yield from _leaves(part, f"{path}/{number}")
    elif isinstance(node, Mapping):
        yield path, node
