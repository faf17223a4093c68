"""Two of each process over real servers, each killed in its turn under load: nothing is lost or doubled."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from paho.mqtt.enums import MQTTProtocolVersion
from sqlalchemy import func, select

from app.bootstrap import Access, Gemba, wire
from app.imports.layout.kinds import Kind
from app.people.keys import make_key
from app.settings import Settings
from app.sources.drafts import Draft
from app.sources.presets.preset import mapping
from app.sources.store import add_source, switch_source
from app.sources.streams import Stream
from data.models import AuditEntry, Job
from tests.app.ingest.broker import forget
from tests.app.jobs.conftest import entered
from tests.conftest import make_factory, relational
from tests.crash.ingest.load import Load, stored
from tests.crash.scale_out.plant import FIRST, Caller, Member, asked, measured, written
from tests.servers.fixtures import Running

PATIENCE_S = 300.0
CLIENTS = ("ingest-1", "ingest-2")
SOURCE = "scale_out"


@dataclass
class ManyPlants:
    """The servers, the processes over them, and what the test itself reads with."""

    gemba: Gemba
    factory_id: int
    members: list[Member]
    servers: Mapping[str, Running]
    key: str

    def of(self, part: str) -> list[Member]:
        return [one for one in self.members if one.name.startswith(part)]


def environment_of(home: Path, url: str, servers: Mapping[str, Running]) -> dict[str, str]:
    telemetry = servers["mongodb"].url("scale_out_telemetry")
    return {
        "GEMBA_HOME": str(home), "GEMBA_DATABASE_URL": url, "GEMBA_TELEMETRY_URL": telemetry,
        "GEMBA_DOCUMENTS_URL": servers["mongodb"].url("scale_out"),
        "GEMBA_JOBS_BROKER": servers["redis"].url("7"), "GEMBA_JOBS_LEASE_S": "3",
        "GEMBA_JOBS_RETRY_S": "0.1", "GEMBA_JOBS_CRASHES": "100000",
        "GEMBA_OWN_MODULES": "tests.app.jobs.trial_kinds",
        "GEMBA_API_RATE_PER_MINUTE": "1000000", "GEMBA_API_RATE_PER_ADDRESS": "1000000",
    }  # fmt: skip


def processes(environment: Mapping[str, str], broker: str) -> list[Member]:
    """What `compose.many.yaml` starts, but for the pages."""
    reading = {**environment, "GEMBA_MQTT_URL": broker, "GEMBA_MQTT_SHARE": "gemba"}
    ingest = [Member.serving(name, "ingest", {**reading, "GEMBA_MQTT_CLIENT_ID": name}) for name in CLIENTS]
    api = [Member.serving(f"api-{n}", "api", environment) for n in (1, 2)]
    workers = [Member(f"worker-{n}", ["worker"], environment) for n in (1, 2)]
    return [*ingest, *api, *workers, Member.serving("background", "worker", environment)]


def with_source(access: Access, influxdb: Running) -> None:
    """An InfluxDB that is read every ten seconds."""
    values = mapping(Kind.TELEMETRY, {"machine": "machine", "time": "time"})
    stream = Stream("Flow", values, "flow", order="time", rest=True)
    draft = Draft("Flow", influxdb.url(SOURCE), streams=(stream,), every_s=10, overlap_s=60)
    switch_source(access, add_source(access, draft), is_on=True)


@pytest.fixture
def plant(
    request: pytest.FixtureRequest, tmp_path: Path, mongodb_server: Running, influxdb_server: Running,
    redis_server: Running, mosquitto_server: Running,
) -> Iterator[ManyPlants]:  # fmt: skip
    servers = {"mongodb": mongodb_server, "influxdb": influxdb_server, "redis": redis_server,
               "mosquitto": mosquitto_server}  # fmt: skip
    influxdb_server.drop(SOURCE)
    with relational("mariadb", request, tmp_path) as url, ExitStack() as stack:
        servers["mariadb"] = request.getfixturevalue("mariadb_server")
        environment = environment_of(tmp_path / "var", url, servers)
        settings = Settings(
            home=tmp_path / "var", database_url=url, telemetry_url=environment["GEMBA_TELEMETRY_URL"],
            documents_url=environment["GEMBA_DOCUMENTS_URL"],
        )  # fmt: skip
        gemba = wire(settings)
        stack.callback(gemba.close)
        factory_id = make_factory(gemba, "north")
        access = entered(gemba, factory_id)
        _, key = make_key(access, "Load", ["send_data", "run_analytics", "see_plant"])
        with httpx.Client() as client:
            assert written(client, influxdb_server.url(SOURCE))(0, 0)
        with_source(access, influxdb_server)
        members = processes(environment, mosquitto_server.url())
        for one in members:
            stack.callback(one.kill)
            one.start()
        for one in members:
            one.wait()
        yield ManyPlants(gemba, factory_id, members, servers, key)
        for one in members:
            one.kill()
        for name in CLIENTS:
            forget(mosquitto_server, name)


def effects(plant: ManyPlants) -> Counter[int]:
    """How often the effect of each job was written."""
    with plant.gemba.database.read(plant.factory_id) as session:
        chosen = select(AuditEntry.object_id).where(AuditEntry.action == "trial.effect")
        return Counter(int(one) for one in session.scalars(chosen))


def open_jobs(plant: ManyPlants) -> int:
    with plant.gemba.database.read(plant.factory_id) as session:
        return session.scalar(select(func.count(Job.id)).where(Job.state != "done")) or 0


def from_source(plant: ManyPlants) -> Counter[int]:
    """How often each row of the source is stored."""
    points = plant.gemba.telemetry.read("north", 0, 2**62, ["m2"], ["c"])
    return Counter(points["value"].astype(int).tolist())


def eventually(missing: Callable[[], set[int] | int], what: str) -> None:
    """Wait until nothing is missing."""
    deadline = time.monotonic() + PATIENCE_S
    while found := missing():
        shown = sorted(found)[:20] if isinstance(found, set) else found
        assert time.monotonic() < deadline, (
            f"{what}: {shown} of {found if isinstance(found, int) else len(found)}"
        )
        time.sleep(0.5)


def survive(plant: ManyPlants, kill: Callable[[], None]) -> None:
    """Send over the broker, over the API and by a source while `kill` works; then compare."""
    api, source_url = plant.of("api"), plant.servers["influxdb"].url(SOURCE)
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(httpx.Client(headers={"X-API-Key": plant.key}, timeout=5)) for _ in range(2)
        )
        outside = stack.enter_context(httpx.Client(timeout=5))
        # Mosquitto forgets shared subscriptions when it is killed; with MQTT 5 it says that nobody listens.
        broker = stack.enter_context(Load(plant.servers["mosquitto"], 0.01, MQTTProtocolVersion.MQTTv5))
        values, jobs = Caller(measured(one, api), 0.02), Caller(asked(two, api), 0.5)
        source = Caller(written(outside, source_url), 0.05)
        try:
            kill()
        finally:
            posted, ran, rows = (each.stop() for each in (values, jobs, source))
            by_broker = broker.stop()
    wanted = by_broker | {FIRST + number for number in posted}
    eventually(lambda: wanted - set(stored(plant.gemba, plant.factory_id)), "not stored")
    eventually(lambda: open_jobs(plant), "open jobs")
    eventually(lambda: rows - set(from_source(plant)), "not read from the source")
    found, written_by_jobs, read = stored(plant.gemba, plant.factory_id), effects(plant), from_source(plant)
    print(f"{len(by_broker)} by the broker, {len(posted)} by the API ({values.repeated} repeated), "
          f"{len(ran)} jobs ({jobs.repeated} repeated), {len(rows)} rows of the source")  # fmt: skip
    assert {*found.values(), *written_by_jobs.values(), *read.values()} == {1}
    assert set(found) - {FIRST + len(posted)} == wanted
    assert set(written_by_jobs) - {len(ran)} == ran
    assert set(read) - {len(rows)} == rows
    assert min(len(by_broker), len(posted), len(ran), len(rows)) > 10


def kill_in_turn(plant: ManyPlants, under_load_s: float) -> None:
    """Kill each process, then each server; the next only when the last one answers again."""
    for one in plant.members:
        time.sleep(under_load_s)
        one.kill()
        time.sleep(under_load_s)
        one.start()
        one.wait()
    for server in plant.servers.values():
        time.sleep(under_load_s)
        server.stop(signal.SIGKILL)
        time.sleep(under_load_s)
        server.start()
    time.sleep(under_load_s)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_each_process_and_each_server_is_killed_in_its_turn_and_nothing_is_lost_or_doubled(
    plant: ManyPlants,
) -> None:
    survive(plant, lambda: kill_in_turn(plant, 2.0))
