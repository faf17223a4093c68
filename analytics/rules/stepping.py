"""One step of a rule over a stretch of time: truths of its conditions, events of its alert, memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from analytics.rules.conditions import Condition, Group
from analytics.rules.inputs import Inputs
from analytics.rules.leaves import SECOND, Kept, Stretch, evaluate
from analytics.rules.life import Event, Life, live
from analytics.rules.rule import Rule
from analytics.rules.schedule import open_times
from analytics.rules.suppression import suppressed
from analytics.rules.truth import LONG_AGO, Pieces, all_of, any_of, at_least, for_a_while, none_of


@dataclass(slots=True)
class Node:
    """What one node of a condition tree remembers: its samples, when it was last false, last unknown."""

    kept: Kept = field(default_factory=Kept)
    ended: tuple[int, int] = (LONG_AGO, LONG_AGO)


@dataclass(slots=True)
class RuleState:
    """All that a rule remembers at `until_us`: of each machine the nodes of each level, and its alert."""

    until_us: int
    nodes: dict[str, list[Node]] = field(default_factory=dict)
    life: Life = field(default_factory=Life)

    def as_json(self) -> dict[str, Any]:
        """The state as plain values, for keeping."""
        return {
            "until_us": self.until_us,
            "nodes": {
                machine: [
                    [node.kept.times, node.kept.values, node.kept.own, list(node.ended)] for node in nodes
                ]
                for machine, nodes in self.nodes.items()
            },
            "life": self.life.as_json(),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "RuleState":
        """The state that `as_json` gave."""
        nodes = {
            machine: [Node(Kept(n[0], n[1], n[2]), (n[3][0], n[3][1])) for n in kept]
            for machine, kept in body["nodes"].items()
        }
        return cls(int(body["until_us"]), nodes, Life(**body["life"]))


def fresh_state(start_us: int) -> RuleState:
    """A rule that has seen nothing before `start_us`."""
    return RuleState(start_us)


def step(
    rule: Rule, state: RuleState, inputs: Mapping[str, Inputs], until_us: int, zone: ZoneInfo
) -> tuple[list[Event], RuleState]:
    """What happens to the rule's alert in [state.until_us, until_us), and the state there.

    `inputs` are those of the machines that the rule watches together: of one machine, or of all where it
    asks for k of them. They may hold samples from outside the stretch. A step that has no length changes
    nothing.
    """
    if until_us <= state.until_us:
        return [], state
    over = Stretch(state.until_us, until_us, round(rule.max_gap_s * SECOND))
    truths: list[list[Pieces]] = []
    nodes: dict[str, list[Node]] = {}
    for machine, given in inputs.items():
        memory = _Walk(state.nodes.get(machine, []))
        truths.append([memory.truth(condition, given, over) for condition in rule.conditions])
        nodes[machine] = memory.after
    found = [_together(rule, [own[place] for own in truths]) for place in range(len(rule.conditions))]
    opened = open_times(rule.schedule, zone, over.start_us, over.end_us)
    events, life = live(rule, state.life, found[: len(rule.levels)], opened)
    if rule.suppress is not None:
        events = suppressed(events, bool(state.life.rank), life, found[-1])
    return events, RuleState(until_us, nodes, life)


def truths_at(
    rule: Rule, state: RuleState, inputs: Inputs, machine: str, until_us: int
) -> list[tuple[Condition, int]]:
    """Every node of the rule's levels with its truth just before `until_us`: why an alert is there."""
    over = Stretch(state.until_us, until_us, round(rule.max_gap_s * SECOND))
    memory = _Walk(state.nodes.get(machine, []))
    for level in rule.levels:
        memory.truth(level.condition, inputs, over)
    return [(condition, pieces.at(until_us - 1)) for condition, pieces in memory.seen]


def _together(rule: Rule, truths: Sequence[Pieces]) -> Pieces:
    return truths[0] if rule.k == 0 else at_least(truths, rule.k)


class _Walk:
    """One pass over condition trees, node by node in their order."""

    def __init__(self, before: Sequence[Node]) -> None:
        self._before = list(before)
        self._place = 0
        self.after: list[Node] = []
        self.seen: list[tuple[Condition, Pieces]] = []

    def truth(self, condition: Condition, inputs: Inputs, over: Stretch) -> Pieces:
        """The truth of a node; its memory goes to `after`."""
        place = self._place
        self._place += 1
        node = self._before[place] if place < len(self._before) else Node()
        self.after.append(node)
        if isinstance(condition, Group):
            parts = [self.truth(one, inputs, over) for one in condition.conditions]
            pieces = {"AND": all_of, "OR": any_of, "NOT": none_of}[condition.operator](parts)
            kept = node.kept
        else:
            pieces, kept = evaluate(condition, node.kept, inputs, over)
        held, ended = for_a_while(pieces, round(condition.for_s * SECOND), node.ended)
        self.after[place] = Node(kept, ended)
        self.seen.append((condition, held))
        return held
