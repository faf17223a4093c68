"""Rules over live data: alerts come within a round, late data amends them, and a crash changes nothing."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from analytics.errors import StoreUnavailable
from analytics.vocabulary import State
from app.bootstrap import Access
from app.ingest.intake import ingest_states
from app.rules import store
from app.rules.backtest import look_back
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from app.rules.store import as_draft, get_rule
from data.contracts.messages import StateMessage
from data.models import Alert, AlertNote, Machine, NotifyNotice, RuleMemory, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from tests.app.rules.conftest import SECOND, Send, hot

Rules = Callable[..., int]


def alerts(access: Access) -> list[Alert]:
    with access.read() as session:
        rows = list(session.scalars(select(Alert).order_by(Alert.raised_us, Alert.id)))
        session.expunge_all()
        return rows


def notes(access: Access) -> list[str]:
    with access.read() as session:
        return list(session.scalars(select(AlertNote.kind).order_by(AlertNote.id)))


@pytest.fixture
def start_us(access: Access) -> int:
    return to_us(access.now)


def test_an_alert_is_there_after_the_round_that_follows_the_sample(
    access: Access,
    clock: Any,
    send: Send,
    rule: Rules,
    runtime: RuleRuntime,
    ids: dict[str, int],
    start_us: int,
) -> None:
    number = rule()
    clock.forward(seconds=10)
    send("m1", (1, 70), (5, 82.5))
    assert runtime.round(access).touched == 1
    [alert] = alerts(access)
    assert (alert.rule_id, alert.machine_id, alert.severity) == (number, ids["m1"], "high")
    assert (alert.raised_us - start_us, alert.cleared_us, alert.is_final) == (5 * SECOND, None, False)
    assert alert.message == "temp (82.5 °C) is above 80 °C"
    assert alert.snapshot == {"temp": 82.5}
    assert alert.evidence[0]["truth"] == "true"
    assert runtime.round(access).touched == 0


def test_it_clears_and_becomes_final_when_the_lateness_is_over(
    access: Access, clock: Any, send: Send, rule: Rules, runtime: RuleRuntime, start_us: int
) -> None:
    rule()
    clock.forward(seconds=10)
    send("m1", (1, 90), (5, 70))
    runtime.round(access)
    [alert] = alerts(access)
    assert ((alert.cleared_us or 0) - start_us, alert.is_final) == (5 * SECOND, False)
    clock.forward(seconds=100)
    send("m1", (100, 70))
    runtime.round(access)
    [alert] = alerts(access)
    assert alert.is_final
    assert alert.cause == "back to normal"
    assert notes(access) == ["raised", "cleared"]


def test_a_late_sample_moves_the_alert_by_a_revision(
    access: Access, clock: Any, send: Send, rule: Rules, runtime: RuleRuntime, start_us: int
) -> None:
    rule()
    clock.forward(seconds=30)
    send("m1", (1, 70), (20, 90))
    runtime.round(access)
    send("m1", (10, 85))
    runtime.round(access)
    [alert] = alerts(access)
    assert (alert.raised_us - start_us, alert.revision) == (10 * SECOND, 2)
    assert "amended" in notes(access)


def test_a_late_sample_can_show_that_an_alert_never_was(
    access: Access, clock: Any, send: Send, rule: Rules, runtime: RuleRuntime
) -> None:
    rule(hot(on_delay_s=20))
    clock.forward(seconds=31)
    send("m1", (1, 90), (30, 90))
    runtime.round(access)
    assert len(alerts(access)) == 1
    send("m1", (10, 70), (15, 90))
    runtime.round(access)
    [alert] = alerts(access)
    assert alert.is_withdrawn
    assert notes(access)[-1] == "withdrawn"


def test_every_machine_has_its_own_alert_and_one_notice_each(
    access: Access, clock: Any, send: Send, rule: Rules, runtime: RuleRuntime, ids: dict[str, int]
) -> None:
    rule()
    clock.forward(seconds=10)
    send("m1", (5, 90))
    send("m2", (6, 95))
    for _ in range(3):
        runtime.round(access)
    assert {alert.machine_id for alert in alerts(access)} == {ids["m1"], ids["m2"]}
    with access.read() as session:
        assert sorted(session.scalars(select(NotifyNotice.machine_key))) == ["m1", "m2"]


def test_a_severity_that_rises_is_told_once(
    access: Access, clock: Any, send: Send, rule: Rules, runtime: RuleRuntime
) -> None:
    body = hot()
    del body["conditions"], body["severity"]
    temp = {"parameter": "temp", "operator": "gt"}
    body["levels"] = [
        {"severity": "medium", "conditions": {**temp, "threshold": 80}},
        {"severity": "critical", "conditions": {**temp, "threshold": 95}},
    ]
    rule(body)
    clock.forward(seconds=30)
    send("m1", (5, 85))
    runtime.round(access)
    send("m1", (10, 99))
    runtime.round(access)
    send("m1", (20, 85))
    runtime.round(access)
    clock.forward(seconds=200)
    send("m1", (200, 85))
    runtime.round(access)
    [alert] = alerts(access)
    assert (alert.severity, alert.worst) == ("medium", "critical")
    assert [rank for _, rank in alert.marks] == [2, 4, 2]
    with access.read() as session:
        kinds = list(session.scalars(select(NotifyNotice.kind).order_by(NotifyNotice.id)))
    assert kinds == ["alert_raised", "severity_changed", "severity_changed"]


def test_a_new_version_closes_the_alerts_of_the_old_one_and_raises_its_own(
    access: Access, clock: Any, send: Send, rule: Rules, runtime: RuleRuntime
) -> None:
    number = rule()
    clock.forward(seconds=10)
    send("m1", (5, 90))
    runtime.round(access)
    known = get_rule(access, number)
    store.edit_rule(access, number, known.version, as_draft(known, body=hot(85)))
    clock.forward(seconds=2)
    send("m1", (12, 90))
    runtime.round(access)
    old, new = alerts(access)
    assert (old.cause, old.rule_version, old.cleared_us is not None) == ("rule changed", 1, True)
    assert (new.rule_version, new.cleared_us) == (2, None)


@pytest.mark.parametrize("how", ["off", "remove"])
def test_switching_off_or_deleting_closes_the_alerts_with_the_cause(
    access: Access, clock: Any, send: Send, rule: Rules, runtime: RuleRuntime, how: str
) -> None:
    number = rule()
    clock.forward(seconds=10)
    send("m1", (5, 90))
    runtime.round(access)
    if how == "off":
        store.switch_rule(access, number, None)
    else:
        store.remove_rule(access, number)
    runtime.round(access)
    [alert] = alerts(access)
    assert alert.cause == {"off": "rule switched off", "remove": "rule deleted"}[how]
    assert alert.is_final


def test_a_machine_that_is_added_later_is_watched_by_the_rules_of_all_machines(
    access: Access, clock: Any, send: Send, runtime: RuleRuntime
) -> None:
    store.add_rule(access, Draft("Hot anywhere", hot(), scope="global"))
    send("m1", (1, 82.0))
    clock.forward(seconds=5)
    assert runtime.round(access).touched == 1
    with access.write() as session:
        machine = Machine(device_key="m9", name="m9", created_at=access.now, updated_at=access.now)
        session.add(machine)
        bump(session, {CONFIGURATION_DAY})
        session.flush()
        added = machine.id
    send("m9", (6, 82.0))
    clock.forward(seconds=5)
    assert runtime.round(access).touched == 1
    assert alerts(access)[-1].machine_id == added
    with access.write() as session:
        session.get_one(Machine, added).is_active = False
        bump(session, {CONFIGURATION_DAY})
    before = runtime.round(access).evaluated
    with access.write() as session:
        session.get_one(Machine, added).is_active = True
        bump(session, {CONFIGURATION_DAY})
    assert runtime.round(access).evaluated == before + 1


def test_a_machine_that_sends_states_only_has_its_alert_in_the_next_round(
    access: Access, clock: Any, runtime: RuleRuntime
) -> None:
    body = {**hot(), "conditions": {"kind": "state", "states": ["down"]}}
    store.add_rule(access, Draft("Down", body, scope="global"))

    def tell(state: State) -> None:
        told = [StateMessage("m1", to_us(access.now), int(state))]
        assert not ingest_states(access.gemba, access.factory, told).refused

    tell(State.RUNNING)
    clock.forward(minutes=20)
    assert [runtime.round(access).touched for _ in range(3)] == [0, 0, 0]
    tell(State.DOWN)
    clock.forward(seconds=1)
    assert runtime.round(access).touched == 1


def test_one_rule_that_fails_leaves_the_others_alone(
    access: Access, clock: Any, send: Send, rule: Rules, runtime: RuleRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.rules import runtime as module

    bad, good = rule(name="Bad"), rule(name="Good")
    clock.forward(seconds=10)
    send("m1", (5, 90))
    real = module._origin

    def failing(one: Any, place: int, group: Any) -> Any:
        if one.rule_id == bad:
            raise RuntimeError("broken")
        return real(one, place, group)

    monkeypatch.setattr(module, "_origin", failing)
    found = runtime.round(access)
    assert set(found.failed) == {bad}
    assert [alert.rule_id for alert in alerts(access)] == [good]


@pytest.mark.parametrize("where", ["_origin", "_memories"])
def test_what_could_not_be_stored_is_evaluated_again(
    where: str,
    access: Access,
    clock: Any,
    send: Send,
    rule: Rules,
    runtime: RuleRuntime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A short excursion, long final when its round comes, and a store that fails in just that round."""
    from app.rules import runtime as module

    rule()
    clock.forward(seconds=60)
    send("m1", (1, 20), (59, 20))
    runtime.round(access)
    clock.forward(seconds=240)
    send("m1", (100, 95), (110, 20), (290, 20))

    def away(*_: Any) -> Any:
        raise StoreUnavailable("The database is locked.")

    with monkeypatch.context() as patch:
        patch.setattr(module if where == "_origin" else RuleRuntime, where, away)
        if where == "_origin":
            assert runtime.round(access).failed
        else:
            with pytest.raises(StoreUnavailable):
                runtime.round(access)
    assert alerts(access) == []
    clock.forward(seconds=20)
    send("m1", (310, 20))
    runtime.round(access)
    assert [alert.cleared_us - alert.raised_us for alert in alerts(access)] == [10 * SECOND]
    clock.forward(seconds=20)
    assert runtime.round(access).touched == 0


def test_no_data_is_told_from_the_last_sample_on_and_a_restart_raises_no_false_one(
    access: Access, clock: Any, send: Send, rule: Rules, start_us: int
) -> None:
    rule(hot() | {"conditions": {"kind": "no_data", "parameter": "temp", "longer_s": 120}}, name="Silent")
    first = RuleRuntime(access)
    clock.forward(seconds=40)
    send("m1", (35, 50))
    first.round(access)
    clock.forward(seconds=600)
    restarted = RuleRuntime(access)
    restarted.round(access)
    assert alerts(access) == []
    send("m1", *[(second, 50) for second in range(60, 640, 60)])
    clock.forward(seconds=20)
    restarted.round(access)
    clock.forward(seconds=20)
    restarted.round(access)
    assert alerts(access) == []
    clock.forward(seconds=120)
    restarted.round(access)
    [alert] = alerts(access)
    assert alert.raised_us - start_us == (600 + 120) * SECOND


def test_memory_is_stored_with_the_alerts_it_led_to(
    access: Access, clock: Any, send: Send, rule: Rules, runtime: RuleRuntime
) -> None:
    rule()
    clock.forward(seconds=200)
    send("m1", (5, 90), (150, 90))
    runtime.round(access)
    with access.read() as session:
        kept = {row.machine: row.until_us for row in session.scalars(select(RuleMemory))}
    assert len(kept) == 2


def told(access: Access) -> list[tuple[int, int | None, tuple[tuple[int, int], ...]]]:
    return [
        (alert.raised_us, alert.cleared_us, tuple((m[0], m[1]) for m in alert.marks))
        for alert in alerts(access)
        if not alert.is_withdrawn
    ]


STREAM = st.dictionaries(st.integers(1, 600), st.integers(60, 99).map(float), min_size=3, max_size=40)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stream=STREAM, chance=st.randoms(use_true_random=False))
def test_live_with_shuffled_arrivals_and_crashes_is_what_a_look_back_finds(
    access: Access, clock: Any, send: Send, stream: dict[int, float], chance: random.Random, start_us: int
) -> None:
    clock.now = clock.now.replace(hour=12, minute=0, second=0)
    with access.write() as session:
        for table in (AlertNote, NotifyNotice, Alert, RuleMemory):
            session.query(table).delete()
    access.gemba.telemetry.delete(access.factory.slug, "m1")
    for known in store.list_rules(access):
        store.remove_rule(access, known.id)
    draft = Draft("Too hot", hot(80, on_delay_s=20, off_delay_s=15, max_gap_s=90), scope="global")
    store.add_rule(access, draft)
    arrivals = sorted(stream.items(), key=lambda one: one[0] + chance.random() * 55)
    runtime, at = RuleRuntime(access), 0.0
    while arrivals:
        many = chance.randint(1, 6)
        newest = max(second for second, _ in arrivals[:many])
        clock.forward(seconds=max(0.0, newest + 1 - at))
        at = max(at, newest + 1.0)
        send("m1", *arrivals[:many])
        arrivals = arrivals[many:]
        if chance.random() < 0.4:
            runtime = RuleRuntime(access)
        runtime.round(access)
    clock.forward(seconds=2_000 - at)
    send("m1", (1_999, 50))
    RuleRuntime(access).round(access)
    found = look_back(access, draft, start_us, start_us + 1_940 * SECOND)
    live = [(raised, cleared, marks) for raised, cleared, marks in told(access)]
    assert live == [(one.raised_us, one.cleared_us, one.marks) for one in found.alerts if one.machine == "m1"]


def test_rules_of_other_factories_see_nothing_of_this_one(
    access: Access, acting: Callable[..., Access], clock: Any, send: Send, rule: Rules
) -> None:
    from tests.conftest import make_factory

    other = acting("admin", make_factory(access.gemba, "south"))
    store.add_rule(other, Draft("Theirs", hot(), scope="global"))
    clock.forward(seconds=10)
    send("m1", (5, 90))
    RuleRuntime(replace(other)).round(other)
    assert alerts(other) == []
