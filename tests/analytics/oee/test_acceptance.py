"""The ten acceptance tests of the time model, with numbers worked by hand."""

from datetime import date, time
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from analytics.errors import InvalidInput
from analytics.oee import elements, figures, identity_check, rollup
from analytics.timeline import (
    OPEN,
    Overlaps,
    Segments,
    ShiftPattern,
    classify,
    from_intervals,
    from_transitions,
    shift_windows,
    span,
    wall_to_us,
)
from analytics.vocabulary import State

SECOND = 1_000_000
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
RUN, DOWN = State.RUNNING, State.DOWN
BERLIN = ZoneInfo("Europe/Berlin")


def cells(line: Segments, until_us: int, overlaps: Overlaps | None = None, **given) -> pd.DataFrame:
    windows = given.pop("windows", span(0, until_us))
    table = elements(
        line, classify(line, {}, 5 * MINUTE), windows, until_us=until_us, overlaps=overlaps, **given
    )
    assert identity_check(table).empty
    return table


def made(start: int, end: int, good: float, scrap: float = 0.0, machine: int = 1) -> pd.DataFrame:
    return pd.DataFrame(
        {"machine": [machine], "start_us": [start], "end_us": [end], "good": [good], "scrap": [scrap]}
    )


def record(**changed) -> pd.DataFrame:
    row = {
        "machine": 1,
        "start_us": 0,
        "end_us": 480 * MINUTE,
        "planned_us": 420 * MINUTE,
        "operating_us": 373 * MINUTE,
        "downtime_us": 47 * MINUTE,
        "total": 19_271.0,
        "good": 18_848.0,
    }
    return pd.DataFrame([row | changed])


def nothing() -> Segments:
    return from_transitions([], [], [], until_us=0)


def check_value(row: pd.Series) -> None:
    assert row.availability == pytest.approx(373 / 420)
    assert [round(row[name], 4) for name in ("availability", "performance", "quality", "oee")] == [
        0.8881,
        0.8611,
        0.9780,
        0.7479,
    ]
    assert row.oee == pytest.approx(row.availability * row.performance * row.quality, rel=1e-12)


def test_the_check_value_of_the_classic_formulas_from_measured_data():
    line = from_transitions([1, 1], [0, 373 * MINUTE], [RUN, DOWN], until_us=420 * MINUTE)
    counts = made(0, 420 * MINUTE, 18_848, 423)
    check_value(figures(cells(line, 420 * MINUTE, counts=counts, ideal_s={(1, -1): 1.0})).iloc[0])


def test_the_check_value_of_the_classic_formulas_from_a_performance_record():
    row = figures(cells(nothing(), 480 * MINUTE, records=record(), ideal_s={(1, -1): 1.0})).iloc[0]
    check_value(row)
    assert row.planned_stop_us == 60 * MINUTE
    assert row.record_us == 480 * MINUTE
    assert row.ooe == pytest.approx(row.oee * 420 / 480)


def test_1_overlapping_stops_are_united_and_the_overlap_is_reported():
    end = 16 * HOUR + 20 * MINUTE
    line, twice = from_intervals(
        [1, 1], [0, 2 * HOUR], [15 * HOUR, end - 30 * MINUTE], [DOWN, DOWN], [5, 6], until_us=end
    )
    row = figures(cells(line, end, twice, machines=[1])).iloc[0]
    assert row.unplanned_stop_us == 15 * HOUR + 50 * MINUTE
    assert row.availability == 0.0
    assert row.overlap_us == 13 * HOUR == twice.per_machine.overlap_us[0]
    assert "stops overlap" in row.note


def test_1_downtimes_of_more_than_the_shift_leave_the_availability_between_0_and_1():
    end = 16 * HOUR + 20 * MINUTE
    stops = [0, 150 * MINUTE], [15 * HOUR, 150 * MINUTE + 13 * HOUR + 50 * MINUTE]
    line, twice = from_intervals([1, 1, 1], [*stops[0], 0], [*stops[1], end], [DOWN, DOWN, RUN], until_us=end)
    row = figures(cells(line, end, twice)).iloc[0]
    assert row.unplanned_stop_us == end
    assert 0.0 <= row.availability <= 1.0
    assert row.overlap_us == 15 * HOUR + 13 * HOUR + 50 * MINUTE - end


def test_2_a_stop_across_shift_day_and_dst_boundaries_is_split_there_and_keeps_its_class():
    shifts = [
        ShiftPattern("day", "Day", time(6), time(18)),
        ShiftPattern("night", "Night", time(18), time(6)),
    ]
    windows = shift_windows(shifts, date(2026, 3, 28), date(2026, 3, 29), BERLIN, time(6))
    begin = wall_to_us(date(2026, 3, 28), time(17, 58), BERLIN)
    finish = wall_to_us(date(2026, 3, 29), time(6, 1), BERLIN)
    start, end = int(windows.start_us[0]), int(windows.end_us[-1])
    line = from_transitions([1] * 3, [start, begin, finish], [RUN, DOWN, RUN], until_us=end)
    table = cells(line, end, windows=windows)
    assert table["shift"].tolist() == ["day", "night", "day", "night"]
    assert (table.unplanned_stop_us / MINUTE).tolist() == [2, 11 * 60, 1, 0]
    assert table.minor_stop_us.sum() == 0
    assert table.unplanned_stop_us.sum() == finish - begin


def test_3_an_open_stop_counts_up_to_now_and_the_future_counts_nowhere():
    line, _ = from_intervals(
        [1, 1], [0, 60 * MINUTE], [60 * MINUTE, OPEN], [RUN, DOWN], until_us=100 * MINUTE
    )
    row = cells(line, 100 * MINUTE, windows=span(0, 480 * MINUTE)).iloc[0]
    assert (row.calendar_us, row.unplanned_stop_us, row.unknown_us) == (100 * MINUTE, 40 * MINUTE, 0)
    assert row.end_us == 100 * MINUTE


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 5, 1), 8)]
)
def test_4_a_shift_on_a_dst_night_has_its_true_length(day, hours):
    night = ShiftPattern("night", "Night", time(22), time(6))
    windows = shift_windows([night], day, day, BERLIN, time(6))
    table = cells(nothing(), int(windows.end_us[-1]), windows=windows, machines=[1])
    assert table.loc[table["shift"] == "night", "calendar_us"].tolist() == [hours * HOUR]


@pytest.mark.parametrize(
    ("day", "length"), [(date(2026, 3, 29), 82_800), (date(2026, 10, 25), 90_000), (date(2026, 5, 1), 86_400)]
)
def test_4_the_classes_of_a_day_add_up_to_its_length(day, length):
    shifts = [ShiftPattern("early", "Early", time(1), time(9), breaks=((time(4), time(4, 30)),))]
    windows = shift_windows(shifts, day, day, BERLIN)
    start, end = int(windows.start_us[0]), int(windows.end_us[-1])
    line = from_transitions([1, 1], [start + HOUR, start + 3 * HOUR], [RUN, DOWN], until_us=end)
    row = rollup(cells(line, end, windows=windows), ["day"]).iloc[0]
    assert row.calendar_us == length * SECOND
    classes = [name for name in row.index if name.endswith("_us")][1:8]
    assert sum(row[name] for name in classes) == length * SECOND


def test_5_no_parts_give_an_oee_of_0_with_the_reason():
    line = from_transitions([1], [0], [RUN], until_us=HOUR)
    for ideal in ({(1, -1): 2.0}, {}):
        row = figures(cells(line, HOUR, ideal_s=ideal)).iloc[0]
        assert (row.availability, row.performance, row.oee, row.missing) == (1.0, 0.0, 0.0, "")
        assert np.isnan(row.quality)
        assert row.note == "no parts were made in this period"


def test_6_performance_over_100_percent_is_kept_raw_and_flagged_beside_the_capped_one():
    line = from_transitions([1, 1], [0, 40 * MINUTE], [RUN, DOWN], until_us=50 * MINUTE)
    counts = made(0, 50 * MINUTE, 2_700, 300)
    row = figures(cells(line, 50 * MINUTE, counts=counts, ideal_s={(1, -1): 1.0})).iloc[0]
    assert row.performance_raw == pytest.approx(1.25)
    assert (row.performance, row.over_speed) == (1.0, True)
    assert row.oee == pytest.approx(0.8 * 1.0 * 0.9)
    assert row.oee_raw == pytest.approx(0.8 * 1.25 * 0.9)
    assert "capped" in row.note


def test_7_an_unknown_ideal_cycle_time_is_named_and_availability_and_quality_stay():
    line = from_transitions([1, 1], [0, 45 * MINUTE], [RUN, DOWN], until_us=HOUR)
    row = figures(cells(line, HOUR, counts=made(0, HOUR, 90, 10))).iloc[0]
    assert row.missing == "ideal cycle time"
    assert (row.availability, row.quality) == (0.75, 0.9)
    unknown = ["performance", "performance_raw", "oee", "oee_raw", "ooe", "teep", "oee_lower", "oee_upper"]
    assert row[unknown].isna().all()
    assert row.run_without_ideal_us == 45 * MINUTE


def test_7_one_product_without_a_cycle_time_makes_the_roll_up_not_evaluable():
    line = from_transitions([1], [0], [RUN], until_us=HOUR)
    counts = pd.concat(
        [made(0, HOUR // 2, 90).assign(product=1), made(HOUR // 2, HOUR, 90).assign(product=2)]
    )
    table = cells(line, HOUR, counts=counts, ideal_s={(1, 1): 10.0})
    assert figures(table)["missing"].tolist() == ["", "ideal cycle time"]
    assert figures(rollup(table, ["machine"]))["missing"].tolist() == ["ideal cycle time"]


@pytest.mark.parametrize(
    ("changed", "field", "text"),
    [
        ({"good": 20_000.0}, "good", "More good parts"),
        ({"downtime_us": 48 * MINUTE}, "downtime_us", "exceed the planned time"),
        ({"planned_us": 481 * MINUTE}, "planned_us", "longer than the shift"),
        ({"downtime_us": -1}, "downtime_us", "must not be negative"),
        ({"total": float("nan")}, "total", "not negative"),
        ({"end_us": 0}, "end_us", "not after the start"),
    ],
)
def test_8_a_contradictory_record_is_refused_with_the_field(changed, field, text):
    with pytest.raises(InvalidInput, match=text) as error:
        cells(nothing(), 480 * MINUTE, records=record(**changed))
    assert error.value.problems[0].field == field


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"good": -1.0}, "good"), ({"end_us": -5}, "end_us"), ({"startup_scrap": 4.0}, "startup_scrap")],
)
def test_8_a_contradictory_count_is_refused_with_the_field(changed, field):
    with pytest.raises(InvalidInput) as error:
        cells(nothing(), HOUR, counts=made(0, HOUR, 5, 3).assign(**changed))
    assert error.value.problems[0].field == field


def test_8_sums_with_more_good_parts_than_parts_are_refused():
    table = cells(nothing(), HOUR, counts=made(0, HOUR, 5, 3), machines=[1])
    with pytest.raises(InvalidInput, match="more good parts"):
        figures(table.assign(good=9.0))


def test_9_a_figure_is_the_same_bits_whatever_the_order_and_the_batches_of_the_input():
    random = np.random.default_rng(4)
    start = np.sort(random.integers(0, 10 * HOUR, 200))
    counts = pd.DataFrame(
        {
            "machine": random.integers(1, 4, 200),
            "start_us": start,
            "end_us": start + random.integers(0, HOUR, 200),
            "product": random.integers(1, 4, 200),
            "good": random.random(200) * 100,
            "scrap": random.random(200),
        }
    )
    machine, when = random.integers(1, 4, 300), random.permutation(10 * HOUR // SECOND)[:300] * SECOND
    state = random.integers(0, 7, 300)
    ideal = {(number, -1): 1.7 * number for number in range(1, 4)}
    results = []
    for order in (np.arange(300), random.permutation(300)):
        line = from_transitions(machine[order], when[order], state[order], until_us=10 * HOUR)
        shuffled = counts.iloc[order[order < 200]]
        table = cells(line, 10 * HOUR, counts=shuffled, ideal_s=ideal)
        results.append(figures(rollup(table, ["machine"])))
    pd.testing.assert_frame_equal(*results, check_exact=True)


def test_10_a_roll_up_is_the_ratio_of_sums_and_not_the_mean_of_ratios():
    short = from_transitions([1, 1, 2], [0, 60 * MINUTE, 0], [RUN, DOWN, RUN], until_us=120 * MINUTE)
    counts = pd.concat([made(0, 60 * MINUTE, 300, 100, 1), made(0, 120 * MINUTE, 7_000, 0, 2)])
    table = cells(short, 120 * MINUTE, counts=counts, ideal_s={(1, -1): 3.0, (2, -1): 1.0})
    each, whole = figures(table), figures(rollup(table, [])).iloc[0]
    assert each.availability.tolist() == [0.5, 1.0]
    assert whole.availability == pytest.approx(180 / 240)
    assert whole.performance == pytest.approx((400 * 3 + 7_000 * 1) / (180 * 60))
    assert whole.quality == pytest.approx(7_300 / 7_400)
    assert whole.oee == pytest.approx(whole.availability * whole.performance * whole.quality)
    assert whole.oee != pytest.approx(each.oee.mean())
    assert figures(rollup(table, ["machine"])).oee.tolist() == each.oee.tolist()
