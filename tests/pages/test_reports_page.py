"""Reports: asked for, followed, downloaded and made by the clock without leaving the page."""

from datetime import date

import pytest

from app.jobs.rhythm import Rhythm
from app.jobs.running.claims import claim_next, renew
from app.jobs.schedules import ScheduleDraft, add_schedule
from app.production.plant import plant
from app.reports.asking import ask_report
from app.reports.drafts import ReportDraft
from app.ui.reports.choice import Choice
from app.ui.reports.dialog import DATES, _draft
from app.ui.scene import Scene
from data.models import from_us, to_us
from tests.pages.conftest import texts


def press(page, key):
    page.button(key=key).click()
    page.run()
    assert not page.exception


@pytest.fixture
def asked(acting):
    return lambda title: ask_report(acting(), ReportDraft(title, "json", ("summary",), period="day"))


def test_an_empty_plant_is_told_how_reports_come(open_page):
    said = texts(open_page("reports"))
    assert "No report yet" in said
    assert "No report is made by the clock yet" in said


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_who_may_not_make_reports_has_no_such_page(open_page, role):
    with pytest.raises(ValueError, match="reports"):
        open_page("reports", role)


def test_the_dialog_offers_what_a_report_can_hold(open_page):
    page = open_page("reports")
    press(page, "re-new")
    assert page.multiselect(key="re-machines").options == ["M1", "M2"]
    assert page.multiselect(key="re-lines").options == ["Line A"]
    assert [one.label for one in page.text_input if one.key in {"re-title", "re-mails"}] == [
        "Title",
        "Mail it to",
    ]
    page = open_page("reports")
    press(page, "re-add")
    assert "is about the last week that has ended" in texts(page)


def test_a_draft_of_the_dialog_has_whole_production_days(open_page, acting):
    access = acting()
    at = Scene(access, plant(access), to_us(access.now), 0)
    choice = Choice("pdf", ("summary",), (), ("m1",), ("a@b.test",))
    draft = _draft(at, "Monday", DATES, (date(2026, 3, 2), date(2026, 3, 2)), choice)
    zone = access.factory.zone
    ends = [f"{from_us(one).astimezone(zone):%d %H:%M}" for one in (draft.start_us, draft.end_us)]
    assert (ends, draft.period, draft.machines) == (["02 06:00", "03 06:00"], "", ("m1",))
    assert _draft(at, "", "week", None, choice).period == "week"


def test_one_that_is_being_made_shows_how_far_it_is(open_page, asked, gemba):
    asked("Monday *report*")
    renew(gemba, claim_next(gemba, "one"), 0.4, "Energy", None)
    bar = open_page("reports").get("progress")[0].proto
    assert bar.value == 40
    assert "Energy" in bar.text


def test_the_list_is_filtered_by_the_address_and_a_link_opens_one(open_page, asked):
    key = asked("Monday")
    page = open_page("reports", r_status="pending")
    assert page.dataframe[0].value["Title"].tolist() == ["Monday"]
    assert "No report yet" in texts(open_page("reports", r_status="complete"))
    assert "##### Monday" in texts(open_page("reports", r_report=key))
    assert "no longer kept" in texts(open_page("reports", r_report="gone"))


def test_schedules_of_reports_tell_when_and_to_whom(open_page, acting):
    given = {"period": "shift", "recipients": ["boss@plant.test"]}
    add_schedule(acting(), ScheduleDraft("Shift report", "report", Rhythm("shiftly", 15), given))
    add_schedule(acting(), ScheduleDraft("Scan", "anomaly", Rhythm("daily", 15)))
    frame = open_page("reports").dataframe[0].value
    assert frame["When"].tolist() == ["15 min after each shift"]
    assert frame["Mail to"].tolist() == ["boss@plant.test"]


def test_only_who_manages_machines_changes_the_logo(open_page):
    assert any(one.label == "Logo on reports" for one in open_page("reports", "engineer").expander)
