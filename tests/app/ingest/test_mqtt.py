"""From a broker to the stores: nothing is acknowledged before it is stored, and nothing stops the stream."""

import random
import signal
import threading
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from analytics.errors import StoreUnavailable
from analytics.vocabulary import Activity, State
from app.ingest.broker.status import readers
from app.ingest.refusals import refusals, strays
from app.ingest.stream import Stream
from data.models import ActivityEvent, Parameter, ProductionCount, StateEvent, Worker, Workstation, to_us
from tests.app.ingest.broker import Publisher, forget, publishing, reading, until, with_settings
from tests.servers.mosquitto import Mosquitto

TOPIC = "factories/north/devices/m1/telemetry"
START = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


@pytest.fixture
def relational_url(request, tmp_path):
    from tests.conftest import relational

    with relational("sqlite", request, tmp_path) as url:
        yield url


@pytest.fixture
def access(acting):
    return acting("engineer")


@pytest.fixture
def broker(mosquitto_server):
    yield mosquitto_server
    for name in (
        "kinds-5",
        "kinds-3.1.1",
        "away",
        "no-store",
        "busy",
        "pair-1",
        "pair-2",
        "shared",
        "malformed",
    ):
        forget(mosquitto_server, name)


def sample(number: int) -> dict:
    return {"timestamp": int(START.timestamp()) + number, "metrics": {"power_kw": number + 0.5}}


def numbers(gemba) -> list[float]:
    found = gemba.telemetry.read("north", 0, 2**62, ["m1"], ["power_kw"])
    return found["value"].tolist()


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_each_kind_of_message_is_stored_over_both_versions_of_the_protocol(gemba, access, broker, version):
    name = f"kinds-{version}"
    with (
        reading(gemba, broker.url(), mqtt_version=version, mqtt_client_id=name) as intake,
        publishing(broker) as machine,
    ):
        machine.send(
            0, TOPIC, {"timestamp": "2026-03-04T12:00:00+01:00", "metrics": {"power_kw": 7.5, "mode": "auto"}}
        )
        machine.send(
            1, "factories/north/devices/m1/state", {"timestamp": 1772622000, "state": "down", "reason": "jam"}
        )
        machine.send(
            2,
            "factories/north/devices/m1/count",
            {
                "start": "2026-03-04T11:00:00Z",
                "end": "2026-03-04T11:30:00Z",
                "good": 58,
                "scrap": 2,
                "product": "p1",
            },
        )
        machine.send(
            3,
            "factories/north/devices/m1/activity",
            {"timestamp": 1772622000123, "event_type": "Working", "worker": "W1", "event_id": "e-1"},
        )
        until(lambda: intake.taken.messages >= 4, "all are stored")
    latest = gemba.telemetry.latest("north")
    assert dict(zip(latest["parameter"], latest["value"], strict=True)) == {"power_kw": 7.5, "mode": "auto"}
    assert latest["time_us"].tolist() == [to_us(START)] * 2
    with access.read() as session:
        [state] = session.scalars(select(StateEvent)).all()
        [count] = session.scalars(select(ProductionCount)).all()
        listed = {(one.key, one.data_type, one.is_kpi) for one in session.scalars(select(Parameter))}
    assert (state.state, state.start_us) == (State.DOWN, to_us(START))
    assert (count.good, count.scrap) == (58, 2)
    assert listed == {("power_kw", "float", True), ("mode", "string", True)}
    with access.read() as session:
        [event] = session.scalars(select(ActivityEvent)).all()
        [station] = session.scalars(select(Workstation)).all()
        [worker] = session.scalars(select(Worker)).all()
    assert (event.key, event.kind, event.at_us) == ("e-1", Activity.WORKING, 1772622000123000)
    assert (event.worker_id, event.station_id) == (worker.id, station.id)
    assert (station.key, station.machine_id, worker.pseudonym) == ("m1", state.machine_id, "Worker 01")


def test_what_is_published_while_the_ingest_is_away_is_stored_when_it_is_back(gemba, factory_id, broker):
    given = {"mqtt_client_id": "away"}
    with reading(gemba, broker.url(), **given):
        pass
    with publishing(broker) as machine:
        for number in range(500):
            machine.send(number, TOPIC, sample(number))
        machine.settle()
    with reading(gemba, broker.url(), **given):
        until(lambda: len(numbers(gemba)) == 500, "all 500 are stored")


def test_nothing_is_acknowledged_while_a_store_is_away_and_all_is_stored_when_it_is_back(
    gemba, factory_id, broker, monkeypatch
):
    tries = []

    def away(*_):
        tries.append(1)
        raise StoreUnavailable("the disk is gone")

    given = {"mqtt_client_id": "no-store"}
    with monkeypatch.context() as broken:
        broken.setattr(gemba.telemetry, "append", away)
        with reading(gemba, broker.url(), **given) as intake, publishing(broker) as machine:
            for number in range(200):
                machine.send(number, TOPIC, sample(number))
            machine.settle()
            until(lambda: len(tries) > 2, "it has tried again")
            assert intake.problem == "the disk is gone"
            with pytest.raises(StoreUnavailable, match="disk is gone"):
                intake.tend()
    assert numbers(gemba) == []
    with reading(gemba, broker.url(), **given):
        until(lambda: len(numbers(gemba)) == 200, "all are stored")


def test_a_store_that_comes_back_is_written_to_without_a_new_connection(
    gemba, factory_id, broker, monkeypatch
):
    append, calls = gemba.telemetry.append, []

    def sometimes(*given):
        calls.append(1)
        if len(calls) % 3:
            raise StoreUnavailable("busy")
        return append(*given)

    monkeypatch.setattr(gemba.telemetry, "append", sometimes)
    with reading(gemba, broker.url(), mqtt_client_id="busy") as intake, publishing(broker) as machine:
        for number in range(100):
            machine.send(number, TOPIC, sample(number))
        until(lambda: intake.taken.messages == 100, "all are stored")
        assert len(intake.inbox) == 0
        assert intake.problem == ""
    assert sorted(numbers(gemba)) == [number + 0.5 for number in range(100)]


def test_two_processes_share_the_messages_and_each_is_stored_once(gemba, access, broker):
    given = {"mqtt_share": "pair", "mqtt_version": "5"}
    with (
        reading(gemba, broker.url(), mqtt_client_id="pair-1", **given) as first,
        reading(gemba, broker.url(), mqtt_client_id="pair-2", **given) as second,
        publishing(broker) as machine,
    ):
        for number in range(400):
            machine.send(number, TOPIC, sample(number))
            machine.send(
                1_000 + number,
                "factories/north/devices/m2/state",
                {"timestamp": int(START.timestamp()) + number, "state": 1 + number % 2},
            )
        until(lambda: first.taken.messages + second.taken.messages >= 800, "all are stored")
        assert first.taken.messages + second.taken.messages == 800
        assert first.taken.messages > 100
        assert second.taken.messages > 100
    assert sorted(numbers(gemba)) == [number + 0.5 for number in range(400)]
    with access.read() as session:
        assert len(session.scalars(select(StateEvent)).all()) == 400


def test_a_session_that_shared_before_gets_each_message_once_without_sharing(gemba, factory_id, broker):
    with reading(gemba, broker.url(), mqtt_client_id="shared", mqtt_share="gemba"):
        pass
    with reading(gemba, broker.url(), mqtt_client_id="shared") as intake, publishing(broker) as machine:
        for number in range(50):
            machine.send(number, TOPIC, sample(number))
        machine.send(99, "factories/north/devices/m1/telemetry", sample(99))
        until(lambda: 99.5 in numbers(gemba), "the last is stored")
        assert intake.taken.messages == 51


def malformed(chance: random.Random) -> tuple[str, bytes]:
    """A message that no one should send, often almost right."""
    good = b'{"timestamp": 1772622000, "metrics": {"power_kw": 1.5, "mode": "x"}}'
    kinds = ("telemetry", "state", "count", "activity", "temperature", "")
    topic = f"factories/{chance.choice(['north', 'north', 'nowhere'])}/devices/m1/{chance.choice(kinds)}"
    choice = chance.randrange(9)
    if choice == 0:
        return topic, chance.randbytes(chance.randrange(200))
    if choice == 1:
        return topic, good[: chance.randrange(len(good))]
    if choice == 2:
        at = chance.randrange(len(good))
        return topic, good[:at] + chance.randbytes(1 + chance.randrange(3)) + good[at + 1 :]
    if choice == 3:
        return topic, b'{"timestamp": 1772622000, "metrics": ' + b"[{" * chance.randrange(2_000) + b"}}"
    if choice == 4:
        return topic, good.replace(
            b"1.5", chance.choice([b"NaN", b"Infinity", b"-1e999", b"null", b"9" * 5_000, b"[]"])
        )
    if choice == 5:
        times = [
            b"0",
            b"4294967295",
            b"-1",
            b"1e308",
            b'"yesterday"',
            b'"2026-03-04T10:00:00"',
            b"true",
            b'"\\ud800"',
        ]
        return topic, good.replace(b"1772622000", chance.choice(times))
    if choice == 6:
        return topic, good.replace(
            b'"mode"', chance.choice([b'"power_kw"', b'""', b'"\\u0000"', b'"' + b"k" * 300 + b'"'])
        )
    if choice == 7:
        return topic, b'{"timestamp": 1772622000, "state": ' + chance.choice(
            [b"99", b'"gone"', b"1.5", b"{}"]
        ) + b"}"
    return topic, b'{"timestamp": 1772622000, "end": 1772621000, "good": ' + chance.choice(
        [b"-1", b"1e999", b'"x"']
    ) + b"}"


def test_10000_malformed_messages_stop_nothing_and_every_one_is_accounted_for(gemba, access, broker):
    chance = random.Random(20260304)
    with reading(gemba, broker.url(), mqtt_client_id="malformed") as intake, ExitStack() as machines:
        # A broker that writes each change takes one message of each connection at a time.
        senders = [machines.enter_context(publishing(broker)) for _ in range(20)]
        for number in range(10_000):
            senders[number % 20].send(number, *malformed(chance))
            if number % 1_000 == 0:
                senders[0].send(20_000 + number, "factories/north/devices/m2/telemetry", sample(number // 10))
        until(lambda: intake.taken.messages == 10_010, "all are taken")
        assert intake.link.is_connected
    kept = gemba.telemetry.read("north", 0, 2**62, ["m2"])
    assert len(kept) == 10
    counted = sum(one.count for one in refusals(access)) + sum(one.count for one in strays(access))
    assert counted == intake.taken.refused
    assert counted > 9_000
    reasons = {one.reason for one in refusals(access)}
    assert {
        "invalid_json",
        "not_finite",
        "duplicate_key",
        "wrong_shape",
        "bad_time",
        "past_time",
        "future_time",
        "too_deep",
        "bad_parameter",
        "foreign_topic",
        "unknown_state",
        "broken",
    } - reasons == {"broken"}
    assert {one.reason for one in strays(access)} >= {"unknown_factory"}
    assert all(one.sample for one in refusals(access) if one.reason != "invalid_json")


def test_a_broker_that_restarts_gets_its_client_back_and_loses_nothing_that_it_acknowledged(
    gemba, factory_id, tmp_path
):
    server = shipped(tmp_path)
    given = {"mqtt_client_id": "restart"}
    try:
        with reading(gemba, server.url(), **given):
            pass
        machine = Publisher(server.host, server.port)
        for number in range(300):
            machine.send(number, TOPIC, sample(number))
        machine.settle()
        machine.close()
        # Mosquitto answers, then writes: whom it lets in after an answer it lets in after the writing.
        with publishing(server) as later:
            until(later.client.is_connected, "the broker has written what it answered")
        server.stop(signal.SIGKILL)
        server.start()
        with reading(gemba, server.url(), **given) as intake:
            until(lambda: len(numbers(gemba)) == 300, "all that waited is stored")
            server.stop(signal.SIGKILL)
            until(lambda: not intake.link.is_connected, "the loss is noticed")
            server.start()
            until(lambda: intake.link.is_connected, "it is connected again")
            with publishing(server) as machine:
                for number in range(300, 400):
                    machine.send(number, TOPIC, sample(number))
                until(lambda: len(numbers(gemba)) == 400, "what came after it is stored")
    finally:
        server.stop()


@pytest.mark.parametrize("changes", [1, 1_000])
def test_a_broker_that_is_killed_under_load_loses_nothing_that_it_acknowledged(
    gemba, factory_id, tmp_path, changes
):
    """As shipped, and as advised for many messages: what counts is that we are connected and were saved."""
    server = shipped(tmp_path, changes)
    machines = [Publisher(server.host, server.port) for _ in range(10)]
    stopping = threading.Event()

    def load() -> None:
        number = 0
        while not stopping.wait(0.002):
            machines[number % 10].send(number, TOPIC, sample(number))
            number += 1

    thread = threading.Thread(target=load)
    try:
        with reading(gemba, server.url(), mqtt_client_id="killed") as intake:
            thread.start()
            until(lambda: intake.taken.messages > changes, "the session is saved")
            for _ in range(3):
                before = intake.taken.messages
                until(lambda before=before: intake.taken.messages > before + 50, "messages flow")
                server.stop(signal.SIGKILL)
                until(lambda: not intake.link.is_connected, "the loss is noticed")
                server.start()
                until(lambda: intake.link.is_connected, "it is connected again")
            stopping.set()
            thread.join()
            acknowledged = {number + 0.5 for one in machines for number in one.acknowledged}
            until(lambda: acknowledged <= set(numbers(gemba)), "all that was acknowledged is stored")
        assert len(acknowledged) > 150
        assert len(numbers(gemba)) == len(set(numbers(gemba)))
    finally:
        stopping.set()
        for one in machines:
            one.close()
        server.stop()


def shipped(folder, changes=1) -> Mosquitto:
    """A broker with the configuration that we ship, on a port and in a folder of the tests."""
    from app.settings import ROOT

    (folder / "broker").mkdir()
    server = Mosquitto(folder / "broker")
    server.stop()
    text = (ROOT / "docs" / "mosquitto.conf").read_text()
    for was, now in (
        ("listener 1883\n", f"listener {server.port} 127.0.0.1\n"),
        ("allow_anonymous false\n", "allow_anonymous true\n"),
        ("autosave_interval 1\n", f"autosave_interval {changes}\n"),
        ("password_file /etc/mosquitto/passwords\n", ""),
        (
            "persistence_location /var/lib/mosquitto/\n",
            f"persistence_location {folder / 'broker' / 'data'}/\n",
        ),
    ):
        assert was in text
        text = text.replace(was, now)
    own = folder / "broker" / "mosquitto.conf"
    own.write_text(text + ("user root\n" if "user root" in own.read_text() else ""))
    server.start()
    return server


def test_a_broker_that_is_away_or_refuses_says_so_and_the_reader_tells_all_processes(gemba, acting, tmp_path):
    parts = with_settings(gemba, mqtt_url="mqtt://127.0.0.1:1", mqtt_client_id="lonely")
    from app.ingest.mqtt import MqttIntake

    intake = MqttIntake(parts)
    intake.start()
    try:
        until(lambda: "does not answer" in intake.link.problem, "it has tried")
        with pytest.raises(StoreUnavailable, match="does not answer"):
            intake.tend()
        [told] = readers(acting("engineer"))
        assert (told.client_id, told.broker, told.is_connected) == ("lonely", "mqtt://127.0.0.1:1", False)
        assert "does not answer" in told.problem
    finally:
        parts.closing.set()
        intake.stop()


def test_a_message_that_breaks_the_code_is_refused_alone(gemba, access, monkeypatch):
    stream = Stream(gemba)
    from app.ingest.stream import Arrived

    parse = stream.topics.message

    def broken(place, payload, limits):
        if b"poison" in payload:
            raise ZeroDivisionError
        return parse(place, payload, limits)

    monkeypatch.setattr(stream.topics, "message", broken)
    good = [
        Arrived(TOPIC, b'{"timestamp": %d, "metrics": {"power_kw": 1}}' % (1772622000 + n)) for n in range(20)
    ]
    good.insert(7, Arrived(TOPIC, b"poison"))
    taken = stream.take(good)
    assert (taken.messages, taken.points, taken.refused) == (21, 20, 1)
    assert [(one.reason, one.sample) for one in refusals(access)] == [("broken", "poison")]
