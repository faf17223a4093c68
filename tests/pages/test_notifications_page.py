"""Notifications: a channel is added, tried, changed and removed, and the log tells what became of it."""

import pytest
from sqlalchemy import select

from app.notify import history
from app.notify.channels import Draft, add_channel, my_quiet
from app.notify.history import Search
from data.models import NotifyPreference
from tests.app.notify.conftest import make_person, notice, run, tell
from tests.pages.conftest import texts


def press(page, label):
    next(one for one in page.button if one.label == label).click()
    page.run()
    assert not page.exception


@pytest.mark.parametrize("role", ["super_admin", "manager", "operator", "viewer"])
def test_everybody_has_the_page_and_only_some_the_factorys_channels(open_page, role):
    page = open_page("notifications", role)
    assert not page.exception
    assert "No channel yet" in texts(page)
    views = next(one for one in page.get("button_group")).options
    assert ("Factory" in [str(getattr(one, "content", one)) for one in views]) == (
        role in {"super_admin", "manager"}
    )


def test_a_channel_of_ones_own_begins_with_ones_own_address(open_page, gemba, factory_id):
    page = open_page("notifications", "operator")
    press(page, "Add a channel")
    assert next(one for one in page.text_input if one.label == "Address").value == "operator@example.test"


def test_a_web_address_is_not_shown_again(open_page, gemba, factory_id, monkeypatch):
    monkeypatch.setattr("app.notify.guard.look_up", lambda host, port: ["93.184.215.14"])
    who = make_person(gemba, "manager", factory_id)
    add_channel(who, Draft("slack", "Shift", "https://hooks.slack.com/services/T0PSECRET"), of_factory=True)
    page = open_page("notifications", "manager", n_view="Factory")
    assert page.dataframe[0].value["Where to"].tolist() == ["https://hooks.slack.com/…"]
    press(page, "Edit")
    assert "T0PSECRET" not in str(page.main) + texts(page)


def test_quiet_hours_are_set_on_the_page(open_page, gemba, factory_id):
    page = open_page("notifications", "manager")
    page.toggle(key="q-on").set_value(True)
    press(page, "Save quiet hours")
    with gemba.database.read(factory_id) as session:
        kept = session.scalar(select(NotifyPreference))
    assert (kept.quiet_start_min, kept.quiet_end_min, kept.critical_breaks) == (1320, 360, True)


def test_a_message_is_looked_at_given_up_and_sent_again(open_page, gemba, factory_id):
    who = make_person(gemba, "manager", factory_id)
    add_channel(who, Draft("email", "Mail", "ann@plant.test"))
    tell(gemba, factory_id, notice(gemba))
    run(gemba)
    page = open_page("notifications", "manager", n_view="Delivery log")
    assert page.dataframe[0].value["State"].tolist() == ["waiting"]
    assert page.dataframe[1].value["Outcome"].tolist() == ["failed, tried again later"]
    assert any("Rule: Spindle Overheat" in one.value for one in page.code)
    press(page, "Give up")
    assert page.dataframe[0].value["State"].tolist() == ["given up"]
    press(page, "Send again")
    assert history.messages(who, Search(), limit=1)[0][0].state == "waiting"
    assert my_quiet(who).version == 0
    page = open_page("notifications", "manager", n_view="Delivery log", n_state="sent")
    assert "No message fits" in texts(page)
