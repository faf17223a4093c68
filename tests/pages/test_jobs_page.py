"""Jobs: asked for, followed, cancelled, tried again and scheduled without leaving the page."""

import pytest
from sqlalchemy import update

from app.auth.accounts import create
from app.auth.sessions import member
from app.bootstrap import Access
from app.jobs.asking import Asked, ask
from app.jobs.listing import JobFilter, list_jobs
from app.jobs.rhythm import Rhythm
from app.jobs.running import endings
from app.jobs.running.claims import claim_next, renew
from app.jobs.schedules import ScheduleDraft, add_schedule
from data.models import Membership
from tests.pages.conftest import texts

OURS = {"Anomaly scan", "Nightly check of the figures"}


def press(page, key):
    page.button(key=key).click()
    page.run()
    assert not page.exception


def test_an_empty_plant_is_told_how_jobs_come(open_page):
    said = texts(open_page("jobs"))
    assert "Nothing runs now." in said
    assert "No job yet" in said
    assert "No schedule yet" in said


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_who_may_not_run_analytics_has_no_such_page(open_page, role):
    with pytest.raises(ValueError, match="jobs"):
        open_page("jobs", role)


@pytest.fixture
def sure(monkeypatch):
    """Whoever is asked confirms: the dialog itself is tried in a browser."""
    monkeypatch.setattr(
        "app.ui.jobs.running.confirm_dialog", lambda _title, _text, action, **_words: action()
    )


def test_a_running_job_shows_its_stage_and_can_be_cancelled(open_page, acting, gemba, sure):
    key = ask(acting(), Asked("anomaly", {"machines": ["m1"]}))
    claim = claim_next(gemba, "one")
    renew(gemba, claim, 0.4, "m1 (1 of 1)", None)
    page = open_page("jobs")
    bar = page.get("progress")[0].proto
    assert bar.value == 40
    assert "m1 (1 of 1)" in bar.text
    press(page, f"jo-cancel-{claim.job_id}")
    [job] = list_jobs(acting(), JobFilter())
    assert (job.key, job.state, job.is_cancel_asked) == (key, "running", True)


def test_the_table_has_all_jobs_and_the_address_filters_them(open_page, acting, gemba):
    for n in range(3):
        ask(acting(), Asked("identity_check", priority=-n))
    endings.finish(gemba, claim_next(gemba, "one"), {"violations": 0})
    endings.fail(gemba, claim_next(gemba, "one"), "no luck", is_final=True)
    page = open_page("jobs")
    assert sorted(page.dataframe[0].value["State"]) == ["done", "failed", "waiting"]
    page = open_page("jobs", j_state=["failed"])
    assert page.dataframe[0].value["Problem"].tolist() == ["no luck"]


def test_the_dialogs_offer_every_kind_that_has_no_page_of_its_own(open_page):
    page = open_page("jobs")
    press(page, "jo-new")
    assert set(page.selectbox(key="jo-kind").options) >= OURS
    assert "Report" not in page.selectbox(key="jo-kind").options
    assert page.multiselect(key="jo-machines").options == ["M1", "M2"]
    page = open_page("jobs")
    press(page, "jo-add")
    assert set(page.selectbox(key="jo-schedule-kind").options) >= OURS


def test_schedules_tell_when_they_are_due(open_page, acting):
    add_schedule(acting(), ScheduleDraft("Weekly", "anomaly", Rhythm("weekly", 390, 4)))
    frame = open_page("jobs").dataframe[0].value
    assert frame["When"].tolist() == ["Fridays at 06:30"]
    assert frame["Last"].tolist() == ["never"]


def test_a_schedule_whose_maker_left_says_so(open_page, acting, gemba, factory_id):
    account = create(
        gemba.database, email="eva@example.test", name="Eva", password="gravel lantern otter pudding",
        factory_slug="north", role="engineer", now=gemba.clock(),
    )  # fmt: skip
    who = member(gemba.database, account, factory_id)
    add_schedule(Access(gemba, who), ScheduleDraft("Weekly", "anomaly", Rhythm("weekly", 390, 4)))
    assert open_page("jobs").dataframe[0].value["State"].tolist() == ["on"]
    with gemba.database.write(None) as session:
        left = update(Membership).where(Membership.account_id == account)
        session.execute(left.values(deactivated_at=gemba.clock()))
    [state] = open_page("jobs").dataframe[0].value["State"]
    assert "its maker may no longer act here" in state
