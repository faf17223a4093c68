"""Shifts & calendar: the month, the tables, and who may change them. The dialogs are tried in a browser."""

from dataclasses import replace
from datetime import date, time

import pytest

from app.shifts.basics import basics, save_basics
from app.shifts.crews import CrewDraft, save_crew
from app.shifts.days import DayDraft, keep_holidays, save_day
from app.shifts.targets import TargetDraft, save_target
from tests.pages.conftest import texts

VIEWS = ("Month", "Shifts", "Days off & extra days", "Crews", "Targets")


@pytest.fixture
def access(acting):
    return acting()


def month(page):
    return next(one.value for one in page.get("html") if "<table" in one.value)


def test_the_month_shows_shifts_crews_holidays_and_closures(open_page, access):
    save_crew(access, CrewDraft("A", "Crew <A>", ("early", "-"), date(2026, 4, 1)))
    save_day(access, DayDraft(date(2026, 4, 8), False, name="Stocktaking"))
    keep_holidays(access, "DE")
    page = open_page("calendar", "viewer", c_month="April 2026")
    found = month(page)
    assert "Good Friday" in found
    assert "Stocktaking" in found
    assert found.count("Early: Crew &lt;A&gt;</span>") == 14
    assert found.count('class="closed') == 3
    assert "81 shifts run in this month; 3 days are closed" in texts(page)


def test_another_month_is_one_tap_away(open_page, access):
    page = open_page("calendar")
    before = month(page)
    next(one for one in page.button if one.label == "Month after").click().run()
    assert page.selectbox[0].value == "2026-04"
    assert month(page) != before


@pytest.mark.parametrize("view", VIEWS)
def test_only_those_who_manage_machines_change_the_calendar(open_page, access, view):
    save_target(access, TargetDraft("oee", 0.6, date(2026, 3, 1)))
    for role, may in (("engineer", True), ("operator", False)):
        page = open_page("calendar", role, c_view=view)
        assert not page.exception
        assert any(one.label.startswith("Add a") for one in page.button) is (may and view != "Month")


def test_the_basics_are_shown_and_a_shift_over_the_start_of_the_day_is_named(open_page, access):
    page = open_page("calendar", "viewer", c_view="Basics")
    assert "A production day begins at **06:00** (Europe/Berlin)" in texts(page)
    assert "shorter than **5 min**" in texts(page)
    assert not page.warning
    assert not [one for one in page.button if one.label == "Change"]
    page = open_page("calendar", "engineer", c_view="Basics")
    assert [one for one in page.button if one.label == "Change"]
    known = basics(access)
    save_basics(access, replace(known, day_start=time(0), oee_target=0.7, currency="CHF"), known.version)
    shown = open_page("calendar", "viewer", c_view="Basics")
    assert "Night goes on when a production day begins at 00:00" in shown.warning[0].value
    assert "OEE should reach **70.0" in texts(shown)
