"""The run of a lathe: reproducible in any cut; edges wear, break and are changed; faults show."""

import numpy as np
import pytest

from analytics.errors import InvalidInput
from analytics.twin.lathe.checks import standard_process
from analytics.twin.lathe.cycle import Phase
from analytics.twin.lathe.faults import USUAL_FAULTS, Faults
from analytics.twin.lathe.signals import KEYS, LatheRun
from analytics.twin.lathe.wear import tool_life_min
from analytics.vocabulary import State

PROCESS = standard_process("mild_steel", "turning", 5, speed_m_min=220.0)
DAY = 86_400
NONE = Faults()


def run(days=3.0, seed=7, faults=NONE, process=PROCESS, **given):
    return LatheRun(process, seed, days * DAY, faults, **given)


def row(moment, key):
    return moment.values[KEYS.index(key)]


def seconds(first, last, step=1.0):
    return np.arange(first, last, step, dtype=np.float64)


def test_any_part_of_a_run_can_be_computed_alone():
    whole = run(faults=USUAL_FAULTS).at(seconds(0, 2 * DAY, 7.0))
    part = run(faults=USUAL_FAULTS).at(seconds(7 * 5_000, 7 * 9_000, 7.0))
    assert np.array_equal(whole.values[:, 5_000:9_000], part.values, equal_nan=True)
    assert np.array_equal(whole.parts[5_000:9_000], part.parts)


def test_equal_seeds_are_equal_and_others_are_not():
    times = seconds(0, 3_600)
    assert np.array_equal(run().at(times).values, run().at(times).values)
    assert not np.array_equal(run().at(times).values, run(seed=8).at(times).values)


def test_parts_and_wear_grow_and_an_edge_lasts_its_share_of_life():
    made = run(change_share=0.5).at(seconds(0, 2 * DAY))
    assert (np.diff(made.parts) >= 0).all()
    assert (np.diff(made.parts) <= 1).all()
    wear = row(made, "tool_wear_mm")
    same = np.diff(made.edge) == 0
    assert (np.diff(wear)[same] >= 0).all()
    assert wear.max() <= 0.17
    cutting = made.phase == Phase.CUTTING
    per_edge = cutting.sum() / (made.edge[-1] + 1) / 60
    assert per_edge == pytest.approx(0.5 * tool_life_min(PROCESS), rel=0.1)


def test_the_lathe_is_in_set_up_while_an_edge_is_changed_and_down_after_one_broke():
    made = run().at(seconds(0, 3 * DAY))
    assert set(made.state[made.phase == Phase.TOOL_CHANGE]) == {State.SETUP}
    assert set(made.state[made.phase == Phase.REPAIR]) == {State.DOWN}
    plan = run().plan
    assert plan.is_broken[:500].mean() == pytest.approx(0.39, abs=0.08)
    repair = np.diff(np.concatenate(([0], (made.phase == Phase.REPAIR).astype(int))))
    starts = int((repair == 1).sum())
    assert (made.phase == Phase.REPAIR).sum() == pytest.approx(900 * starts, abs=950)


def test_forces_are_there_while_it_cuts_and_power_never_falls_below_standby():
    made = run().at(seconds(0, 12 * 3_600))
    cutting = made.phase == Phase.CUTTING
    force = row(made, "cutting_force_n")
    assert force[cutting].mean() == pytest.approx(1_214 * 1.03, rel=0.06)
    assert (force[~cutting] == 0).all()
    assert row(made, "power_kw").min() > 0.85 * 2.6
    assert row(made, "power_kw")[cutting].mean() > 9
    assert (row(made, "spindle_speed_rpm")[made.phase == Phase.LOADING] == 0).all()


def test_a_worn_edge_starts_where_it_stands():
    early = run(wear_mm=0.2).at(seconds(0, 60))
    assert row(early, "tool_wear_mm")[0] == pytest.approx(0.2, abs=0.001)


def test_the_spindle_warms_up_with_its_time_constant():
    made = run().at(np.array([0.0, 1_200.0, 3 * 3_600.0]))
    cold, later, warm = row(made, "spindle_temp_c")
    assert cold == pytest.approx(21, abs=0.6)
    assert (later - cold) / (warm - cold) == pytest.approx(0.63, abs=0.08)
    assert 30 < warm < 55


def test_chatter_shakes_and_roughens():
    made = run(faults=Faults(chatter_per_h=1.0, chatter_s=600.0)).at(seconds(0, DAY))
    cutting = made.phase == Phase.CUTTING
    on, off = cutting & made.faults.chatter, cutting & ~made.faults.chatter
    assert 0.1 < made.faults.chatter.mean() < 0.25
    assert row(made, "vibration_mm_s")[on].mean() > 3 * row(made, "vibration_mm_s")[off].mean()
    assert row(made, "roughness_rz_um")[on].mean() > 1.6 * row(made, "roughness_rz_um")[off].mean()


def test_without_coolant_the_spindle_gets_hotter():
    faulty, sound = (run(faults=one).at(seconds(0, DAY)) for one in (Faults(coolant_per_h=1.0), Faults()))
    on = faulty.faults.coolant
    rise = row(faulty, "spindle_temp_c") - row(sound, "spindle_temp_c")
    assert rise[on].max() > 5
    assert np.abs(rise[~on]).max() < 1e-6


def test_a_silent_sensor_is_missing_and_only_one_at_a_time():
    made = run(faults=Faults(dropout_per_h=1.0)).at(seconds(0, DAY))
    gone = np.isnan(made.values)
    assert set(gone.sum(axis=0)) == {0, 1}
    assert 0.005 < gone.any(axis=0).mean() < 0.06


def test_a_drifting_sensor_reads_more_each_day():
    drifting, sound = (
        run(faults=one).at(np.array([2.5 * DAY])) for one in (Faults(drift_per_day=0.01), Faults())
    )
    assert row(drifting, "spindle_temp_c")[0] / row(sound, "spindle_temp_c")[0] == pytest.approx(
        1.025, abs=1e-3
    )


def test_a_bearing_wears_until_it_is_renewed():
    made = run(faults=Faults(bearing_life_h=24.0)).at(seconds(0, 2 * DAY, 60.0))
    worn = made.faults.bearing
    assert worn[:300].max() < 0.05
    assert worn[1_430] > 0.9
    assert worn[1_450] < 0.01
    hot, fresh = made.values[:, 1_380:1_439], made.values[:, 1_445:1_500]
    at = KEYS.index("vibration_mm_s")
    assert hot[at].mean() > fresh[at].mean() + 1.5


def test_a_moment_outside_the_run_is_refused():
    with pytest.raises(InvalidInput, match="0 to 3600 s"):
        run(days=1 / 24).at(np.array([4_000.0]))
    with pytest.raises(InvalidInput):
        run().at(np.array([-1.0]))


@pytest.mark.parametrize(
    ("work", "tool"), [("facing", 2), ("threading", 6), ("drilling", 7), ("boring", 9), ("knurling", 11)]
)
def test_every_operation_has_finite_signals(work, tool):
    made = run(days=0.2, process=standard_process("medium_steel", work, tool)).at(seconds(0, 3 * 3_600))
    assert np.isfinite(made.values).all()
    assert (made.values >= 0).all()
    assert made.parts[-1] > 10
    probability = row(made, "failure_probability")
    assert (probability >= 0).all()
    assert (probability <= 1).all()
