import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from analytics.errors import InvalidInput
from analytics.oee import CLASS_COLUMNS, SUMMED_COLUMNS, figures, identity_check, rollup
from tests.analytics.oee.cells import HOUR, frame, tables

RATIOS = [
    "availability",
    "performance",
    "quality",
    "oee",
    "ooe",
    "teep",
    "coverage",
    "oee_lower",
    "oee_upper",
]


def one(**sums):
    return figures(frame([dict.fromkeys(SUMMED_COLUMNS, 0) | sums])).iloc[0]


def test_unknown_time_lowers_the_coverage_and_spreads_the_bounds():
    row = one(
        calendar_us=10 * HOUR,
        producing_us=6 * HOUR,
        unplanned_stop_us=2 * HOUR,
        unknown_us=2 * HOUR,
        ideal_us=4 * HOUR,
        total=100,
        good=100,
    )
    assert row.oee == pytest.approx(0.5)
    assert row.coverage == pytest.approx(0.8)
    assert (row.oee_lower, row.oee_upper) == (pytest.approx(0.4), pytest.approx(0.6))


def test_ooe_is_over_scheduled_time_and_teep_over_calendar_time():
    row = one(
        calendar_us=24 * HOUR,
        not_scheduled_us=8 * HOUR,
        planned_stop_us=4 * HOUR,
        setup_us=2 * HOUR,
        producing_us=9 * HOUR,
        minor_stop_us=1 * HOUR,
        ideal_us=6 * HOUR,
        total=10,
        good=10,
    )
    assert row.availability == pytest.approx(10 / 12)
    assert row.performance == pytest.approx(0.6)
    assert (row.oee, row.ooe, row.teep) == (
        pytest.approx(6 / 12),
        pytest.approx(6 / 16),
        pytest.approx(6 / 24),
    )


def test_without_planned_production_time_oee_is_not_evaluable():
    row = one(calendar_us=HOUR, not_scheduled_us=HOUR)
    assert row.missing == "planned production time"
    assert np.isnan([row.availability, row.oee, row.coverage]).all()


def test_a_period_without_any_data_says_so_and_is_bounded_by_0_and_1():
    row = one(calendar_us=HOUR, unknown_us=HOUR)
    assert row.note == "there is no data for this period"
    assert (row.coverage, row.oee_lower, row.oee_upper) == (0.0, 0.0, 1.0)


def test_parts_without_run_time_are_noted_and_give_no_performance():
    row = one(calendar_us=HOUR, unplanned_stop_us=HOUR, total=5, good=5, ideal_us=HOUR)
    assert "did not run" in row.note
    assert (row.availability, row.oee) == (0.0, 0.0)
    assert np.isnan(row.performance)


def test_a_negative_sum_is_refused_by_name():
    with pytest.raises(InvalidInput) as error:
        one(unplanned_stop_us=-1)
    assert error.value.problems[0].field == "unplanned_stop_us"


def test_a_missing_column_is_refused_by_name():
    with pytest.raises(InvalidInput, match="setup_us"):
        figures(frame([]).drop(columns="setup_us"))


def test_no_cells_give_no_figures():
    assert figures(rollup(frame([]), ["machine"])).empty
    assert figures(frame([])).empty


@settings(max_examples=50, deadline=None)
@given(tables)
def test_every_capped_figure_lies_between_0_and_1_and_oee_between_its_bounds(table):
    for result in (figures(table), figures(rollup(table, []))):
        values = result[RATIOS].to_numpy()
        assert ((values >= 0) & (values <= 1 + 1e-12) | np.isnan(values)).all()
        known = result[result["oee"].notna()]
        assert (known["oee_lower"] <= known["oee"] + 1e-12).all()
        assert (known["oee"] <= known["oee_upper"] + 1e-12).all()
        assert (known["oee"] <= known["oee_raw"] + 1e-12).all()
        assert (known["missing"] == "").all()


@settings(max_examples=50, deadline=None)
@given(tables)
def test_oee_is_availability_times_performance_times_quality(table):
    result = figures(rollup(table, []))
    product = result["availability"] * result["performance"] * result["quality"]
    whole = product.notna()
    assert result["oee"][whole].to_numpy() == pytest.approx(product[whole].to_numpy(), rel=1e-9, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_a_roll_up_in_two_steps_is_the_roll_up_in_one(table):
    table = table.assign(day=np.arange(len(table)) // 2)
    by_day = rollup(table, ["day"])
    pd.testing.assert_frame_equal(rollup(by_day, []), rollup(table, []))
    assert (by_day[list(CLASS_COLUMNS.values())].sum(axis=1) == by_day["calendar_us"]).all()


def test_the_identity_check_names_each_broken_cell():
    row = dict.fromkeys(SUMMED_COLUMNS, 0) | {"calendar_us": 10, "producing_us": 10, "total": 3, "good": 3}
    right = frame([row] * 4).assign(window=[0, 1, 2, 3], day=7, start_us=0, end_us=10)
    assert identity_check(right).empty
    wrong = right.copy()
    wrong.loc[1, "producing_us"] = 9
    wrong.loc[2, "end_us"] = 11
    wrong.loc[3, "good"] = 2
    found = identity_check(wrong)
    assert dict(zip(found["window"], found["rule"], strict=True)) == {
        1: "classes add up to calendar time",
        2: "cells add up to the window",
        3: "parts add up to total",
    }
    assert found[["expected", "found"]].to_numpy().tolist() == [[10, 9], [3, 2], [11, 10]]
    wrong = right.assign(setup_us=[-2, 0, 0, 0], producing_us=[12, 10, 10, 10])
    assert identity_check(wrong)["rule"].tolist() == ["no negative sum"]
