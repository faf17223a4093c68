"""Messages of unknown machines wait, once each, until somebody adopts the machine or discards them."""

import json

import pytest
from sqlalchemy import select

from analytics.errors import Forbidden, InvalidInput, NotFound
from app.ingest import quarantine
from app.ingest.refusals import refusals, strays
from app.ingest.stream import Arrived, Stream
from app.production.machines import MachineDraft, add
from data.models import AuditEntry, Parameter, StateEvent, to_us
from tests.app.ingest.broker import with_settings
from tests.conftest import make_factory

NOW = 1772625600


def reading(number: int, machine: str = "new", factory: str = "north", **metrics: object) -> Arrived:
    body = {"timestamp": NOW - 1_000 + number, "metrics": metrics or {"power_kw": float(number)}}
    return Arrived(f"factories/{factory}/devices/{machine}/telemetry", json.dumps(body).encode())


def state(number: int, machine: str = "new") -> Arrived:
    body = {"timestamp": NOW - 1_000 + number, "state": 1 + number % 2}
    return Arrived(f"factories/north/devices/{machine}/state", json.dumps(body).encode())


@pytest.fixture
def access(acting):
    return acting("engineer")


@pytest.fixture
def stream(gemba, factory_id):
    return Stream(gemba)


def test_messages_of_an_unknown_machine_wait_once_each_and_are_stored_when_it_is_adopted(
    gemba, access, stream
):
    sent = [reading(0), reading(1), state(2), reading(3, "m1")]
    assert stream.take(sent).points == 1
    assert stream.take(sent).refused == 0
    [waiting] = quarantine.unlisted(access)
    assert (waiting.device_key, waiting.messages) == ("new", 3)
    assert "state" in waiting.sample
    assert quarantine.adopt(access, stream.storing, MachineDraft("new", "New press")) == 3
    assert quarantine.unlisted(access) == []
    assert gemba.telemetry.read("north", 0, 2**62, ["new"])["value"].tolist() == [0.0, 1.0]
    with access.read() as session:
        assert len(session.scalars(select(StateEvent)).all()) == 1
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.position)))
    assert actions == ["machine.add", "quarantine.adopt"]
    assert stream.take([reading(4)]).points == 1


def test_messages_of_a_machine_that_was_listed_in_another_way_are_brought_over(gemba, access, stream):
    stream.take([reading(0), reading(1, "other")])
    add(access, MachineDraft("new", "New press"))
    assert quarantine.bring_over(gemba, access.factory, stream.storing) == 1
    assert [one.device_key for one in quarantine.unlisted(access)] == ["other"]
    assert len(gemba.telemetry.read("north", 0, 2**62, ["new"])) == 1


def test_a_machine_that_is_listed_between_reading_and_keeping_is_not_kept_but_stored(
    gemba, access, stream, monkeypatch
):
    look = stream._machines
    answers = [{}]
    monkeypatch.setattr(stream, "_machines", lambda factory: answers.pop() if answers else look(factory))
    assert stream.take([reading(0, "m1")]).points == 1
    assert quarantine.unlisted(access) == []


def test_discarded_messages_are_gone_and_the_audit_log_says_how_many(access, stream):
    stream.take([reading(0), reading(1)])
    assert quarantine.discard(access, "new") == 2
    assert quarantine.unlisted(access) == []
    with access.read() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert entry.action == "quarantine.discard"
    assert json.loads(entry.body)["before"] == {"messages": 2}


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_only_who_manages_machines_sees_adopts_or_discards(acting, stream, role):
    stream.take([reading(0)])
    who = acting(role)
    for ask in (
        lambda: quarantine.unlisted(who),
        lambda: quarantine.discard(who, "new"),
        lambda: quarantine.adopt(who, stream.storing, MachineDraft("new", "New")),
        lambda: refusals(who),
        lambda: strays(who),
    ):
        with pytest.raises(Forbidden):
            ask()


def test_what_is_not_there_or_cannot_be_a_machine_is_refused(access, stream):
    with pytest.raises(NotFound):
        quarantine.discard(access, "new")
    with pytest.raises(NotFound):
        quarantine.adopt(access, stream.storing, MachineDraft("new", "New"))
    stream.take([reading(0)])
    with pytest.raises(InvalidInput):
        quarantine.adopt(access, stream.storing, MachineDraft("new", " "))
    assert quarantine.unlisted(access)[0].messages == 1


def test_a_full_quarantine_refuses_and_counts_what_comes(gemba, access, factory_id):
    stream = Stream(with_settings(gemba, ingest_quarantine=3))
    assert stream.take([reading(number) for number in range(5)]).refused == 2
    [counted] = refusals(access)
    assert (counted.reason, counted.count) == ("quarantine_full", 2)
    assert quarantine.unlisted(access)[0].messages == 3


def test_one_factory_sees_nothing_of_anothers_quarantine_or_refusals(gemba, acting, stream):
    other = acting("admin", make_factory(gemba, "south"))
    stream.take([reading(0, factory="south"), Arrived("factories/south/devices/m1/telemetry", b"{")])
    assert quarantine.unlisted(acting("admin")) == []
    assert refusals(acting("admin")) == []
    assert [one.device_key for one in quarantine.unlisted(other)] == ["new"]
    assert [one.reason for one in refusals(other)] == ["invalid_json"]


def test_messages_of_an_unknown_factory_are_counted_and_shown_to_who_manages_factories_only(acting, stream):
    taken = stream.take([reading(0, factory="nowhere"), Arrived("temperature", b"20")])
    assert taken.refused == 2
    seen = strays(acting("super_admin"))
    assert {(one.reason, one.topic) for one in seen} == {
        ("unknown_factory", "factories/nowhere/devices/new/telemetry"),
        ("foreign_topic", "temperature"),
    }
    assert {(one.reason, one.topic, one.sample) for one in strays(acting("admin"))} == {
        ("unknown_factory", "", ""),
        ("foreign_topic", "", ""),
    }


def test_new_parameters_are_listed_up_to_the_days_limit_and_the_others_of_the_message_are_stored(
    gemba, access, clock, factory_id
):
    stream = Stream(with_settings(gemba, ingest_new_parameters=2))
    assert stream.take([reading(0, "m1", a=1, b=True, c="x")]).points == 2
    assert stream.take([reading(1, "m1", a=2, b=False, c="y")]).points == 2
    [counted] = refusals(access)
    assert (counted.reason, counted.count) == ("too_many_new_parameters", 2)
    with access.read() as session:
        rows = session.scalars(select(Parameter)).all()
    assert len(rows) == 2
    assert all(one.is_kpi and one.discovered_at == clock() for one in rows)
    clock.forward(days=1)
    assert Stream(stream._gemba).take([reading(2, "m1", a=3, b=False, c="z")]).points == 3


def test_a_day_whose_points_have_expired_is_refused_and_the_other_days_are_stored(
    gemba, access, stream, clock
):
    from analytics.errors import RejectedPoints

    append, today = gemba.telemetry.append, to_us(clock()) // 86_400_000_000

    def expired(slug, batch):
        if (batch.times_us // 86_400_000_000 < today).any():
            raise RejectedPoints("Points of yesterday are older than the points that are kept.")
        return append(slug, batch)

    gemba.telemetry.append = expired
    taken = stream.take([reading(0, "m1"), reading(-86_400, "m1"), reading(5, "m2")])
    assert (taken.points, taken.refused) == (2, 1)
    [counted] = refusals(access)
    assert (counted.reason, counted.count) == ("past_time", 1)


def test_a_machine_out_of_use_is_refused_and_not_kept(access, stream):
    from app.production.machines import set_active, stored
    from data.models import Machine

    with access.read() as session:
        machine = session.scalars(select(Machine).where(Machine.device_key == "m2")).one()
    set_active(access, machine.id, stored(access, machine.id).version, active=False)
    assert stream.take([reading(0, "m2")]).refused == 1
    assert refusals(access)[0].reason == "inactive_machine"
    assert quarantine.unlisted(access) == []
