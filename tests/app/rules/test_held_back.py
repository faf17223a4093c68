"""Suppressed by design and out of service: shown, told to nobody, and no part of the alarm load."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound, VersionChanged
from app.alerts.listing import Filter, alert_load, list_alerts
from app.alerts.loads import load_report
from app.alerts.out_of_service import (
    OutDraft,
    out_of_service,
    remove_from_service,
    return_to_service,
)
from app.alerts.standing import standings
from app.rules.backtest import look_back
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from data.models import AuditEntry, NotifyNotice, to_us
from tests.app.rules.conftest import SECOND, hot
from tests.conftest import relational

STOPPED = {"parameter": "flow", "operator": "lt", "threshold": 1}
HOUR_US = 3_600 * SECOND


@pytest.fixture
def relational_url(request, tmp_path):
    with relational("sqlite", request, tmp_path) as url:
        yield url


def told(access):
    with access.read() as session:
        return list(session.scalars(select(NotifyNotice.kind).order_by(NotifyNotice.id)))


def states(access):
    return [one.state for one in list_alerts(access, Filter())]


def counted(access):
    now = to_us(access.now)
    return alert_load(access, now - HOUR_US, now + HOUR_US).count


@pytest.fixture
def stopped(rule):
    """A rule on the temperature that tells nobody while nothing flows."""
    return rule(hot(suppress=STOPPED))


def test_an_alert_while_the_machine_stands_is_listed_as_suppressed_told_to_nobody_and_not_counted(
    access, clock, send, stopped, runtime
):
    clock.forward(seconds=30)
    send("m1", (1, 0.0), parameter="flow")
    send("m1", (5, 90))
    runtime.round(access)
    assert states(access) == ["suppressed"]
    assert told(access) == []
    assert standings(access) == {}
    assert counted(access) == 0
    found = load_report(access, to_us(access.now) - HOUR_US, to_us(access.now))
    assert (found.figures.count, found.suppressed, found.out_of_service) == (0, 1, 0)
    clock.forward(seconds=20)
    send("m1", (45, 70))
    runtime.round(access)
    assert states(access) == ["cleared"]
    assert told(access) == []


def test_when_the_suppression_ends_and_the_condition_still_holds_people_are_told_once(
    access, clock, send, stopped, runtime
):
    begin = to_us(access.now)
    clock.forward(seconds=30)
    send("m1", (1, 0.0), parameter="flow")
    send("m1", (5, 90))
    runtime.round(access)
    clock.forward(seconds=30)
    send("m1", (40, 5.0), parameter="flow")
    send("m1", (50, 90))
    for _ in range(2):
        runtime.round(access)
    [one] = list_alerts(access, Filter())
    assert (one.state, to_us(one.raised_at) - begin) == ("active", 5 * SECOND)
    assert told(access) == ["alert_raised"]
    assert counted(access) == 1
    assert alert_load(access, begin + 39 * SECOND, begin + 41 * SECOND).count == 1


def test_an_alert_that_was_told_and_then_suppressed_counts_and_its_end_is_told_to_nobody(
    access, clock, send, stopped, runtime
):
    clock.forward(seconds=30)
    send("m1", (1, 5.0), parameter="flow")
    send("m1", (5, 90))
    runtime.round(access)
    send("m1", (20, 0.0), parameter="flow")
    runtime.round(access)
    assert states(access) == ["suppressed"]
    clock.forward(seconds=20)
    send("m1", (45, 70))
    runtime.round(access)
    assert states(access) == ["returned"]
    assert told(access) == ["alert_raised"]
    assert counted(access) == 1


def test_a_restart_and_the_look_back_see_the_same_suppression(access, clock, send, rule, ids):
    body = hot(suppress=STOPPED)
    rule(body)
    begin = to_us(access.now)
    for at, temp, flow in ((10, 90, 0.0), (120, 70, 0.0), (240, 90, 0.0), (300, 90, 4.0), (480, 60, 4.0)):
        clock.now += timedelta(seconds=1)
        target = begin + at * SECOND
        clock.now += timedelta(microseconds=max(target + SECOND - to_us(clock.now), 0))
        send("m1", (at, flow), parameter="flow")
        send("m1", (at, temp))
        RuleRuntime(access).round(access)
    live = sorted((to_us(one.raised_at), one.state) for one in list_alerts(access, Filter()))
    assert [state for _, state in live] == ["cleared", "returned"]
    draft = Draft("Hot", body, scope="device", target=(ids["m1"],))
    found = look_back(access, draft, begin, to_us(clock.now))
    assert found.suppressed == 1
    assert [one.raised_us for one in found.alerts] == [live[1][0]]
    assert found.load.count == 1


def test_a_parameter_that_no_machine_sends_cannot_suppress(rule):
    with pytest.raises(InvalidInput) as raised:
        rule(hot(suppress={"parameter": "vibes", "operator": "gt", "threshold": 1}))
    assert raised.value.problems[0].field == "suppress.parameter"


def out(access: Any, **given: Any) -> int:
    draft = {"rule_id": None, "machine_id": None, "until": access.now + timedelta(hours=1),
             "reason": "sensor is being changed"} | given  # fmt: skip
    return remove_from_service(access, OutDraft(**draft))


@pytest.mark.parametrize("what", ["rule", "machine", "both"])
def test_an_alert_out_of_service_is_listed_told_to_nobody_and_not_counted(
    access, clock, send, rule, runtime, ids, what
):
    number = rule()
    given = {"rule_id": number} if what != "machine" else {}
    out(access, **given, **({"machine_id": ids["m1"]} if what != "rule" else {}))
    clock.forward(seconds=10)
    send("m1", (5, 90))
    send("m2", (5, 90))
    runtime.round(access)
    expected = ["out_of_service"] * 2 if what == "rule" else ["active", "out_of_service"]
    assert sorted(states(access)) == expected
    assert told(access) == ["alert_raised"] * expected.count("active")
    assert counted(access) == expected.count("active")
    found = load_report(access, to_us(access.now) - HOUR_US, to_us(access.now) + 1)
    assert found.out_of_service == expected.count("out_of_service")


def test_what_is_open_goes_out_of_service_and_comes_back_when_a_person_returns_it(
    access, clock, send, rule, runtime, ids
):
    rule()
    clock.forward(seconds=10)
    send("m1", (5, 90))
    runtime.round(access)
    number = out(access, machine_id=ids["m1"])
    assert states(access) == ["out_of_service"]
    [shown] = out_of_service(access)
    assert (shown.machine_name, shown.begun_by, shown.version) == ("M1", "admin@example.test", 1)
    with pytest.raises(VersionChanged):
        return_to_service(access, number, 7)
    return_to_service(access, number, 1)
    assert states(access) == ["active"]
    assert told(access) == ["alert_raised"]
    assert out_of_service(access) == []
    with pytest.raises(Conflict):
        return_to_service(access, number)
    with access.read() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.position)).all()
    assert actions[-2:] == ["alert.out_of_service", "alert.in_service"]


def test_when_its_time_is_over_what_is_still_active_is_told(access, clock, send, rule, runtime, ids):
    rule()
    out(access, machine_id=ids["m1"])
    clock.forward(seconds=10)
    send("m1", (5, 90))
    runtime.round(access)
    assert told(access) == []
    clock.forward(hours=2)
    send("m1", (7_190, 90))
    runtime.round(access)
    assert states(access) == ["active"]
    assert told(access) == ["alert_raised"]
    [shown] = out_of_service(access, with_ended=True)
    assert shown.ended_by == "its time was over"
    assert counted(access) == 1


def test_it_takes_a_reason_an_end_a_known_subject_and_the_permission(access, acting, clock, rule, ids):
    number = rule()
    for given in ({"reason": " "}, {"until": access.now}, {"until": access.now + timedelta(days=400)}, {}):
        with pytest.raises(InvalidInput):
            out(access, **({"rule_id": number} if given else {}), **given)
    with pytest.raises(NotFound):
        out(access, rule_id=10**9)
    with pytest.raises(NotFound):
        out(access, machine_id=10**9)
    with pytest.raises(Forbidden):
        out(acting("operator"), rule_id=number)
    with pytest.raises(Forbidden):
        return_to_service(acting("operator"), 1)
    assert out_of_service(acting("viewer")) == []
