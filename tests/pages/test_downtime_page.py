"""Downtime: what waits for a reason, and who may judge. The dialogs are tried in a browser."""

from tests.app.stops.test_judging import access, shift_us, worked
from tests.pages.conftest import texts

__all__ = ["access", "shift_us", "worked"]


def test_what_waits_is_shown_and_an_operator_may_judge_it(open_page, worked):
    page = open_page("downtime", "operator")
    assert "3 stops without a reason" in texts(page)
    cards = [one for one in page.button if one.label.startswith("**M1**")]
    assert [one.disabled for one in cards] == [False] * 3
    assert "still stopped" in cards[0].label


def test_a_viewer_sees_what_waits_and_cannot_judge(open_page, worked):
    page = open_page("downtime", "viewer")
    assert [one.disabled for one in page.button if one.label.startswith("**M1**")] == [True] * 3


def test_only_those_who_manage_machines_change_reasons(open_page, worked):
    for role, there in (("engineer", True), ("operator", False)):
        page = open_page("downtime", role, d_view="Reasons")
        assert any(one.label == "Add a reason" for one in page.button) is there


def test_each_view_of_an_empty_plant_says_what_is_missing(open_page):
    for view in ("To classify", "Pareto", "All stops", "Label quality", "Reasons"):
        page = open_page("downtime", d_view=view)
        assert not page.exception
        assert next(one for one in page.get("button_group") if one.label == "View").value == view
    assert "Every stop has its reason" in texts(open_page("downtime"))
