"""The fit of the twin: finds the values that data were made with, and says what it cannot know."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.errors import NotEvaluable
from analytics.twin.calibration import calibrate, fitted_process
from analytics.twin.lathe.checks import standard_process
from analytics.twin.lathe.loads import loads
from analytics.twin.lathe.signals import KEYS, LatheRun

NOMINAL = standard_process("mild_steel", "turning", 5, speed_m_min=200.0)
TRUE = fitted_process(NOMINAL, 3.4, 1.1, 1.5, 1.2)


def measured(process=TRUE, seconds=14_400):
    made = LatheRun(process, 3, seconds).at(np.arange(0, seconds, 2.0))
    return {key: made.values[KEYS.index(key)] for key in KEYS}


def test_the_values_that_made_the_data_are_found():
    data = measured()
    found = calibrate(NOMINAL, data["power_kw"], data["spindle_speed_rpm"], data["torque_nm"])
    assert found.fixed_kw.value == pytest.approx(3.4, abs=0.05)
    assert found.spindle_kw_per_1000_rpm.value == pytest.approx(1.1, abs=0.15)
    assert found.load_factor.value == pytest.approx(1.5, abs=0.06)
    assert found.kc_factor.value == pytest.approx(1.2, abs=0.06)
    assert found.share_off < 0.03
    assert found.rmse_kw < found.before_kw / 3


def test_force_alone_does_as_well_as_torque():
    data = measured()
    found = calibrate(NOMINAL, data["power_kw"], data["spindle_speed_rpm"], None, data["cutting_force_n"])
    assert found.kc_factor.value == pytest.approx(1.2, abs=0.06)
    assert found.load_factor.value == pytest.approx(1.5, abs=0.06)


def test_errors_shrink_with_more_data():
    short, long = (
        calibrate(NOMINAL, one["power_kw"], one["spindle_speed_rpm"], one["torque_nm"])
        for one in (measured(seconds=1_800), measured(seconds=28_800))
    )
    assert long.fixed_kw.error < short.fixed_kw.error / 2
    assert abs(long.fixed_kw.value - 3.4) < 4 * max(long.fixed_kw.error, 0.01)


def test_what_the_data_cannot_tell_stays_as_it_was_and_says_so():
    data = measured()
    cutting = data["torque_nm"] > 10
    found = calibrate(
        NOMINAL, data["power_kw"][cutting], data["spindle_speed_rpm"][cutting], data["torque_nm"][cutting]
    )
    assert not found.spindle_kw_per_1000_rpm.is_fitted
    assert found.spindle_kw_per_1000_rpm.value == NOMINAL.lathe.spindle_kw_per_1000_rpm


def test_power_and_speed_alone_give_the_idle_power():
    data = measured()
    found = calibrate(NOMINAL, data["power_kw"], data["spindle_speed_rpm"])
    assert found.fixed_kw.value == pytest.approx(3.4, abs=0.1)
    assert not found.kc_factor.is_fitted


def test_too_few_rows_are_not_evaluable():
    few = np.full(30, 5.0)
    with pytest.raises(NotEvaluable, match="there are 30"):
        calibrate(NOMINAL, few, few)
    with pytest.raises(NotEvaluable, match="never changed"):
        calibrate(NOMINAL, np.full(100, 5.0), np.full(100, 900.0))


def test_gaps_are_left_out():
    data = measured()
    holes = data["power_kw"].copy()
    holes[::3] = np.nan
    found = calibrate(NOMINAL, holes, data["spindle_speed_rpm"], data["torque_nm"])
    assert found.rows == np.isfinite(holes).sum()
    assert found.fixed_kw.value == pytest.approx(3.4, abs=0.05)


@pytest.mark.parametrize("factor", [1.05, 1.25, 1.6])
def test_a_fitted_process_takes_the_fitted_power(factor):
    fitted = fitted_process(NOMINAL, 3.0, 1.0, factor, 1.1)
    cut = loads(fitted, 0.1)
    expected = 3.0 + fitted.rpm / 1_000 + factor * cut.cutting_power_kw
    assert cut.machine_power_kw == pytest.approx(expected, rel=0.002)
    assert cut.cutting_force_n == pytest.approx(1.1 * loads(NOMINAL, 0.1).cutting_force_n)
    assert replace(fitted, lathe=NOMINAL.lathe, material=NOMINAL.material) == NOMINAL
