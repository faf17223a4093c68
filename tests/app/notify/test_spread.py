"""Who is told what: severities, kinds, quiet hours, groups and storms."""

import pytest
from sqlalchemy import func, select

from app.notify import history
from app.notify.channels import Draft, Quiet, add_channel, edit_channel, my_channels, send_test, set_quiet
from app.notify.history import Search
from data.models import NotifyNotice, NotifyPart
from tests.app.notify.conftest import notice, run, tell


def subjects(web, channel=None):
    return [one.json["subject"] for one in web.requests if channel is None or one.path == channel]


@pytest.fixture
def hooked(person, web):
    """A manager with the factory's webhook for everything."""
    who = person("manager")
    add_channel(who, Draft("webhook", "Hook", web.url(), "low"), of_factory=True)
    return who


def test_a_channel_gets_its_severities_and_the_kinds_that_a_rule_wants(plant, person, factory_id, web, box):
    who = person("manager")
    add_channel(who, Draft("webhook", "All", web.url("/all"), "low"), of_factory=True)
    add_channel(who, Draft("webhook", "Worst", web.url("/worst"), "critical"), of_factory=True)
    add_channel(who, Draft("webhook", "Off", web.url("/off"), "low", is_on=False), of_factory=True)
    add_channel(who, Draft("email", "Mail", "ann@plant.test", "medium"))
    tell(plant, factory_id, notice(plant, severity="low", subject="a", machine_key="a"))
    tell(plant, factory_id, notice(plant, severity="critical", subject="b", machine_key="b"))
    wish = {"email": True, "whatsapp": True, "webhook": False}
    tell(plant, factory_id, notice(plant, severity="high", subject="c", machine_key="c", channels=wish))
    run(plant)
    assert subjects(web, "/all") == ["[LOW] North alert - a", "[CRITICAL] North alert - b"]
    assert subjects(web, "/worst") == ["[CRITICAL] North alert - b"]
    assert subjects(web, "/off") == []
    assert [mail.content.count(b"North alert - ") for mail in box.mails] == [1, 1]


def test_many_alerts_of_one_rule_within_a_minute_are_one_message(plant, hooked, factory_id, web, clock):
    for number in range(5):
        tell(
            plant,
            factory_id,
            notice(plant, severity="high", machine_key=f"m{number}", machine_name=f"M{number}"),
        )
    run(plant)
    assert subjects(web) == ["[HIGH] North 5 notifications - Spindle Overheat"]
    text = web.requests[0].json["text"]
    assert [f"Device: M{number} (m{number})" in text for number in range(5)] == [True] * 5


def test_after_a_message_the_next_alike_waits_a_minute(plant, hooked, factory_id, web, clock):
    tell(plant, factory_id, notice(plant, severity="high"))
    run(plant)
    clock.forward(seconds=10)
    tell(plant, factory_id, notice(plant, severity="high", subject="Other rule"))
    tell(plant, factory_id, notice(plant, severity="high", machine_key="other", subject="Alone"))
    run(plant)
    assert subjects(web) == ["[HIGH] North alert - Spindle Overheat", "[HIGH] North alert - Alone"]
    clock.forward(seconds=10)
    tell(plant, factory_id, notice(plant, severity="high", kind="alert_cleared"))
    assert run(plant) == 0
    clock.forward(seconds=41)
    run(plant)
    assert subjects(web)[2:] == ["[HIGH] North 2 notifications - CNC Mill - Station A"]


def test_a_more_severe_alert_does_not_wait_for_the_minute(plant, hooked, factory_id, web, clock):
    tell(plant, factory_id, notice(plant, severity="medium"))
    run(plant)
    tell(plant, factory_id, notice(plant, severity="medium", kind="alert_cleared"))
    assert run(plant) == 0
    tell(plant, factory_id, notice(plant, severity="critical", kind="severity_changed"))
    assert run(plant) == 1
    assert subjects(web)[1] == "[CRITICAL] North 2 notifications - Spindle Overheat"


def test_a_storm_of_five_hundred_alerts_is_one_summary(plant, hooked, factory_id, web, clock):
    cause = notice(plant, subject="Main supply lost", machine_key="sub", machine_name="Substation")
    clock.forward(seconds=1)
    rest = [
        notice(
            plant,
            subject=f"Rule {n % 7}",
            machine_key=f"m{n % 40}",
            machine_name=f"M{n % 40}",
            severity="high",
        )
        for n in range(499)
    ]
    tell(plant, factory_id, *rest[:200], cause)
    assert run(plant) == 0
    tell(plant, factory_id, *rest[200:])
    assert run(plant) == 0
    clock.forward(seconds=60)
    run(plant)
    clock.forward(minutes=30)
    run(plant)
    assert len(web.requests) == 1
    told = web.requests[0].json
    assert told["subject"] == (
        "[CRITICAL] North alert storm - 500 alerts, first: Main supply lost on Substation"
    )
    assert told["text"].index("Main supply lost") < told["text"].index("Rule ")
    assert "By severity: critical 1, high 499" in told["text"]
    assert len(told["notices"]) == 500


def test_up_to_ten_alerts_in_ten_minutes_are_told_one_by_one_and_the_next_begins_a_storm(
    plant, hooked, factory_id, web, clock
):
    for number in range(12):
        tell(
            plant, factory_id, notice(plant, subject=f"R{number}", machine_key=f"m{number}", machine_name="M")
        )
        run(plant)
        clock.forward(seconds=5)
    assert subjects(web) == [f"[CRITICAL] North alert - R{number}" for number in range(10)]
    clock.forward(seconds=60)
    run(plant)
    assert subjects(web)[10:] == ["[CRITICAL] North alert storm - 12 alerts, first: R0 on M"]


def test_a_storm_that_lasts_is_summed_up_every_ten_minutes_and_ends(plant, hooked, factory_id, web, clock):
    for minute in range(25):
        for number in range(3):
            key = f"{minute}-{number}"
            tell(plant, factory_id, notice(plant, subject=key, machine_key=key, alert_id=None))
        run(plant)
        clock.forward(minutes=1)
        run(plant)
    summaries = [one for one in subjects(web) if "storm" in one]
    assert len(summaries) == 3
    singles = [one for one in subjects(web) if "storm" not in one]
    assert len(singles) <= 10
    clock.forward(minutes=30)
    run(plant)
    tell(plant, factory_id, notice(plant, subject="Later", machine_key="later"))
    run(plant)
    assert subjects(web)[-1] == "[CRITICAL] North alert - Later"


def test_the_storm_limit_and_the_minute_are_settings(given, plant, hooked, factory_id, web, clock):
    gemba = given(**{**plant.settings.model_dump(), "notify_storm_alerts": 2, "notify_group_s": 0})
    for number in range(3):
        tell(gemba, factory_id, notice(gemba, subject=f"R{number}", machine_key=f"m{number}"))
    run(gemba)
    assert subjects(web) == ["[CRITICAL] North alert storm - 3 alerts, first: R0 on CNC Mill - Station A"]


def test_quiet_hours_hold_everything_but_the_critical_until_they_end(plant, person, factory_id, box, clock):
    who = person()
    add_channel(who, Draft("email", "Mail", "ann@plant.test", "low"))
    set_quiet(who, Quiet(22 * 60, 6 * 60))
    clock.forward(hours=9, minutes=30)
    for number in range(12):
        one = notice(plant, severity="high", subject=f"R{number}", machine_key=f"m{number}")
        tell(plant, factory_id, one)
    assert run(plant) == 0
    assert [one.state for one in history.messages(who, Search(), limit=9)[0]] == ["held"]
    tell(
        plant, factory_id, notice(plant, severity="critical", subject="Fire", machine_key="f", alert_id=None)
    )
    clock.forward(hours=7, minutes=29)
    run(plant)
    assert len(box.mails) == 1
    clock.forward(minutes=1)
    run(plant)
    assert len(box.mails) == 2
    assert b"12 notifications" in box.mails[1].content
    assert b"quiet hours" in box.mails[1].content


def test_who_wants_no_break_sleeps_through_the_critical_too(plant, person, factory_id, box, clock):
    who = person()
    add_channel(who, Draft("email", "Mail", "ann@plant.test", "low"))
    set_quiet(who, Quiet(22 * 60, 6 * 60, critical_breaks=False))
    clock.forward(hours=10)
    tell(plant, factory_id, notice(plant))
    assert run(plant) == 0
    clock.forward(hours=7)
    assert run(plant) == 1


def test_a_message_tried_again_in_quiet_hours_waits_for_their_end(plant, person, factory_id, web, clock):
    who = person()
    add_channel(who, Draft("webhook", "Hook", web.url(), "low"))
    set_quiet(who, Quiet(14 * 60, 15 * 60))
    web.answer = 503
    clock.forward(minutes=59, seconds=50)
    tell(plant, factory_id, notice(plant, severity="high"))
    assert run(plant) == 1
    web.answer = 200
    clock.forward(minutes=2)
    run(plant)
    found = history.messages(who, Search(), limit=1)[0][0]
    assert (found.state, found.attempts, len(web.requests)) == ("held", 1, 1)
    clock.forward(hours=1)
    run(plant)
    assert len(web.requests) == 2


def test_a_test_goes_out_at_once_in_quiet_hours_too(plant, person, factory_id, box, clock):
    who = person()
    channel = add_channel(who, Draft("email", "Mail", "ann@plant.test"))
    set_quiet(who, Quiet(12 * 60, 14 * 60))
    send_test(who, channel)
    assert run(plant) == 1
    assert b"tries the channel 'Mail'" in box.mails[0].content


def test_a_channel_that_is_switched_off_gets_nothing_more(plant, person, factory_id, box):
    who = person()
    add_channel(who, Draft("email", "Mail", "ann@plant.test"))
    [mine] = my_channels(who)
    edit_channel(who, mine.id, mine.version, Draft("email", "Mail", None, "high", is_on=False))
    tell(plant, factory_id, notice(plant))
    assert run(plant) == 0


def test_no_notice_is_told_twice_to_a_channel_whatever_is_grouped(plant, hooked, factory_id, web, clock):
    for step in range(40):
        key = f"m{step % 5}"
        tell(plant, factory_id, notice(plant, severity="high", subject=f"R{step % 3}", machine_key=key))
        if step % 3:
            run(plant)
        clock.forward(seconds=7)
    clock.forward(minutes=20)
    run(plant)
    single = [
        one["alert_id"]
        for each in web.requests
        if each.json["kind"] == "alerts"
        for one in each.json["notices"]
    ]
    assert len(single) == len(set(single))
    every = {one["alert_id"] for each in web.requests for one in each.json["notices"]}
    assert len(every) == 40
    with hooked.read() as session:
        assert session.scalar(select(func.count(NotifyNotice.id)).where(~NotifyNotice.is_spread)) == 0
        assert session.scalar(select(func.count(NotifyPart.id))) >= 40
