"""Named ranges mean the factory's days and shifts, also on the days of 23 and 25 hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from app.shifts.now import ShiftRun
from app.ui.selecting.ranges import RangeKey, TimeRange, resolve_range, week_before
from app.ui.selecting.zone import axis_zone, local_datetime, local_times, to_us

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3_600_000_000


def _us(*parts, zone=BERLIN):
    return to_us(datetime(*parts), zone)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 20), 24)]
)
def test_a_day_has_its_true_length(day, hours):
    found = resolve_range(RangeKey.CUSTOM, _us(2027, 1, 1), BERLIN, custom=(day, day))
    assert (found.end_us - found.start_us) == hours * HOUR


def test_today_runs_from_the_start_of_the_production_day_to_now():
    now = _us(2026, 11, 20, 13, 42)
    found = resolve_range(RangeKey.TODAY, now, BERLIN, day_start=time(6))
    assert (found.start_us, found.end_us) == (_us(2026, 11, 20, 6), now)
    assert found.label == "Today, Fri 20 Nov"


def test_before_the_day_starts_today_is_still_yesterdays_production_day():
    found = resolve_range(RangeKey.TODAY, _us(2026, 11, 20, 5, 59), BERLIN, day_start=time(6))
    assert found.start_us == _us(2026, 11, 19, 6)


def test_yesterday_ends_where_today_starts():
    now = _us(2026, 11, 20, 13)
    yesterday = resolve_range(RangeKey.YESTERDAY, now, BERLIN, day_start=time(6))
    today = resolve_range(RangeKey.TODAY, now, BERLIN, day_start=time(6))
    assert yesterday.end_us == today.start_us
    assert yesterday.start_us == _us(2026, 11, 19, 6)


@pytest.mark.parametrize(
    ("key", "days"), [(RangeKey.LAST_7D, 6), (RangeKey.LAST_30D, 29), (RangeKey.LAST_90D, 89)]
)
def test_ranges_of_days_include_today(key, days):
    now = _us(2026, 11, 20, 13)
    found = resolve_range(key, now, BERLIN)
    assert found.start_us == to_us(datetime(2026, 11, 20) - timedelta(days=days), BERLIN)
    assert found.end_us == now


def test_24_hours_are_hours_and_not_a_day():
    now = _us(2026, 10, 25, 12)
    found = resolve_range(RangeKey.LAST_24H, now, BERLIN)
    assert found.end_us - found.start_us == 24 * HOUR


def test_this_month_starts_on_the_first_production_day():
    found = resolve_range(RangeKey.THIS_MONTH, _us(2026, 11, 1, 3), BERLIN, day_start=time(6))
    assert found.start_us == _us(2026, 10, 1, 6)
    assert found.label.startswith("October 2026")


def test_a_shift_that_runs_ends_now():
    early = ShiftRun("early", "Early", _us(2026, 11, 20, 6), _us(2026, 11, 20, 14))
    found = resolve_range(RangeKey.THIS_SHIFT, _us(2026, 11, 20, 13), BERLIN, shift=early)
    assert (found.start_us, found.end_us) == (early.start_us, _us(2026, 11, 20, 13))
    assert found.label == "Early, since 06:00"


def test_between_shifts_the_last_one_is_shown_whole():
    early = ShiftRun("early", "Early", _us(2026, 11, 20, 6), _us(2026, 11, 20, 14))
    found = resolve_range(RangeKey.THIS_SHIFT, _us(2026, 11, 22, 12), BERLIN, shift=early)
    assert (found.start_us, found.end_us) == (early.start_us, early.end_us)
    assert found.label == "Early, Fri 20 Nov"


def test_without_shifts_this_shift_is_today():
    now = _us(2026, 11, 20, 13)
    assert resolve_range(RangeKey.THIS_SHIFT, now, BERLIN).start_us == _us(2026, 11, 20)


@pytest.mark.parametrize(
    ("custom", "words"),
    [
        (None, "Choose"),
        ((date(2026, 11, 3), date(2026, 11, 2)), "swap"),
        ((date(2026, 12, 1), date(2026, 12, 2)), "future"),
    ],
)
def test_dates_that_make_no_sense_are_refused_with_what_to_do(custom, words):
    with pytest.raises(InvalidInput, match=words):
        resolve_range(RangeKey.CUSTOM, _us(2026, 11, 20), BERLIN, custom=custom)


def test_chosen_days_that_reach_into_the_future_end_now():
    now = _us(2026, 11, 20, 13)
    found = resolve_range(RangeKey.CUSTOM, now, BERLIN, custom=(date(2026, 11, 19), date(2026, 11, 25)))
    assert found.end_us == now


@given(
    key=st.sampled_from([key for key in RangeKey if key is not RangeKey.CUSTOM]),
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    zone=st.sampled_from(
        ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
    ),
    start_hour=st.integers(0, 23),
)
def test_every_range_lies_before_now_and_is_not_reversed(key, now, zone, start_hour):
    now_us = to_us(now.replace(tzinfo=UTC), BERLIN)
    shift = ShiftRun("early", "Early", now_us - 9 * HOUR, now_us - HOUR)
    found = resolve_range(key, now_us, ZoneInfo(zone), day_start=time(start_hour), shift=shift)
    assert found.start_us <= found.end_us <= now_us


def test_the_week_before_keeps_the_wall_clock_over_a_clock_change():
    chosen = TimeRange(RangeKey.TODAY, _us(2026, 10, 26, 6), _us(2026, 10, 26, 14), "")
    assert week_before(chosen, BERLIN) == (_us(2026, 10, 19, 6), _us(2026, 10, 19, 14))


def test_the_range_to_compare_with_does_not_overlap():
    chosen = resolve_range(RangeKey.LAST_30D, _us(2026, 11, 20, 13), BERLIN)
    start, end = week_before(chosen, BERLIN)
    assert end <= chosen.start_us
    assert local_datetime(start, BERLIN).weekday() == local_datetime(chosen.start_us, BERLIN).weekday()


def test_a_skipped_hour_moves_forward_and_a_repeated_one_is_the_first():
    assert to_us(datetime(2026, 3, 29, 2, 30), BERLIN) == to_us(datetime(2026, 3, 29, 3, 30), BERLIN)
    assert local_datetime(to_us(datetime(2026, 10, 25, 2, 30), BERLIN), BERLIN).utcoffset() == timedelta(
        hours=2
    )


def test_local_times_of_a_frame_equal_those_of_single_instants():
    times = np.arange(_us(2026, 10, 24, 23), _us(2026, 10, 25, 6), 900_000_000)
    found = local_times(times, BERLIN)
    expected = [local_datetime(int(each), BERLIN).replace(tzinfo=None) for each in times]
    assert found.tolist() == expected


def test_the_axis_says_when_the_clock_changes():
    assert axis_zone(BERLIN, _us(2026, 10, 25), _us(2026, 10, 26)) == (
        "Time (Europe/Berlin, the clock goes back in this range)"
    )
    assert "forward" in axis_zone(BERLIN, _us(2026, 3, 29), _us(2026, 3, 30))
    assert axis_zone(BERLIN, _us(2026, 11, 20), _us(2026, 11, 21)) == "Time (Europe/Berlin)"
