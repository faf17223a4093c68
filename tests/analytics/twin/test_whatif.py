"""What-if: hand-worked figures of a process, and the direction in which a change moves them."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.errors import InvalidInput
from analytics.twin.lathe.checks import standard_process
from analytics.twin.lathe.cycle import cycle
from analytics.twin.lathe.loads import loads
from analytics.twin.lathe.signals import KEYS, LatheRun
from analytics.twin.lathe.wear import failed_by, tool_life_min
from analytics.twin.whatif import Economics, cheapest_speed, outcome, share_of_parts

BASE = standard_process("mild_steel", "turning", 5, speed_m_min=200.0)
FREE = Economics(other_stops=0.0, scrap=0.0)


def test_costs_add_up_and_follow_from_time_price_and_energy():
    # changed so early that no edge breaks: E(share) = share, stops are changes only
    found = outcome(BASE, change_share=0.2, economics=FREE)
    parts = 0.2 * tool_life_min(BASE) * 60 / cycle(BASE).cutting_s
    assert found.parts_per_edge == pytest.approx(parts, rel=1e-3)
    time_s = cycle(BASE).length_s + 120 / parts
    assert found.machine_cost == pytest.approx(80 / 3_600 * time_s, rel=1e-3)
    assert found.tool_cost == pytest.approx(12 / 4 / parts, rel=1e-3)
    assert found.energy_cost == pytest.approx(0.20 * found.energy_kwh)
    assert found.cost == pytest.approx(found.machine_cost + found.tool_cost + found.energy_cost)
    assert found.parts_per_h == pytest.approx(3_600 / time_s, rel=1e-3)
    assert found.oee == pytest.approx(cycle(BASE).length_s / time_s, rel=1e-3)


def test_the_outcome_agrees_with_a_long_simulated_run():
    run = LatheRun(BASE, 11, 20 * 86_400)
    made = run.at(np.arange(0, 20 * 86_400, 4.0))
    expected = outcome(BASE, economics=FREE)
    assert made.parts[-1] / (20 * 24) == pytest.approx(expected.parts_per_h, rel=0.03)
    energy = made.values[KEYS.index("power_kw")].mean() * 20 * 24 / made.parts[-1]
    assert energy == pytest.approx(expected.energy_kwh, rel=0.03)
    broken = run.plan.is_broken[: made.edge[-1]].mean()
    assert 100 * broken == pytest.approx(expected.breaks_per_100_edges, abs=5)


def test_more_speed_means_less_tool_life_and_a_shorter_cycle():
    fast = outcome(replace(BASE, speed_m_min=240.0), ideal_cycle_s=cycle(BASE).length_s)
    now = outcome(BASE, ideal_cycle_s=cycle(BASE).length_s)
    assert fast.tool_life_min == pytest.approx(now.tool_life_min / 1.2**4)
    assert fast.cycle_s < now.cycle_s
    assert fast.performance > 1 == now.performance
    assert fast.availability < now.availability
    assert fast.tool_cost > now.tool_cost


def test_changing_edges_earlier_breaks_fewer_and_uses_more():
    early, late = (outcome(BASE, change_share=share) for share in (0.6, 1.2))
    assert early.breaks_per_100_edges == pytest.approx(100 * float(failed_by(0.6)))
    assert early.breaks_per_100_edges < late.breaks_per_100_edges / 5
    assert early.parts_per_edge < late.parts_per_edge
    assert early.roughness_rz_um < late.roughness_rz_um
    assert early.quality > late.quality


def test_an_interval_in_parts_is_a_share_of_life():
    parts = outcome(BASE, change_share=0.2).parts_per_edge
    assert share_of_parts(BASE, parts) == pytest.approx(0.2, rel=1e-3)


def test_the_cheapest_speed_is_cheaper_than_its_neighbours():
    best = cheapest_speed(BASE, FREE)
    cost = outcome(best, economics=FREE).cost
    for factor in (0.8, 1.2):
        assert outcome(replace(best, speed_m_min=best.speed_m_min * factor), economics=FREE).cost > cost
    assert loads(best, 0.3).spindle_power_kw <= best.lathe.max_power_kw


@pytest.mark.parametrize("share", [0.0, -1.0, 5.0])
def test_an_impossible_interval_is_refused(share):
    with pytest.raises(InvalidInput, match=r"0\.05 to 3"):
        outcome(BASE, change_share=share)


def test_negative_prices_are_refused_by_name():
    with pytest.raises(InvalidInput) as caught:
        outcome(BASE, economics=Economics(labour_per_h=-1, scrap=2))
    assert {one.field for one in caught.value.problems} == {"labour_per_h", "scrap"}
