"""Maintenance: what waits, who may work on it, the tables, the overview's line."""

from datetime import datetime

import pytest

from app.maintenance.orders import OrderDraft, Part
from app.maintenance.plans import PlanDraft, add_plan
from app.maintenance.working import Finish, finish_order, open_order
from data.models import to_us
from tests.pages.conftest import texts

DAY = 86_400_000_000
VIEWS = ("Due", "Work orders", "Plans", "Reliability & cost", "Calendar")


@pytest.fixture
def kept(acting):
    access = acting("manager")
    now = to_us(access.now)
    open_order(access, OrderDraft("m1", "Change the *seal*", due_us=now - 2 * DAY, person="Kim"))
    open_order(access, OrderDraft("m2", "Grease", "planned", due_us=now + DAY))
    done = open_order(access, OrderDraft("m1", "Belt"))
    finish_order(
        access, done, 1, Finish(now - DAY, now - DAY // 2, "Kim", None, 80.0, (Part("Belt", 1, 20.0),))
    )
    add_plan(access, PlanDraft("m1", "Oil", 1, "month"))


def frame(page):
    return page.dataframe[0].value


def test_what_is_overdue_comes_first_and_an_operator_may_work_on_it(open_page, kept):
    page = open_page("maintenance", "operator")
    cards = [one for one in page.button if one.label.startswith("**")]
    assert [one.label.split("  \n")[0] for one in cards] == [r"**Change the \*seal\***", "**Grease**"]
    assert "overdue by 3 days" in cards[0].label
    assert not any(one.disabled for one in cards)
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["Overdue"] == "1"
    assert shown["Cost"].startswith("100")


def test_a_viewer_sees_what_waits_without_names_and_changes_nothing(open_page, kept):
    page = open_page("maintenance", "viewer")
    assert all(one.disabled for one in page.button if one.label.startswith("**"))
    page = open_page("maintenance", "viewer", m_view="Work orders")
    assert "Person" not in frame(page).columns
    assert not any(one.label == "Open an order" for one in page.button)
    assert len(frame(page)) == 3
    assert "Kim" in set(frame(open_page("maintenance", "engineer", m_view="Work orders"))["Person"])


def test_filters_stand_in_the_address(open_page, kept):
    page = open_page("maintenance", m_view="Work orders", m_state="done")
    assert frame(page)["What"].tolist() == ["Belt"]
    page = open_page("maintenance", m_view="Work orders", m_words="greas")
    assert frame(page)["What"].tolist() == ["Grease"]


def test_plans_figures_and_the_month_are_shown(open_page, kept, clock):
    page = open_page("maintenance", m_view="Plans")
    assert frame(page)["Is"].tolist() == ["later"]
    page = open_page("maintenance", m_view="Reliability & cost")
    first = frame(page).iloc[0]
    assert (first["Machine"], first["Parts EUR"], first["Labour EUR"], first["Corrective"]) == (
        "M1",
        20,
        80,
        1,
    )
    page = open_page("maintenance", m_view="Calendar")
    table = next(one.value for one in page.get("html") if "<table" in one.value)
    assert "M2: Grease" in table
    page = open_page("maintenance", m_view="Calendar", c_month="April 2026")
    assert "~ M1: Oil" in next(one.value for one in page.get("html") if "<table" in one.value)


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_of_a_plant_without_maintenance_says_how_to_begin(open_page, view):
    page = open_page("maintenance", m_view=view)
    assert not page.exception
    assert not page.error


def test_the_overview_says_what_is_overdue(open_page, acting, kept):
    from app.production.plant import plant
    from app.production.records import entry as records

    access = acting()
    begin = datetime.fromisoformat("2026-03-04T06:00:00+00:00")
    number = plant(access).machine_by_key["m1"].id
    records.enter(
        access,
        records.RecordDraft(number, begin, begin.replace(hour=10), 4 * 3600, 3 * 3600, 3600, 9_000, 9_000),
    )
    assert "1 order overdue" in texts(open_page("overview"))
