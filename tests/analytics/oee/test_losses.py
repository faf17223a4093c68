import numpy as np
import pytest
from hypothesis import given, settings

from analytics.oee import SUMMED_COLUMNS, WATERFALL_COLUMNS, figures, rollup, six_big_losses, waterfall
from tests.analytics.oee.cells import HOUR, frame, tables


def one(**sums):
    return frame([dict.fromkeys(SUMMED_COLUMNS, 0) | sums])


SHIFT = {
    "calendar_us": 480 * HOUR,
    "not_scheduled_us": 40 * HOUR,
    "planned_stop_us": 20 * HOUR,
    "unplanned_stop_us": 60 * HOUR,
    "setup_us": 30 * HOUR,
    "minor_stop_us": 50 * HOUR,
    "producing_us": 270 * HOUR,
    "unknown_us": 10 * HOUR,
}
PARTS = {"total": 200, "good": 160, "scrap": 40, "startup_scrap": 10}


def ideal(total_us):
    return {
        "ideal_us": total_us,
        "ideal_scrap_us": total_us * 30 // 200,
        "ideal_startup_us": total_us * 10 // 200,
    }


def test_each_loss_has_its_hand_worked_time():
    row = waterfall(one(**SHIFT, **PARTS, **ideal(200 * HOUR))).iloc[0] / HOUR
    assert (row.planned_production_us, row.run_us, row.net_run_us) == (410, 320, 200)
    assert (row.minor_stop_us, row.speed_us) == (50, 70)
    assert (row.defect_us, row.startup_us, row.fully_productive_us) == (30, 10, 160)


def test_a_fast_machine_makes_up_for_speed_first_and_then_for_minor_stops():
    row = waterfall(one(**SHIFT, **PARTS, **ideal(300 * HOUR))).iloc[0] / HOUR
    assert (row.minor_stop_us, row.speed_us, row.net_run_us, row.over_speed_us) == (20, 0, 300, 0)
    row = waterfall(one(**SHIFT, **PARTS, **ideal(400 * HOUR))).iloc[0] / HOUR
    assert (row.minor_stop_us, row.speed_us, row.net_run_us, row.over_speed_us) == (0, 0, 320, 80)
    assert (row.fully_productive_us, row.defect_us, row.startup_us) == (256, 48, 16)


def test_without_cycle_times_the_producing_time_stays_undivided():
    row = waterfall(one(**SHIFT, **PARTS, total_without_ideal=200)).iloc[0] / HOUR
    assert (row.minor_stop_us, row.undivided_us, row.speed_us, row.fully_productive_us) == (50, 270, 0, 0)


def test_without_parts_all_run_time_is_lost():
    row = waterfall(one(**SHIFT)).iloc[0] / HOUR
    assert (row.minor_stop_us, row.speed_us, row.fully_productive_us) == (50, 270, 0)


def test_the_six_big_losses_and_oee_add_up_to_planned_production():
    cells = one(**SHIFT, **PARTS, **ideal(200 * HOUR))
    losses = six_big_losses(cells)
    assert dict(zip(losses["loss"], losses["loss_us"] / HOUR, strict=True)) == {
        "breakdown": 60,
        "setup": 30,
        "minor_stop": 50,
        "reduced_speed": 70,
        "defect": 30,
        "startup": 10,
    }
    assert losses["share"].sum() + figures(cells)["oee"].iloc[0] == pytest.approx(1.0)


def test_six_big_losses_keep_the_rows_and_keys_of_a_roll_up():
    cells = frame([dict.fromkeys(SUMMED_COLUMNS, 0)] * 2).assign(machine=[4, 9])
    losses = six_big_losses(rollup(cells, ["machine"]))
    assert losses["machine"].tolist() == [4] * 6 + [9] * 6
    assert losses["share"].isna().all()


@settings(max_examples=60, deadline=None)
@given(tables)
def test_the_waterfall_adds_up_exactly_has_no_negative_step_and_ends_at_the_capped_oee(table):
    for cells in (table, rollup(table, [])):
        flow = waterfall(cells)
        steps = flow[list(WATERFALL_COLUMNS[1:])]
        assert (steps >= 0).all().all()
        assert (steps.sum(axis=1) == flow["calendar_us"]).all()
        assert (steps.dtypes == np.int64).all()
        oee = figures(cells)["oee"].to_numpy()
        known = ~np.isnan(oee)
        planned = flow["planned_production_us"].to_numpy()[known]
        productive = flow["fully_productive_us"].to_numpy()[known]
        assert (np.abs(oee[known] * planned - productive) <= 0.5 + 1e-6 * planned / HOUR).all()
