"""One server of each kind for the whole run, started when a test first asks for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.given import GivenServer, address_of
from tests.servers.influxdb import InfluxDB
from tests.servers.mariadb import MariaDB
from tests.servers.mongodb import MongoDB
from tests.servers.mosquitto import Mosquitto
from tests.servers.postgresql import PostgreSQL
from tests.servers.process import Server
from tests.servers.redis import Redis

Running = Server | GivenServer


def _running(kind: str, make: Callable[[Path], Server], folder: Path) -> Iterator[Running]:
    if given := address_of(kind):
        yield GivenServer(given)
        return
    server = make(folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mariadb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from _running("mariadb", MariaDB, tmp_path_factory.mktemp("mariadb"))


@pytest.fixture(scope="session")
def influxdb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from _running("influxdb", InfluxDB, tmp_path_factory.mktemp("influxdb"))


@pytest.fixture(scope="session")
def mongodb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from _running("mongodb", MongoDB, tmp_path_factory.mktemp("mongodb"))


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from _running("postgresql", PostgreSQL, tmp_path_factory.mktemp("postgresql"))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from _running("redis", Redis, tmp_path_factory.mktemp("redis"))


@pytest.fixture(scope="session")
def mosquitto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from _running("mqtt", Mosquitto, tmp_path_factory.mktemp("mosquitto"))
