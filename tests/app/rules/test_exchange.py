"""Rules go out as YAML and come back the same; what is wrong is named by rule and place."""

import pytest

from analytics.errors import Forbidden, InvalidInput
from app.production.plant import plant
from app.rules import store
from app.rules.exchange import as_yaml, from_yaml, import_rules
from tests.app.rules.conftest import hot

TWO = """
- name: Too hot
  scope: global
  rule:
    severity: high
    conditions: {parameter: temp, operator: gt, threshold: 80}
- name: At night
  scope: device
  target: [m1]
  rule:
    severity: low
    schedule_type: time_window
    schedule_config: {start_time: 22:00, end_time: 06:00, days: [1, 2]}
    conditions:
      operator: AND
      conditions:
        - {kind: state, states: [down]}
        - {kind: no_data, parameter: flow, longer_s: 300}
"""


def wrong(access, text):
    with pytest.raises(InvalidInput) as caught:
        from_yaml(plant(access), text)
    return {problem.field: problem.message for problem in caught.value.problems}


def test_what_goes_out_comes_back_the_same(access, rule, ids):
    rule()
    rule(hot(levels=[{"severity": "low", "conditions": hot()["conditions"]}]), name="Two", scope="device",
         target=(ids["m1"],))  # fmt: skip
    rules = store.list_rules(access)
    text = as_yaml(plant(access), rules)
    assert "m1" in text
    assert from_yaml(plant(access), text) == [store.as_draft(one) for one in rules]


def test_new_rules_are_drafts_and_known_names_change_theirs(access):
    assert import_rules(access, TWO) == (2, 0)
    assert import_rules(access, TWO.replace("80", "90")) == (0, 2)
    night, hot_one = store.list_rules(access)
    assert (hot_one.published, hot_one.body["conditions"]["threshold"]) == (0, 90)
    assert night.body["schedule_config"]["start_time"] == "22:00"


def test_mistakes_are_named_by_rule_and_place_and_nothing_is_taken(access):
    found = wrong(access, TWO.replace("longer_s: 300", "longer_s: soon").replace("[m1]", "[m9]"))
    assert found == {"2 At night: target": "There is no machine 'm9' in this factory."}
    found = wrong(
        access, TWO.replace("longer_s: 300", "longer_s: soon").replace("threshold: 80", "threshold: x")
    )
    assert set(found) == {"1 Too hot: conditions.operator", "2 At night: conditions[1].longer_s"}
    with pytest.raises(InvalidInput):
        import_rules(access, TWO.replace("longer_s: 300", "longer_s: soon"))
    assert store.list_rules(access) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "file"),
        ("- name: [", "line 1, column 10"),
        ("just words", "1 (no name): rule"),
        ("- name: A\n  rule: 7", "1 A: rule"),
        ("- name: A\n  target: [[1]]\n  rule: {}", "1 A: target"),
        ("- name: 3\n  rule: {}", "1 3: name"),
        ("- name: A\n  colour: red\n  rule: {}", "1 A: colour"),
        ("- &a [1]\n- *a", "line 2, column 3"),
        ("- !!binary aGVsbG8=", "file"),
        ("- !!python/object:os.system {}", "line 1, column 3"),
        ("- name: A\n  rule: {x: 1e999}", "file"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_of_rules_says_where(access, text, place):
    assert place in wrong(access, text)


def test_a_name_that_stands_twice_is_refused(access):
    assert "Too hot" in wrong(access, TWO + TWO)


def test_who_may_not_make_rules_imports_none(acting, access):
    with pytest.raises(Forbidden):
        import_rules(acting("viewer"), TWO)
