"""Quiet hours in the factory's zone: over midnight, and where the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notify.quiet import quiet_until

BERLIN = ZoneInfo("Europe/Berlin")


def local(text, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "start", "end", "until"),
    [
        ("2026-03-04 21:59", 1320, 360, None),
        ("2026-03-04 22:00", 1320, 360, "2026-03-05 06:00"),
        ("2026-03-05 05:59", 1320, 360, "2026-03-05 06:00"),
        ("2026-03-05 06:00", 1320, 360, None),
        ("2026-03-05 12:30", 720, 780, "2026-03-05 13:00"),
        ("2026-03-05 13:00", 720, 780, None),
        ("2026-03-28 23:00", 1320, 360, "2026-03-29 06:00"),
        ("2026-03-29 03:30", 1320, 360, "2026-03-29 06:00"),
        ("2026-03-29 01:00", 1320, 150, "2026-03-29 03:30"),
        ("2026-10-24 23:00", 1320, 360, "2026-10-25 06:00"),
        ("2026-10-25 01:00", 1320, 150, "2026-10-25 02:30"),
    ],
)
def test_it_is_quiet_from_the_first_minute_to_before_the_last(now, start, end, until):
    assert quiet_until(local(now), BERLIN, start, end) == (local(until) if until else None)


def test_the_night_is_an_hour_shorter_in_spring_and_longer_in_autumn():
    for evening, hours in (("2026-03-28 22:00", 7), ("2026-10-24 22:00", 9), ("2026-03-04 22:00", 8)):
        now = local(evening)
        assert quiet_until(now, BERLIN, 1320, 360) == now + timedelta(hours=hours)


def test_quiet_hours_that_end_in_the_doubled_hour_end_once():
    assert quiet_until(local("2026-10-25 02:15"), BERLIN, 1320, 150) == local("2026-10-25 02:30")
    assert quiet_until(local("2026-10-25 02:45"), BERLIN, 1320, 150) is None
    assert quiet_until(local("2026-10-25 02:15", fold=1), BERLIN, 1320, 150) is None


def test_without_hours_it_is_never_quiet():
    assert quiet_until(local("2026-03-04 23:00"), BERLIN, None, None) is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.integers(0, 1439), st.integers(0, 1439),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)  # fmt: skip
def test_what_is_held_is_held_for_less_than_a_day_and_is_free_at_its_end(now, start, end, zone):
    if start == end:
        return
    until = quiet_until(now, ZoneInfo(zone), start, end)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert quiet_until(until, ZoneInfo(zone), start, end) is None
