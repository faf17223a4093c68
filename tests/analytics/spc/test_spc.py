"""Control charts and capability: published examples, patterns made on purpose, plain oracles."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.spc import RULES, capability, ewma, individuals, violations, xbar_r

FLOW = [9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08]


def test_individuals_by_hand() -> None:
    chart = individuals([10, 12, 11, 13, 12, 14, 13, 15])
    assert chart.centre == 12.5
    mean_range = (2 + 1 + 2 + 1 + 2 + 1 + 2) / 7
    assert chart.sigma == pytest.approx(mean_range / 1.128)
    assert chart.upper[0] - chart.centre == pytest.approx(3 * mean_range / 1.128)
    assert chart.spread_upper == pytest.approx(3.267 * mean_range, rel=1e-3)
    assert np.isnan(chart.spread[0])
    assert chart.spread[1:].tolist() == [2, 1, 2, 1, 2, 1, 2]


def test_means_and_ranges_by_hand() -> None:
    groups = [[1, 2, 3], [2, 3, 4], [3, 4, 5], [2, 3, 7]]
    chart = xbar_r(groups)
    assert chart.value.tolist() == [2, 3, 4, 4]
    assert chart.spread.tolist() == [2, 2, 2, 5]
    assert chart.process_sigma == pytest.approx(2.75 / 1.693)
    assert chart.upper[0] == pytest.approx(3.25 + 1.023 * 2.75, rel=1e-3), "A2 of n = 3 is 1.023"
    assert chart.spread_upper == pytest.approx(2.574 * 2.75, rel=1e-3), "D4 of n = 3 is 2.574"


def test_means_take_their_limits_from_the_reference() -> None:
    reference = [[1, 2, 3], [2, 3, 4], [3, 4, 5], [2, 3, 7]]
    chart = xbar_r([[21, 22, 23]], reference)
    alone = xbar_r(reference)
    assert chart.value.tolist() == [22]
    assert (chart.centre, chart.sigma, chart.spread_upper) == (alone.centre, alone.sigma, alone.spread_upper)
    assert violations(chart)["rule_1"].tolist() == [True]
    with pytest.raises(InvalidInput):
        xbar_r([[21, 22, 23]], [[1, 2]] * 4)


def test_ewma_is_the_recursion_with_widening_limits() -> None:
    chart = ewma(FLOW, 0.1, 2.7)
    z, expected = chart.centre, []
    for value in FLOW:
        z = 0.1 * value + 0.9 * z
        expected.append(z)
    assert chart.value == pytest.approx(expected)
    width = chart.upper - chart.centre
    assert width[0] == pytest.approx(2.7 * chart.process_sigma * 0.1)
    assert (np.diff(width) > 0).all()


def test_limits_from_a_reference_judge_later_values() -> None:
    chart = individuals([30.0], reference=[10, 12, 11, 13, 12, 14, 13, 15])
    assert violations(chart)["rule_1"].tolist() == [True]


PATTERNS = {
    1: ([0, 0, 4], [2]),
    2: ([0.5, 0.4] * 4 + [0.5], [8]),
    3: ([-1.2, -0.7, -0.2, 0.3, 0.6, 0.9], [5]),
    4: ([0.2, -0.2] * 7, [13]),
    5: ([2.5, 0.5, 2.5], [2]),
    6: ([1.5, 1.5, 0.2, 1.5, 1.5], [4]),
    7: ([0.5, -0.5, 0.6] * 5, [14]),
    8: ([1.5, -1.5, -1.6, 1.5, 1.2, -1.5, 1.4, 1.9], [7]),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_marks_the_point_that_completes_its_pattern(rule: int) -> None:
    values, marked = PATTERNS[rule]
    chart = individuals(FLOW)
    shaped = np.array(values) * chart.sigma + chart.centre
    found = violations(individuals(shaped, reference=FLOW), (rule,))
    assert np.flatnonzero(found[f"rule_{rule}"]).tolist() == marked


def _oracle(zone: list[float], value: list[float], rule: int, at: int) -> bool:
    def last(n: int) -> list[float]:
        return zone[at - n + 1 : at + 1] if at >= n - 1 else []

    steps = [b - a for a, b in itertools.pairwise(value)]
    if rule == 2:
        part = last(9)
        return bool(part) and (all(z > 0 for z in part) or all(z < 0 for z in part))
    if rule == 3:
        part = steps[at - 5 : at] if at >= 5 else []
        return bool(part) and (all(s > 0 for s in part) or all(s < 0 for s in part))
    if rule == 5:
        part = zone[max(at - 2, 0) : at + 1]
        return any(zone[at] * s > 2 and sum(z * s > 2 for z in part) >= 2 for s in (1, -1))
    part = last(15)
    return bool(part) and all(abs(z) < 1 for z in part)


@given(st.lists(st.floats(-3, 3), min_size=20, max_size=60))
def test_the_rules_equal_a_plain_loop(values: list[float]) -> None:
    chart = individuals(values, reference=FLOW)
    zone = ((chart.value - chart.centre) / chart.sigma).tolist()
    found = violations(chart)
    for rule in (2, 3, 5, 7):
        mine = found[f"rule_{rule}"].tolist()
        assert mine == [_oracle(zone, chart.value.tolist(), rule, at) for at in range(len(values))]


def test_capability_by_hand() -> None:
    values = [9.8, 10.0, 10.2, 10.0, 9.8, 10.0, 10.2, 10.0]
    found = capability(values, 9.4, 10.9)
    deviation = float(np.std(values, ddof=1))
    assert found.cm == pytest.approx(1.5 / (6 * deviation))
    assert found.cmk == pytest.approx(0.6 / (3 * deviation))
    assert found.cp == pytest.approx(1.5 / (6 * 0.2 / 1.128))
    assert found.cpk == pytest.approx(0.6 / (3 * 0.2 / 1.128))
    assert (found.outside, found.expected_outside < 1e-3) == (0.0, True)


def test_with_one_limit_only_the_nearer_side_counts() -> None:
    found = capability(FLOW, None, 14.0)
    assert (found.cm, found.cp) == (None, None)
    assert found.cmk == pytest.approx((14 - np.mean(FLOW)) / (3 * np.std(FLOW, ddof=1)))


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: individuals([1, 2, 3], [1, 2, 3]), "reference"),
        (lambda: individuals([1, np.nan] * 8), "values"),
        (lambda: xbar_r([[1, 2]] * 3), "groups"),
        (lambda: xbar_r([[1]] * 9), "groups"),
        (lambda: ewma(FLOW, 0.0), "weight"),
        (lambda: capability(FLOW, None, None), "limits"),
        (lambda: capability(FLOW, 5, 4), "limits"),
        (lambda: capability([1.0] * 9, 0, 2), "values"),
    ],
)
def test_what_cannot_be_charted_is_refused_by_name(call, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        call()
    assert refused.value.problems[0].field == field
