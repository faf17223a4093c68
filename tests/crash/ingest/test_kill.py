"""kill -9 of the ingest under load: what the broker acknowledged is stored, once."""

import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from sqlalchemy import select

from app.bootstrap import wire
from data.models import Parameter
from tests.app.ingest.broker import PATIENCE_S, forget, reading, until
from tests.conftest import make_factory
from tests.crash.ingest.load import Load, stored
from tests.crash.ingest.plant import read_until_killed, settings
from tests.servers.fixtures import Running

WAITING, FLOWING = 150, 600
"""Messages of a cycle: what waits for the ingest when it starts, and what comes until it is killed."""
MANY = [int(one) for one in os.environ.get("GEMBA_TEST_KILLS", "20 500").split()]


@pytest.fixture(autouse=True)
def clean_broker(mosquitto_server: Running) -> Iterator[None]:
    """What waits for an ingest that is never to come would slow down all that follows."""
    yield
    for version in ("5", "3.1.1"):
        forget(mosquitto_server, f"crash-{version}")


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.ingest.plant"])
    return context


def kill_one(
    processes: ForkServerContext, home: Path, url: str, version: str, load: Load, delay_s: float
) -> None:
    """Start an ingest, and kill it under load some time after its first batch is stored."""
    load.allow(WAITING)
    ready, writing = os.pipe()
    os.set_inheritable(writing, True)
    pipe = multiprocessing.reduction.DupFd(writing)
    child = processes.Process(target=_relay, args=(home, url, version, pipe))
    child.start()
    os.close(writing)
    assert os.read(ready, 1) == b"x"
    load.allow(FLOWING)
    time.sleep(delay_s)
    child.kill()
    child.join()
    os.close(ready)


def _relay(home: Path, url: str, version: str, pipe: "multiprocessing.reduction._DupFd") -> None:
    read_until_killed(home, url, version, pipe.detach())


def survive(
    processes: ForkServerContext, server: Running, home: Path, kills: int, version: str, seed: int
) -> None:
    gemba = wire(settings(home, server.url(), version))
    factory_id = make_factory(gemba, "north")
    with reading(gemba, server.url(), mqtt_version=version, mqtt_client_id=f"crash-{version}"):
        pass
    gemba.close()
    chance = random.Random(seed)
    with Load(server, budget=0) as load:
        for _ in range(kills):
            kill_one(processes, home, server.url(), version, load, chance.uniform(0.6, 1.4))
        acknowledged = load.stop()
    gemba = wire(settings(home, server.url(), version))
    with reading(gemba, server.url(), mqtt_version=version, mqtt_client_id=f"crash-{version}") as intake:
        # Reading all of it takes seconds after hundreds of kills, and keeps the writer waiting.
        until(
            lambda: acknowledged <= set(stored(gemba, factory_id)), "all that was acknowledged is stored",
            PATIENCE_S + 0.5 * kills, 0.02 + kills / 250,
        )  # fmt: skip
        until(lambda: not len(intake.inbox), "nothing waits")
    found = stored(gemba, factory_id)
    with gemba.database.read(factory_id) as session:
        listed = Counter((row.machine_id, row.key) for row in session.scalars(select(Parameter)))
    gemba.close()
    assert len(acknowledged) > 50 * kills
    assert [number for number, times in found.items() if times != 1] == []
    assert set(found) == acknowledged
    assert set(listed.values()) == {1}


@pytest.mark.parametrize(("version", "kills"), [("5", 10), ("3.1.1", 10)])
def test_no_message_is_lost_or_doubled_over_twenty_kills(
    processes, mosquitto_server, tmp_path, version, kills
):
    survive(processes, mosquitto_server, tmp_path / "var", kills, version, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("kills", MANY)
def test_no_message_is_lost_or_doubled_over_many_kills(processes, mosquitto_server, tmp_path, kills):
    survive(processes, mosquitto_server, tmp_path / "var", kills, "5", seed=kills)
