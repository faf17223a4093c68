"""Due dates, forecasts and reliability, worked by hand."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.reliability import (
    Reliability,
    Standing,
    Unit,
    clipped_hours,
    forecast,
    next_due,
    reliability,
    standing,
)

TODAY = date(2026, 3, 10)


def test_a_month_that_is_too_short_gives_its_last_day():
    assert next_due(date(2027, 11, 30), 3, Unit.MONTH) == date(2028, 2, 29)
    assert next_due(date(2026, 12, 31), 12, Unit.MONTH) == date(2027, 12, 31)
    assert next_due(date(2026, 12, 31), 10, Unit.DAY) == date(2027, 1, 10)


@given(
    last=st.dates(date(2000, 1, 1), date(2050, 1, 1)),
    every=st.integers(1, 36),
    unit=st.sampled_from(list(Unit)[:3]),
)
def test_what_is_due_again_lies_after_what_was_done(last, every, unit):
    due = next_due(last, every, unit)
    shortest = {"day": 1, "week": 7, "month": 28}[unit]
    assert due >= last + timedelta(days=every * shortest)


def test_no_calendar_knows_running_hours():
    with pytest.raises(InvalidInput):
        next_due(TODAY, 500, Unit.HOUR)
    with pytest.raises(InvalidInput):
        next_due(TODAY, 0, Unit.DAY)


def test_the_forecast_follows_the_pace_and_says_none_for_a_machine_that_stands():
    assert forecast(TODAY, 100, 10) == TODAY + timedelta(10)
    assert forecast(TODAY, -5, 0) == TODAY
    assert forecast(TODAY, 1, 0) is None
    assert forecast(TODAY, 1e9, 1) is None


def test_the_lead_says_what_counts_as_due():
    assert standing(TODAY, TODAY + timedelta(3), 2) is Standing.LATER
    assert standing(TODAY, TODAY + timedelta(3), 3) is Standing.DUE
    assert standing(TODAY, TODAY - timedelta(1), 3) is Standing.OVERDUE
    assert standing(TODAY, None) is Standing.UNKNOWN


def test_reliability_is_that_worked_by_hand():
    found = reliability(200.0, 3, 6.0, corrective_h=6.0, planned_h=2.0)
    assert found == Reliability(3, 50.0, 2.0, 50 / 52, 0.75)


def test_without_failures_or_orders_nothing_is_invented():
    assert reliability(10.0, 0, 0.0) == Reliability(0, 10.0, None, None, None)
    assert reliability(0.0, 0, 0.0).mtbf_h is None


def test_work_outside_the_range_does_not_count():
    hour = 3_600_000_000
    start, end = np.array([0, 2, 9], np.int64) * hour, np.array([1, 5, 12], np.int64) * hour
    assert clipped_hours(start, end, 3 * hour, 10 * hour) == 3.0
    assert clipped_hours(start[:0], end[:0], 0, hour) == 0.0
