"""Samples beyond the lateness: stored, counted by reason, listed; and no alert changes."""

import json

import pytest
from sqlalchemy import select

from analytics.errors import StoreUnavailable
from app.ingest import late
from app.ingest.late import forget_old_late, late_samples
from app.ingest.stream import Arrived, Stream
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from app.rules.store import add_rule
from data.models import Alert
from tests.conftest import make_factory, relational

NOW = 1772625600


@pytest.fixture
def relational_url(request, tmp_path):
    with relational("sqlite", request, tmp_path) as url:
        yield url


@pytest.fixture
def access(acting):
    return acting("engineer")


@pytest.fixture
def send(gemba, factory_id):
    stream = Stream(gemba)

    def sent(second, factory="north", **values):
        """Values of m1 so many seconds before the clock's first moment."""
        body = json.dumps({"timestamp": NOW - second, "metrics": values}).encode()
        stream.take([Arrived(f"factories/{factory}/devices/m1/telemetry", body)])

    return sent


def listed(access):
    return [
        (one.parameter, one.reason, one.count, one.most_late_us // 1_000_000) for one in late_samples(access)
    ]


def test_a_sample_beyond_the_lateness_is_stored_counted_and_listed_with_its_reason(gemba, access, send):
    send(600, temp=1.0, flow=1.0)
    send(10, temp=2.0)
    send(300, temp=3.0)
    send(200, flow=4.0)
    send(40, temp=5.0)
    assert sorted(listed(access)) == [("flow", "parameter_behind", 1, 190), ("temp", "out_of_order", 1, 290)]
    assert len(gemba.telemetry.read("north", 0, 2**62, ["m1"])) == 6


def test_the_same_message_again_and_an_older_one_in_the_same_batch_are_not_late(gemba, access, factory_id):
    stream = Stream(gemba)
    batch = [
        Arrived("factories/north/devices/m1/telemetry",
                json.dumps({"timestamp": NOW - s, "metrics": {"temp": float(s), "mode": "auto"}}).encode())
        for s in (10, 900, 500)
    ]  # fmt: skip
    stream.take(batch)
    stream.take(batch)
    assert late_samples(access) == []


def test_a_process_that_starts_knows_what_is_newest_from_the_store(gemba, access, send, monkeypatch):
    send(10, temp=2.0)
    monkeypatch.setattr(late, "_known", {})
    send(300, temp=3.0)
    send(310, temp=3.0)
    assert listed(access) == [("temp", "out_of_order", 2, 300)]


def test_a_rule_that_waits_for_less_or_more_moves_the_border(access, send, monkeypatch):
    send(600, temp=1.0)
    for seconds in (300, 900):
        body = {"conditions": {"parameter": "temp", "operator": "gt", "threshold": 80}, "severity": "low",
                "lateness_s": seconds}  # fmt: skip
        add_rule(access, Draft(f"waits {seconds}", body, scope="global"))
    monkeypatch.setattr(late, "_known", {})
    send(10, temp=2.0)
    send(200, temp=3.0)
    send(400, temp=4.0)
    assert listed(access) == [("temp", "out_of_order", 1, 390)]


def test_no_alert_changes_by_a_late_sample(access, send, clock):
    send(600, temp=1.0)
    body = {"conditions": {"parameter": "temp", "operator": "gt", "threshold": 80}, "severity": "low"}
    add_rule(access, Draft("Hot", body, scope="global"))
    runtime = RuleRuntime(access)
    clock.forward(seconds=600)
    send(-200, temp=2.0)
    send(-590, temp=2.0)
    runtime.round(access)
    send(-300, temp=99.0)
    runtime.round(access)
    with access.read() as session:
        assert session.scalars(select(Alert)).all() == []
    assert [one.count for one in late_samples(access)] == [1]


def test_while_the_store_is_away_the_counts_wait(gemba, access, send, monkeypatch):
    send(10, temp=2.0)

    def away(*_given):
        raise StoreUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(late, "_write", away)
        send(300, temp=3.0)
    assert late_samples(access) == []
    send(5, temp=2.0)
    assert listed(access) == [("temp", "out_of_order", 1, 290)]


def test_another_factory_sees_none_of_them_and_they_are_forgotten_after_a_month(
    gemba, access, acting, send, clock
):
    south = make_factory(gemba, "south")
    send(10, temp=2.0)
    send(300, temp=3.0)
    assert late_samples(acting(in_factory=south)) == []
    clock.forward(days=40)
    forget_old_late(gemba, access.factory)
    clock.forward(days=-40)
    assert late_samples(access) == []
