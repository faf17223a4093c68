"""The power of a belt conveyor and of a pump by their formulas."""

import pytest

from analytics.errors import InvalidInput
from analytics.twin.plant.lines.moving import CONVEYOR, PUMP, at_speed, conveyor_power_kw, pump_power_kw


def test_a_level_belt_takes_friction_only_and_a_lift_adds_the_weight():
    level = conveyor_power_kw(360.0, 100.0, 0.0, 2.0, efficiency=1.0)
    assert level == pytest.approx(1.5 * 0.02 * 100 * 9.81 * (60 + 50) * 2 / 1_000)
    lifted = conveyor_power_kw(360.0, 100.0, 10.0, 2.0, efficiency=1.0)
    assert lifted - level == pytest.approx(100.0 * 9.81 * 10.0 / 1_000)  # 100 kg/s by 10 m


def test_a_steep_belt_downhill_gives_less_back_than_the_weight_brings():
    back = conveyor_power_kw(360.0, 100.0, -20.0, 2.0)
    assert -100.0 * 9.81 * 20.0 / 1_000 < back < 0


def test_a_pump_takes_the_hydraulic_power_over_its_efficiency():
    assert pump_power_kw(360.0, 10.0, efficiency=0.5) == pytest.approx(0.1 * 1_000 * 9.81 * 10 / 0.5 / 1_000)
    assert at_speed(100.0, 40.0, 16.0, 1.1) == pytest.approx((110.0, 48.4, 21.296))


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda: conveyor_power_kw(-1.0, 1.0, 1.0, 1.0), "flow_t_h"),
        (lambda: conveyor_power_kw(1.0, 1.0, 1.0, 0.0), "speed_m_s"),
        (lambda: pump_power_kw(1.0, -1.0), "head_m"),
        (lambda: pump_power_kw(1.0, 1.0, efficiency=0.0), "efficiency"),
        (lambda: at_speed(1.0, 1.0, 1.0, float("nan")), "share"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(act, field):
    with pytest.raises(InvalidInput) as found:
        act()
    assert [one.field for one in found.value.problems] == [field]


def test_the_demo_plants_powers_are_those_of_the_formulas():
    belt, pump = (next(one for one in each.signals if one.key == "power_kw") for each in (CONVEYOR, PUMP))
    assert belt.run == round(conveyor_power_kw(120.0, 85.0, 6.0, 1.4), 2)
    assert pump.run == round(pump_power_kw(420.0, 45.0), 1)
