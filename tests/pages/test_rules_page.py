"""Rules: written, tried on history, published, compared and rolled back without leaving the page."""

import json

import pytest

from app.rules import store
from app.rules.drafts import Draft
from app.ui.rules.form import Form
from tests.app.rules.conftest import access, hot, ids, rule, send
from tests.pages.conftest import texts

__all__ = ["access", "ids", "rule", "send"]


def write(page, label, value):
    next(one for one in page.text_input if one.label == label).set_value(value)


def press(page, label):
    next(one for one in page.button if one.label == label).click()
    page.run()
    assert not page.exception


def as_json(page, body):
    """Give the conditions as text: the tree itself is tried in a browser."""
    next(one for one in page.get("button_group") if one.label == "View").set_value("JSON")
    page.run()
    next(one for one in page.text_area if one.label == "The conditions as JSON").set_value(
        body if isinstance(body, str) else json.dumps(body)
    )
    press(page, "Take this over")


@pytest.fixture
def sure(monkeypatch):
    """Whoever is asked confirms: the dialog itself is tried in a browser."""
    for part in ("actions", "versions"):
        monkeypatch.setattr(
            f"app.ui.rules.{part}.confirm_dialog", lambda _title, _text, action, **_words: action()
        )


def test_an_empty_plant_is_told_what_a_rule_does(open_page):
    assert "No rule yet" in texts(open_page("rules"))


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_people_who_may_not_make_rules_have_no_page(open_page, role):
    with pytest.raises(ValueError, match="rules"):
        open_page("rules", role)


def test_a_rule_is_written_and_published(open_page, access):
    page = open_page("rules")
    press(page, "New rule")
    write(page, "Name", "Too hot")
    as_json(page, {"severity": "critical", "conditions": hot()["conditions"] | {"for_s": 300}})
    assert "**Critical** for all machines: when temp is above 80 °C, for 5 min." in texts(page)
    press(page, "Save and publish")
    [rule] = store.list_rules(access)
    assert (rule.name, rule.published, rule.has_changes) == ("Too hot", 1, False)
    assert rule.body["conditions"]["for_s"] == 300
    assert page.dataframe[0].value["What it says"].tolist() == ["temp is above 80 °C, for 5 min"]


def test_a_mistake_is_marked_at_its_place_and_keeps_the_rule_from_being_saved(open_page, access):
    page = open_page("rules")
    press(page, "New rule")
    write(page, "Name", "Wrong")
    parts = [
        hot()["conditions"], {"kind": "rate", "parameter": "pressure", "operator": "gt", "threshold": 1},
        {"kind": "no_data", "parameter": "temp"},
    ]  # fmt: skip
    as_json(page, {"severity": "low", "conditions": {"operator": "OR", "conditions": parts}})
    assert "conditions[2].longer_s: Give seconds between 1 and 90 days." in texts(page)
    parts[2]["longer_s"] = 60
    as_json(page, {"severity": "low", "conditions": {"operator": "OR", "conditions": parts}})
    assert "conditions[1].parameter: None of the machines sends 'pressure'" in texts(page)
    press(page, "Save and publish")
    assert "The conditions are not complete" in texts(page)
    assert store.list_rules(access) == []


def test_a_text_that_is_no_json_changes_nothing(open_page, access):
    page = open_page("rules")
    press(page, "New rule")
    as_json(page, '{"conditions": ')
    assert any("Line 1" in one.value for one in page.error)
    as_json(page, "[]")
    assert any("Conditions are an object" in one.value for one in page.error)


def test_fields_around_the_conditions_are_kept(open_page, access):
    page = open_page("rules")
    press(page, "New rule")
    write(page, "Name", "At night")
    as_json(page, {"severity": "low", "conditions": hot()["conditions"]})
    next(one for one in page.number_input if one.label == "On-delay (s)").set_value(30)
    next(one for one in page.selectbox if one.label == "Missing data").set_value("break")
    next(one for one in page.get("button_group") if one.label == "Sent by").set_value(["email", "sms"])
    schedule = next(one for one in page.get("button_group") if one.label.startswith("May raise"))
    schedule.set_value("time_window")
    page.run()
    press(page, "Another window")
    assert "Only Mon, Tue, Wed, Thu, Fri 06:00 to 22:00 and Sat, Sun 06:00 to 14:00." in texts(page)
    press(page, "Save as draft")
    [rule] = store.list_rules(access)
    assert rule.published == 0
    assert rule.body["on_delay_s"] == 30
    assert rule.body["unknown"] == "break"
    assert rule.body["notification_channels"] == {"email": True, "sms": True}
    assert [one["days"] for one in rule.body["schedule_config"]["windows"]] == [[1, 2, 3, 4, 5], [6, 7]]


def test_states_that_suppress_alerts_are_chosen_and_another_condition_is_shown_and_stays(
    open_page, access, rule, ids
):
    page = open_page("rules")
    press(page, "New rule")
    write(page, "Name", "While it runs")
    as_json(page, {"severity": "low", "conditions": hot()["conditions"]})
    page.multiselect(key="re-suppress").set_value(["planned_stop", "setup"])
    page.run()
    assert "Suppressed by design while the machine is" in texts(page)
    press(page, "Save as draft")
    [one] = store.list_rules(access)
    assert one.body["suppress"] == {"kind": "state", "states": ["planned_stop", "setup"]}
    store.remove_rule(access, one.id)
    other = {"kind": "threshold", "parameter": "flow", "operator": "lt", "threshold": 1}
    number = rule(hot(suppress=other), scope="device", target=(ids["m1"],))
    page = open_page("rules")
    press(page, "Edit")
    assert "flow is below 1 L/min" in texts(page)
    press(page, "Save as draft")
    assert store.get_rule(access, number).body["suppress"] == other


def test_opening_and_saving_a_rule_changes_nothing_of_it(open_page, access, rule, ids):
    body = hot(
        levels=[{"severity": "low", "conditions": hot()["conditions"]},
                {"severity": "critical", "conditions": hot(90)["conditions"] | {"for_s": 60}}],
        schedule_type="date_range", schedule_config={"start_date": "2026-07-01", "end_date": "2026-07-31"},
        k=2, off_delay_s=5, notification_channels={"email": False},
    )  # fmt: skip
    del body["conditions"], body["severity"]
    rule(body, scope="device", target=(ids["m1"], ids["m2"]))
    page = open_page("rules")
    press(page, "Edit")
    press(page, "Save as draft")
    [kept] = store.list_rules(access)
    assert kept.body == body
    assert set(kept.target) == {ids["m1"], ids["m2"]}
    assert not kept.has_changes


def test_the_look_back_shows_the_alerts_of_the_draft(open_page, access, rule, send, ids, gemba):
    send("m1", (0, 70), (60, 85), (120, 70), (180, 90), (240, 70))
    gemba.clock.forward(minutes=10)
    rule(scope="device", target=(ids["m1"],))
    page = open_page("rules")
    press(page, "Edit")
    shown = {one.label: one.value for one in page.metric}
    assert shown["Alerts"] == "2"
    assert "**Acceptable**" in texts(page)
    assert page.session_state["rule-look-backs"]
    as_json(page, {"severity": "low", "conditions": hot(87)["conditions"]})
    assert {one.label: one.value for one in page.metric}["Alerts"] == "1"


def test_a_rule_is_switched_copied_and_deleted_in_the_list(open_page, access, rule, sure):
    rule()
    page = open_page("rules")
    press(page, "Switch off")
    assert store.list_rules(access)[0].is_active is False
    press(page, "Duplicate")
    assert page.dataframe[0].value["Name"].tolist() == ["Too hot", "Too hot (copy)"]
    assert page.dataframe[0].value["State"].tolist() == ["off", "draft"]
    next(one for one in page.text_input if one.label == "Search").set_value("copy")
    page.run()
    assert page.dataframe[0].value["Name"].tolist() == ["Too hot (copy)"]
    press(page, "Delete")
    assert [one.name for one in store.list_rules(access)] == ["Too hot"]


def test_versions_are_compared_and_rolled_back(open_page, access, rule, sure):
    number = rule()
    store.edit_rule(access, number, None, Draft("Too hot", hot(90), scope="global"))
    page = open_page("rules")
    difference = page.dataframe[2].value.set_index("Field")
    assert difference.loc["high"].tolist() == ["temp is above 80 °C", "temp is above 90 °C"]
    assert difference.loc["high: conditions.threshold"].tolist() == ["80", "90"]
    assert len(difference) == 2
    press(page, "Roll back")
    [kept] = store.list_rules(access)
    assert (kept.published, kept.body["conditions"]["threshold"]) == (3, 80)


def test_a_change_by_somebody_else_meanwhile_is_told(open_page, access, rule):
    number = rule()
    page = open_page("rules")
    press(page, "Edit")
    store.switch_rule(access, number, None)
    press(page, "Save and publish")
    assert any("Somebody changed this rule" in one.value for one in [*page.error, *page.warning])
    assert any(one.label == "Name" for one in page.text_input)


def test_a_rule_that_was_just_begun_is_not_marked_as_wrong_before_somebody_tries_to_save_it():
    form = Form(levels=[{"severity": "medium", "conditions": {"kind": "threshold"}}])
    assert form.is_untouched
    form.change([{"severity": "low", "conditions": {"kind": "threshold"}}])
    assert not form.is_untouched
    assert not Form(is_tried=True).is_untouched
    assert not Form(id=3).is_untouched
