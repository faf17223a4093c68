"""Conditions and rules are read from JSON; each mistake is named by its place."""

from typing import Any

import pytest

from analytics.errors import InvalidInput
from analytics.rules import parse, parse_rule
from analytics.rules.conditions import Group, Threshold, as_json, look_back_s, parameters
from analytics.rules.sentences import sentence

FACTORYOPS = {
    "operator": "AND",
    "conditions": [
        {"parameter": "spindle_temp", "operator": "gt", "threshold": 80},
        {
            "operator": "OR",
            "conditions": [
                {"parameter": "coolant_flow", "operator": "lt", "threshold": 5},
                {"parameter": "vibration", "operator": "gt", "threshold": 10},
            ],
        },
    ],
}
EVERY_KIND = [
    {"kind": "threshold", "parameter": "p", "operator": "between", "threshold": 1, "upper": 2},
    {"kind": "threshold", "parameter": "p", "operator": "gt", "threshold": 80, "exit": 75, "for_s": 60},
    {"kind": "threshold", "parameter": "mode", "operator": "neq", "threshold": "auto"},
    {"kind": "frequent", "parameter": "p", "operator": "gt", "threshold": 1, "n": 3, "m": 5},
    {"kind": "rate", "parameter": "p", "operator": "gt", "threshold": 1, "per_s": 60},
    {"kind": "delta", "parameter": "p", "operator": "lt", "threshold": -1, "window_s": 600},
    {"kind": "aggregate", "parameter": "p", "measure": "percentile", "operator": "gt", "threshold": 1,
     "window_s": 600, "percentile": 90},
    {"kind": "no_data", "parameter": "p", "longer_s": 300},
    {"kind": "frozen", "parameter": "p", "longer_s": 300},
    {"kind": "baseline", "parameter": "p", "sigmas": 4, "side": "above"},
    {"kind": "state", "states": ["running", "idle"]},
]  # fmt: skip


def test_a_factoryops_tree_is_read_as_it_is() -> None:
    found = parse(FACTORYOPS)
    assert isinstance(found, Group)
    assert found.conditions[0] == Threshold("spindle_temp", "gt", 80.0)
    assert parameters(found) == ("spindle_temp", "coolant_flow", "vibration")


@pytest.mark.parametrize("body", [*EVERY_KIND, FACTORYOPS], ids=lambda body: body.get("kind", "tree"))
def test_a_condition_survives_being_written_and_read(body: dict[str, Any]) -> None:
    assert parse(as_json(parse(body))) == parse(body)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "conditions.parameter"),
        ([], "conditions"),
        ({"kind": "magic"}, "conditions.kind"),
        ({"parameter": "p", "operator": "like", "threshold": 1}, "conditions.operator"),
        ({"parameter": "p", "operator": "gt", "threshold": "hot"}, "conditions.operator"),
        ({"parameter": "p", "operator": "gt", "threshold": True}, "conditions.threshold"),
        ({"parameter": "p", "operator": "gt", "threshold": float("nan")}, "conditions.threshold"),
        ({"parameter": "p", "operator": "between", "threshold": 2, "upper": 1}, "conditions.upper"),
        ({"parameter": "p", "operator": "gt", "threshold": 80, "exit": 85}, "conditions.exit"),
        ({"parameter": "p", "operator": "gt", "threshold": 1, "for_s": -1}, "conditions.for_s"),
        ({"parameter": "p", "operator": "gt", "threshold": 1, "n": 3}, "conditions.n"),
        ({**EVERY_KIND[3], "n": 6}, "conditions.n"),
        ({"kind": "no_data", "parameter": "p"}, "conditions.longer_s"),
        ({"kind": "state", "states": ["dreaming"]}, "conditions.states"),
        ({"operator": "XOR", "conditions": [EVERY_KIND[0]]}, "conditions.operator"),
        ({"operator": "AND", "conditions": []}, "conditions.conditions"),
        ({"operator": "AND", "conditions": [EVERY_KIND[0], {"parameter": "p"}]}, "conditions[1].operator"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_place(body: Any, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(body)
    assert place in [problem.field for problem in caught.value.problems]


def test_a_tree_that_is_too_deep_or_too_wide_is_refused() -> None:
    deep: dict[str, Any] = EVERY_KIND[0]
    for _ in range(9):
        deep = {"operator": "AND", "conditions": [deep]}
    with pytest.raises(InvalidInput, match="deep"):
        parse(deep)
    with pytest.raises(InvalidInput, match="at most"):
        parse({"operator": "OR", "conditions": [EVERY_KIND[0]] * 101})


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"severity": "urgent"}, "severity"),
        ({"cooldown_minutes": -1}, "cooldown_minutes"),
        ({"cooldown_minutes": "15"}, "cooldown_minutes"),
        ({"schedule_type": "sometimes"}, "schedule_type"),
        ({"schedule_type": "time_window", "schedule_config": {"start_time": "25:00", "end_time": "06:00"}},
         "schedule_config.start_time"),
        ({"schedule_type": "time_window", "schedule_config": {"start_time": "22:00", "end_time": "06:00",
          "days": [0]}}, "schedule_config.days"),
        ({"schedule_type": "date_range", "schedule_config": {"start_date": "2026-02-01",
          "end_date": "2026-01-01"}}, "schedule_config.end_date"),
        ({"unknown": "guess"}, "unknown"),
        ({"k": -1}, "k"),
        ({"levels": [{"severity": "low", "conditions": {}}]}, "levels[0].conditions.parameter"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_at_its_field(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_rule({"conditions": FACTORYOPS, "severity": "high", **changes})
    assert place in [problem.field for problem in caught.value.problems]


def test_a_rule_says_how_far_back_it_must_see() -> None:
    assert look_back_s(parse({"operator": "AND", "for_s": 60, "conditions": EVERY_KIND})) == 3_660
    assert parse_rule({"conditions": FACTORYOPS, "on_delay_s": 30}).look_back_s == 330


def test_a_condition_is_told_in_plain_words() -> None:
    units = {"spindle_temp": "°C", "coolant_flow": "L/min"}
    assert sentence(parse(FACTORYOPS), units) == (
        "spindle_temp is above 80 °C, and (coolant_flow is below 5 L/min or vibration is above 10)"
    )
    held = parse({"operator": "NOT", "conditions": [EVERY_KIND[7]], "for_s": 120})
    assert sentence(held) == "it is not so that p sent nothing for 5 min, for 2 min"


@pytest.mark.parametrize("body", EVERY_KIND, ids=lambda body: body["kind"])
def test_every_kind_of_condition_has_a_sentence(body: dict[str, Any]) -> None:
    said = sentence(parse(body))
    assert len(said.split()) >= 4
    assert "None" not in said
