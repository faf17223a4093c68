"""The lathe twin against hand-worked values and published examples."""

import math

import numpy as np
import pytest

from analytics.twin.lathe import formulas as law
from analytics.twin.lathe.checks import standard_process
from analytics.twin.lathe.cycle import cycle, facing_diameter_mm, pass_s
from analytics.twin.lathe.loads import forces, loads
from analytics.twin.lathe.materials import MATERIALS, material
from analytics.twin.lathe.wear import failed_by, fails_within, share_at, tool_life_min, wear_after


def turning(what="mild_steel", tool=5, **given):
    return standard_process(
        what, "turning", tool, **{"speed_m_min": 150.0, "feed_mm": 0.2, "depth_mm": 2.0, **given}
    )


def test_mild_steel_at_2_mm_0_2_mm_and_150_m_min_needs_1_2_kn_and_3_kw():
    # kc = 1988 * 0.2^-0.263 = 3036 N/mm2; Fc = 3036 * 2 * 0.2 = 1214 N; Pc = 1214 * 150 / 60000 = 3.04 kW
    found = loads(turning(), 0.1)
    assert found.cutting_force_n == pytest.approx(1_214, abs=1)
    assert found.cutting_power_kw == pytest.approx(3.036, abs=0.005)
    assert found.torque_nm == pytest.approx(1_214 * 50 / 2_000, abs=0.1)
    assert found.spindle_speed_rpm == pytest.approx(1_000 * 150 / (math.pi * 50))
    assert found.spindle_power_kw == pytest.approx(3.036 / 0.8, abs=0.005)


def test_aluminium_in_the_same_cut_needs_0_42_kn_and_1_05_kw():
    # kc = 700 * 0.2^-0.25 = 1047 N/mm2
    found = loads(turning("aluminium"), 0.1)
    assert found.cutting_force_n == pytest.approx(419, abs=1)
    assert found.cutting_power_kw == pytest.approx(1.047, abs=0.002)


def test_wear_shows_in_the_feed_force_and_hardly_in_the_current():
    low, high = loads(turning(), 0.1), loads(turning(), 0.3)

    def rise(name):
        return float(getattr(high, name) / getattr(low, name)) - 1

    assert rise("cutting_force_n") == pytest.approx(0.16, abs=0.001)
    assert rise("feed_force_n") == pytest.approx(0.63, abs=0.001)
    assert rise("passive_force_n") == pytest.approx(0.45, abs=0.001)
    assert rise("machine_power_kw") == pytest.approx(0.08, abs=0.005)
    assert rise("spindle_current_a") == pytest.approx(0.04, abs=0.003)


def test_isc_ars_drilling_example_comes_out():
    # 22 mm, 0.15 mm, kc 2200: Mc = 0.15 * 2200 * 484 / 8000 = 19.97 Nm; at 3855 rpm that is 8.06 kW
    assert law.drilling_torque_nm(0.15, 2_200, 22.0) == pytest.approx(19.97, abs=0.01)
    speed = float(law.cutting_speed(3_855.0, 22.0))
    assert law.drilling_power_kw(0.15, speed, 22.0, 2_200, 1.0) == pytest.approx(8.06, abs=0.01)
    assert 19.965 * 3_855 * 2 * math.pi / 60_000 == pytest.approx(8.06, abs=0.01)
    assert law.drilling_thrust_n(0.15, 2_200, 22.0) == pytest.approx(2_286, abs=1)
    assert law.drilling_thrust_n(0.15, 2_200, 22.0, 70.0) == pytest.approx(2_286 * 0.94, abs=2)


def test_a_drill_takes_the_power_of_its_torque():
    process = standard_process("mild_steel", "drilling", 7, speed_m_min=80.0, feed_mm=0.15)
    chip = 0.075 * math.sin(math.radians(70))
    kc = 1_988 * chip**-0.263
    found = loads(process, 0.1)
    assert found.torque_nm == pytest.approx(law.drilling_torque_nm(0.15, kc, 22.0))
    assert found.cutting_power_kw == pytest.approx(law.drilling_power_kw(0.15, 80.0, 22.0, kc, 1.0))
    assert found.removal_cm3_min == pytest.approx(math.pi * 22**2 / 4_000 * 0.15 * process.rpm)


def test_mitsubishis_turning_example_comes_out():
    assert law.turning_power_kw(3.0, 0.2, 120.0, 3_100.0, 0.8) == pytest.approx(4.65)


@pytest.mark.parametrize(
    ("key", "published"),
    [
        ("mild_steel", (3_610, 3_100, 2_720, 2_500, 2_280)),
        ("cast_iron", (2_110, None, None, None, 1_330)),
        ("medium_steel", (3_080, None, None, None, 2_300)),
        ("hard_steel", (4_050, None, None, None, 2_640)),
        ("crmo_steel", (3_610, None, None, None, 2_500)),
    ],
)
def test_the_fitted_specific_force_meets_the_published_table_within_3_percent(key, published):
    what = MATERIALS[key]
    for feed, expected in zip((0.1, 0.2, 0.3, 0.4, 0.6), published, strict=True):
        if expected is not None:
            assert law.specific_force(what.kc11, what.mc, feed) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(("speed", "minutes"), [(100.0, 43.0), (150.0, 15.6), (200.0, 7.6)])
def test_the_published_exercise_on_tool_life_comes_out(speed, minutes):
    assert tool_life_min(turning(tool=3, speed_m_min=speed)) == pytest.approx(minutes, rel=0.01)


def test_a_fifth_more_speed_costs_half_the_life_at_n_of_a_quarter():
    ratio = tool_life_min(turning(speed_m_min=180.0)) / tool_life_min(turning(speed_m_min=150.0))
    assert ratio == pytest.approx((1 / 1.2) ** 4)


def test_depth_and_feed_shorten_the_life_by_their_exponents():
    base = tool_life_min(turning())
    assert tool_life_min(turning(depth_mm=4.0)) == pytest.approx(base * 2 ** (-0.15 / 0.25))
    assert tool_life_min(turning(feed_mm=0.4)) == pytest.approx(base * 2 ** (-0.45 / 0.25))


def test_wear_runs_in_fast_goes_on_steadily_and_ends_fast_at_the_limit():
    share = np.linspace(0, 1.1, 1_101)
    wear = wear_after(share)
    slope = np.diff(wear)
    assert 0.05 < wear[100] < 0.11
    assert 0.05 < wear[250] < 0.13
    assert wear[1_000] == pytest.approx(0.3, abs=1e-6)
    assert slope[:50].mean() > 3 * slope[300:700].mean()
    assert slope[950:1_000].mean() > 2 * slope[300:700].mean()
    assert (slope > 0).all()
    assert share_at(float(wear[640])) == pytest.approx(0.64, abs=1e-3)


def test_39_percent_of_edges_fail_by_the_end_of_their_life_and_the_risk_rises():
    assert failed_by(1.0) == pytest.approx(46 / 119, abs=0.005)
    early, late = fails_within(np.array([0.2, 0.9]), 0.05)
    assert early < 0.001
    assert 0.05 < late < 0.2
    survived = 1 - failed_by(0.9)
    assert late == pytest.approx((failed_by(0.95) - failed_by(0.9)) / survived)


def test_roughness_follows_feed_and_nose_radius_and_rises_with_wear():
    assert loads(turning(), 0.1).roughness_rz_um == pytest.approx(0.2**2 / (8 * 0.8) * 1_000)
    assert loads(turning(), 0.3).roughness_rz_um == pytest.approx(6.25 * 1.25)


def test_a_thread_of_1_5_mm_in_six_passes_goes_down_as_sandvik_says():
    depth = law.thread_depths_mm(1.5, 6)
    assert depth == pytest.approx([0.225, 0.411, 0.582, 0.713, 0.823, 0.920], abs=0.001)
    force = law.threading_forces_n(1_988, 0.263, 1.5, 6)
    area = 0.1899 * (0.4115 + 0.2254 - 0.0) * math.tan(math.radians(30))
    assert force[1] == pytest.approx(
        1_988 * 0.1861**-0.263 * 0.1861 * 0.6369 * math.tan(math.radians(30)), rel=0.01
    )
    assert area > 0


def test_knurling_loads_radially_in_proportion_to_the_strength():
    steel, hard = (forces(standard_process(key, "knurling", 11)) for key in ("mild_steel", "hard_steel"))
    assert hard.passive / steel.passive == pytest.approx(500 / 250)
    assert steel.passive > 5 * steel.cutting
    assert loads(standard_process("mild_steel", "knurling", 11), 0.1).removal_cm3_min == 0


def test_a_turning_pass_takes_its_length_over_feed_and_speed():
    # 120 mm / (0.2 mm * 954.93 rpm) = 0.6283 min
    assert pass_s(turning()) == pytest.approx(37.70, abs=0.01)
    part = cycle(turning())
    assert part.cutting_s == pytest.approx(2 * 37.70, abs=0.02)
    assert part.length_s == pytest.approx(18 + 954.93 / 1_500 + 75.40 + 3 * 220 / 250, abs=0.05)


def test_facing_speeds_up_to_the_limit_of_the_spindle_and_ends_at_the_centre():
    process = standard_process("mild_steel", "facing", 2, speed_m_min=150.0)
    length = pass_s(process)
    size = facing_diameter_mm(process, np.linspace(0, length, 2_001))
    assert size[0] == pytest.approx(50.0)
    assert size[-1] == pytest.approx(0.0, abs=0.01)
    found = loads(process, 0.1, size)
    assert found.spindle_speed_rpm.max() == 5_000
    # the tool's way is what it feeds: the sum of f n dt is the radius
    assert np.trapezoid(found.feed_mm_min / 60, dx=length / 2_000) == pytest.approx(25.0, rel=1e-3)


def test_each_material_says_where_its_numbers_come_from():
    assert all(one.source for one in MATERIALS.values())
    assert material("Mild Steel") is MATERIALS["mild_steel"]
    assert material("wood").source.startswith("Assumption")
