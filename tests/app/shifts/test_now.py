"""The shift that runs now follows nights, clock changes, cycles, holidays and special days."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from app.production.plant import plant
from app.shifts.days import DayDraft, save_day
from app.shifts.now import latest_shift
from app.shifts.patterns import delete_shift, save_shift, shifts
from data.models import to_us

pytestmark = pytest.mark.parametrize("relational_url", ["sqlite"], indirect=True)
HOUR = 3_600_000_000


@pytest.fixture
def access(acting):
    return acting("admin")


def us(*moment):
    return to_us(datetime(*moment, tzinfo=UTC))


def latest(access, *moment):
    return latest_shift(access, plant(access), us(*moment))


def change(access, key, **what):
    stored = next(one for one in shifts(access) if one.draft.key == key)
    save_shift(access, replace(stored.draft, **what), stored)


@pytest.mark.parametrize(
    ("hour", "key", "start"), [(5, "early", 5), (12, "early", 5), (13, "late", 13), (21, "night", 21)]
)
def test_a_shift_begins_exactly_at_its_start(access, hour, key, start):
    found = latest(access, 2026, 3, 4, hour)
    assert (found.key, found.start_us) == (key, us(2026, 3, 4, start))


def test_after_midnight_the_night_shift_is_that_of_the_evening_before(access):
    assert latest(access, 2026, 3, 4, 1).start_us == us(2026, 3, 3, 21)


@pytest.mark.parametrize(("day", "hours"), [(28, 7), (29, 8)])
def test_a_night_shift_over_the_clock_change_has_its_true_length(access, day, hours):
    found = latest(access, 2026, 3, day, 22)
    assert (found.end_us - found.start_us) == hours * HOUR


def test_a_closed_day_has_no_shift_and_the_one_before_it_is_the_last(access):
    save_day(access, DayDraft(date(2026, 3, 3), False))
    found = latest(access, 2026, 3, 3, 15)
    assert (found.key, found.start_us) == ("night", us(2026, 3, 2, 21))


def test_an_extra_shift_runs_on_a_day_that_the_week_does_not_have(access):
    for key in ("early", "late", "night"):
        change(access, key, weekdays=frozenset(range(5)))
    assert latest(access, 2026, 3, 7, 8).key == "night"
    save_day(access, DayDraft(date(2026, 3, 7), True, ("early",)))
    assert latest(access, 2026, 3, 7, 8).start_us == us(2026, 3, 7, 5)


def test_a_shift_of_every_second_week_is_found_in_its_weeks_only(access):
    change(access, "late", cycle_weeks=2, cycle_in=frozenset({0}), cycle_from=date(2026, 3, 2))
    assert latest(access, 2026, 3, 4, 15).key == "late"
    assert latest(access, 2026, 3, 11, 15).key == "early"


def test_the_last_run_is_found_though_it_is_weeks_ago(access):
    change(access, "early", valid_to=date(2026, 1, 20), start=time(6))
    for key in ("late", "night"):
        stored = next(one for one in shifts(access) if one.draft.key == key)
        delete_shift(access, stored)
    assert latest(access, 2026, 3, 4, 12).start_us == us(2026, 1, 20, 5)
    assert latest(access, 2026, 9, 4, 12) is None
