"""Everything that a rule can say is documented, with an example that works."""

import json
import re
from pathlib import Path

import pytest

from analytics.rules.conditions import KINDS, MEASURES, OPERATORS, STATES, problems
from analytics.rules.rule import SEVERITIES, UNKNOWN_MEANS, parse_rule
from app.rules.drafts import BODY, CHANNELS, SCOPES

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text("utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_section_with_an_example(kind):
    section = TEXT.split(f"### `{kind}`\n", 1)[1].split("\n#", 1)[0]
    example = json.loads(re.search(r"```json\n(.*?)```", section, re.DOTALL)[1])
    assert example["kind"] == kind
    assert problems(example) == []


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_has_a_row_with_an_example(operator):
    [row] = re.findall(rf"^\| `{operator}` \|.*\| `(.*)` \|$", TEXT, re.MULTILINE)
    assert json.loads(row)["operator"] == operator
    assert problems(json.loads(row)) == []


def test_every_setting_and_every_word_is_named():
    words = {*BODY, *MEASURES, *STATES, *SEVERITIES, *UNKNOWN_MEANS, *CHANNELS, *SCOPES, "for_s"}
    assert sorted(word for word in words if f"`{word}`" not in TEXT and f'"{word}"' not in TEXT) == []


def test_the_example_of_a_whole_rule_works():
    rule = parse_rule(json.loads(EXAMPLES[0]))
    assert rule.levels[0].severity == "high"
