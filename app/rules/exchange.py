"""Rules as YAML: out of one factory and into another, machines by their keys."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from analytics.errors import FieldProblem, InvalidInput
from app.bootstrap import Access
from app.production.plant import Plant, plant
from app.rules.drafts import Draft, KnownRule, checked
from app.rules.store import add_rule, edit_rule, list_rules

MOST_BYTES: Final = 1_000_000
MOST_RULES: Final = 500
FIELDS: Final = ("name", "description", "scope", "target", "rule")


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Plain values only, read as YAML 1.2 does: `22:00` and `on` are texts; references are refused."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.MarkedYAMLError(problem="references are not read", problem_mark=event.start_mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def as_yaml(known: Plant, rules: Iterable[KnownRule]) -> str:
    """The rules' drafts as a list in YAML, by name; machines stand there by their keys."""
    told = [_out(known, rule) for rule in rules]
    return str(yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=100))


def from_yaml(known: Plant, text: str) -> list[Draft]:
    """The drafts of a file; InvalidInput names each mistake by rule and place, like `2 Too hot: scope`."""
    found: list[FieldProblem] = []
    drafts = []
    for number, one in enumerate(_listed(text), start=1):
        named = one.get("name") if isinstance(one, Mapping) else None
        at = f"{number} {named or '(no name)'}"
        try:
            draft = _in(known, one)
            checked(known, draft)
            drafts.append(draft)
        except InvalidInput as error:
            found += [FieldProblem(f"{at}: {each.field}", each.message) for each in error.problems]
    names = [draft.name for draft in drafts]
    twice = sorted({name for name in names if names.count(name) > 1})
    found += [FieldProblem(name, "This name stands twice in the file.") for name in twice]
    if found:
        raise InvalidInput(*found)
    return drafts


def import_rules(access: Access, text: str) -> tuple[int, int]:
    """Take a file's rules as drafts: how many are new, and how many changed the rule of that name.

    Nothing is taken from a file that has a mistake.
    """
    drafts = from_yaml(plant(access), text)
    there = {rule.name: rule for rule in list_rules(access)}
    new = changed = 0
    for draft in drafts:
        rule = there.get(draft.name)
        if rule is None:
            add_rule(access, draft, publish=False)
            new += 1
        else:
            edit_rule(access, rule.id, rule.version, draft, publish=False)
            changed += 1
    return new, changed


def _out(known: Plant, rule: KnownRule) -> dict[str, Any]:
    target = list(rule.target)
    if rule.scope == "device":
        target = [known.machine_by_id[one].device_key for one in target if one in known.machine_by_id]
    told: dict[str, Any] = {"name": rule.name}
    if rule.description:
        told["description"] = rule.description
    told["scope"] = rule.scope
    if target:
        told["target"] = target
    return told | {"rule": dict(rule.body)}


def _in(known: Plant, one: Any) -> Draft:
    if not isinstance(one, Mapping):
        raise InvalidInput(FieldProblem("rule", "A rule has name, scope, target and rule."))
    found = [FieldProblem(str(name), f"Use {', '.join(FIELDS)}.") for name in one if name not in FIELDS]
    body, target, scope = one.get("rule"), one.get("target") or [], one.get("scope", "device")
    if not isinstance(body, Mapping):
        found.append(FieldProblem("rule", "Say under `rule` what it watches: conditions, severity ..."))
    if not isinstance(target, list) or not all(isinstance(key, str) for key in target):
        found.append(FieldProblem("target", "Give a list of keys."))
        target = []
    texts = ("name", "description", "scope")
    found += [FieldProblem(name, "Give a text.") for name in texts if not isinstance(one.get(name, ""), str)]
    if scope == "device":
        unknown = [key for key in target if key not in known.machine_by_key]
        found += [FieldProblem("target", f"There is no machine '{key}' in this factory.") for key in unknown]
        target = [known.machine_by_key[key].id for key in target if key not in unknown]
    if found:
        raise InvalidInput(*found)
    name, description = one.get("name", "").strip(), one.get("description", "")
    return Draft(name, dict(body or {}), description, scope, tuple(target))


def _listed(text: str) -> list[Any]:
    if len(text) > MOST_BYTES:
        raise InvalidInput(FieldProblem("file", "The file is larger than 1 MB."))
    try:
        # The loader makes plain values only.
        read = yaml.load(text, Loader=_Loader)  # noqa: S506
        # What JSON cannot say, no rule can hold.
        read = json.loads(json.dumps(read, allow_nan=False))
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "file"
        said = getattr(error, "problem", None) or "This is not YAML."
        raise InvalidInput(FieldProblem(at, str(said))) from error
    rules = read if isinstance(read, list) else [read]
    if read is None or len(rules) > MOST_RULES:
        raise InvalidInput(FieldProblem("file", f"A file has 1 to {MOST_RULES} rules."))
    return rules
