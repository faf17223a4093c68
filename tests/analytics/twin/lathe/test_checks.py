"""What a lathe cannot do is refused at its field, with the reason and the allowed range."""

import pytest

from analytics.errors import InvalidInput
from analytics.twin.lathe.checks import checked_duration, checked_wear, standard_process
from analytics.twin.lathe.faults import Faults, checked_faults
from analytics.twin.lathe.materials import MATERIALS
from analytics.twin.lathe.tools import MAGAZINE, Operation


def refused(*args, **given):
    with pytest.raises(InvalidInput) as caught:
        standard_process(*args, **given)
    return {one.field: one.message for one in caught.value.problems}


def test_an_unknown_material_is_refused_with_those_that_are_known():
    assert "mild_steel" in refused("unobtainium", "turning", 5)["material"]


def test_an_unknown_operation_is_refused_with_those_that_are_known():
    assert "knurling" in refused("mild_steel", "milling", 5)["operation"]


def test_a_job_needs_a_tool_that_can_do_it():
    assert "needs a tool" in refused("mild_steel", "turning", None)["tool"]
    assert "1 to 12" in refused("mild_steel", "turning", 99)["tool"]
    said = refused("mild_steel", "drilling", 5)["tool"]
    assert "not for drilling" in said
    assert "7, 8" in said


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("speed_m_min", 900.0, "1 to 785.4 m/min"),
        ("speed_m_min", -1.0, "1 to 785.4 m/min"),
        ("feed_mm", 1.5, "0.01 to 0.8 mm"),
        ("depth_mm", 9.0, "0.05 to 8 mm"),
        ("diameter_mm", 500.0, "2 to 320 mm"),
        ("length_mm", 0.0, "1 to 800 mm"),
        ("passes", 0, "1 to 40"),
        ("speed_m_min", float("nan"), "1 to 785.4"),
        ("diameter_mm", float("nan"), "2 to 320"),
    ],
)
def test_a_value_beyond_the_machine_is_refused_with_its_range(field, value, words):
    said = refused("mild_steel", "turning", 5, **{field: value})
    assert words in said[field]


def test_a_cut_beyond_the_spindles_power_names_the_depth_that_it_carries():
    said = refused("hard_steel", "turning", 5, speed_m_min=300.0, feed_mm=0.5, depth_mm=8.0)["depth_mm"]
    most = float(said.split("at most ")[1].split(" mm")[0])
    standard_process("hard_steel", "turning", 5, speed_m_min=300.0, feed_mm=0.5, depth_mm=0.9 * most)
    with pytest.raises(InvalidInput):
        standard_process("hard_steel", "turning", 5, speed_m_min=300.0, feed_mm=0.5, depth_mm=1.2 * most)


def test_a_boring_bar_takes_90_percent_of_its_rating():
    said = refused("hard_steel", "boring", 10, depth_mm=2.0, feed_mm=0.2)["depth_mm"]
    assert "takes 90 % of 500 N" in said


def test_several_mistakes_are_told_at_once():
    assert set(refused("mild_steel", "turning", 5, feed_mm=9.0, length_mm=-1.0)) == {"feed_mm", "length_mm"}


@pytest.mark.parametrize("duration", [-5.0, 0.0, float("nan"), 4_000.0])
def test_a_duration_outside_its_range_is_refused(duration):
    with pytest.raises(InvalidInput, match="outside 1 to 3,600 s"):
        checked_duration(duration, 3_600.0)


@pytest.mark.parametrize("wear", [0.3, 0.9, -0.1, float("nan")])
def test_a_worn_out_tool_is_refused(wear):
    with pytest.raises(InvalidInput, match=r"outside 0 to 0\.3 mm"):
        checked_wear(wear, MAGAZINE[5])


def test_rates_of_faults_are_checked():
    with pytest.raises(InvalidInput, match="0 to 1"):
        checked_faults(Faults(chatter_per_h=3.0))


@pytest.mark.parametrize("work", list(Operation))
@pytest.mark.parametrize("what", list(MATERIALS))
def test_recommended_values_can_be_run_with_every_tool(what, work):
    tools = [one.number for one in MAGAZINE.values() if work in one.operations]
    assert tools
    for number in tools:
        standard_process(what, work, number)
