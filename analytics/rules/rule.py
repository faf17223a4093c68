"""A rule: levels of severity with their conditions, and how its alerts come and go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from analytics.errors import FieldProblem, InvalidInput
from analytics.rules.conditions import Condition, look_back_s, parameters, parse, problems
from analytics.rules.schedule import Schedule, parse_schedule

SEVERITIES: Final = ("low", "medium", "high", "critical")
RANK: Final = {name: place + 1 for place, name in enumerate(SEVERITIES)}
UNKNOWN_MEANS: Final = ("hold", "break", "true", "false")
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Level:
    """While the condition holds, an alert has at least this severity."""

    severity: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Rule:
    """What raises alerts. Durations are in seconds.

    `k` of a rule over several machines: it fires for the group when so many of them are in that condition;
    0 means each machine for itself. `unknown` says what missing data does to a truth: hold keeps the last,
    break ends the alert, true and false count as that. While `suppress` holds, its alerts tell nobody.
    """

    levels: tuple[Level, ...]
    schedule: Schedule = field(default_factory=Schedule)
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    cooldown_s: float = 900.0
    max_gap_s: float = 300.0
    lateness_s: float = 60.0
    unknown: str = "hold"
    k: int = 0
    suppress: Condition | None = None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Those of its levels, and the one that suppresses its alerts."""
        own = tuple(level.condition for level in self.levels)
        return own if self.suppress is None else (*own, self.suppress)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that it reads, each once."""
        return tuple(dict.fromkeys(name for one in self.conditions for name in parameters(one)))

    @property
    def look_back_s(self) -> float:
        """How far back a fresh rule must see to know what it would know had it always run."""
        longest = max((look_back_s(one) for one in self.conditions), default=0.0)
        return longest + self.on_delay_s + self.max_gap_s


def parse_rule(body: Mapping[str, Any]) -> Rule:
    """The rule of a JSON body in FactoryOps' form, with ours beside it; InvalidInput names each mistake.

    `conditions` with `severity` is one level; `levels` is a list of {"severity", "conditions"}.
    """
    found: list[FieldProblem] = []
    levels = _levels(body, found)
    schedule = parse_schedule(body.get("schedule_type"), body.get("schedule_config"), found)
    minutes = body.get("cooldown_minutes", 15)
    cooldown = (
        _number(body, "cooldown_minutes", 15, 0, 30 * 1_440, found) * 60 if minutes is not None else 0.0
    )
    unknown = body.get("unknown", "hold")
    if unknown not in UNKNOWN_MEANS:
        found.append(FieldProblem("unknown", f"Missing data does one of {', '.join(UNKNOWN_MEANS)}."))
    k = body.get("k", 0)
    if isinstance(k, bool) or not isinstance(k, int) or not 0 <= k <= 1_000:
        found.append(FieldProblem("k", "Give how many machines must be in the condition, 0 for each alone."))
        k = 0
    rule = Rule(
        levels,
        schedule,
        _number(body, "on_delay_s", 0, 0, DAY_S, found),
        _number(body, "off_delay_s", 0, 0, DAY_S, found),
        cooldown,
        _number(body, "max_gap_s", 300, 1, 7 * DAY_S, found),
        _number(body, "lateness_s", 60, 0, 3_600, found),
        str(unknown),
        k,
        _suppress(body, found),
    )
    if found:
        raise InvalidInput(*found)
    return rule


def _suppress(body: Mapping[str, Any], found: list[FieldProblem]) -> Condition | None:
    given = body.get("suppress")
    if given is None:
        return None
    wrong = problems(given)
    found += [
        FieldProblem(f"suppress{problem.field.removeprefix('conditions')}", problem.message)
        for problem in wrong
    ]
    return None if wrong else parse(given)


def _levels(body: Mapping[str, Any], found: list[FieldProblem]) -> tuple[Level, ...]:
    given = body.get("levels")
    if not given:
        given = [{"severity": body.get("severity", "medium"), "conditions": body.get("conditions")}]
    if not isinstance(given, list) or len(given) > len(SEVERITIES):
        found.append(FieldProblem("levels", "A rule has one to four levels."))
        return ()
    made = []
    for place, one in enumerate(given):
        at = f"levels[{place}]." if body.get("levels") else ""
        if not isinstance(one, Mapping) or one.get("severity") not in RANK:
            found.append(FieldProblem(f"{at}severity", f"A severity is one of {', '.join(SEVERITIES)}."))
            continue
        wrong = problems(one.get("conditions"))
        found += [FieldProblem(f"{at}{problem.field}", problem.message) for problem in wrong]
        if not wrong:
            made.append(Level(one["severity"], parse(one["conditions"])))
    if len({level.severity for level in made}) < len(made):
        found.append(FieldProblem("levels", "Each level has a severity of its own."))
    return tuple(sorted(made, key=lambda level: RANK[level.severity]))


def _number(
    body: Mapping[str, Any], name: str, default: float, least: float, most: float, found: list[FieldProblem]
) -> float:
    value = body.get(name, default)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        found.append(FieldProblem(name, f"Give a number between {least:g} and {most:g}."))
        return float(default)
    return float(value)
