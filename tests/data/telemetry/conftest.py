"""A fresh store of every engine."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from data.telemetry import TelemetryStore
from data.telemetry.embedded import EmbeddedStore, Retention
from data.telemetry.influx import InfluxBackend
from data.telemetry.mongo import MongoBackend
from data.telemetry.remote import RemoteStore
from data.telemetry.sql import SqlBackend

Open = Callable[[Path, pytest.FixtureRequest], Iterator[TelemetryStore]]


def embedded(folder: Path, request: pytest.FixtureRequest) -> Iterator[TelemetryStore]:
    yield EmbeddedStore.open(folder, retention=Retention(compact_every_us=0))


def sql_on_sqlite(folder: Path, request: pytest.FixtureRequest) -> Iterator[TelemetryStore]:
    folder.mkdir()
    yield RemoteStore(SqlBackend(f"sqlite:///{folder / 'telemetry.db'}"))


def sql_on_mariadb(folder: Path, request: pytest.FixtureRequest) -> Iterator[TelemetryStore]:
    server = request.getfixturevalue("mariadb_server")
    name = f"telemetry_{uuid4().hex[:8]}"
    yield RemoteStore(SqlBackend(server.url(name)))
    server.drop(name)


def mongodb(folder: Path, request: pytest.FixtureRequest) -> Iterator[TelemetryStore]:
    server = request.getfixturevalue("mongodb_server")
    name = f"telemetry_{uuid4().hex[:8]}"
    yield RemoteStore(MongoBackend(server.url(name)))
    server.drop(name)


def influxdb(folder: Path, request: pytest.FixtureRequest) -> Iterator[TelemetryStore]:
    server = request.getfixturevalue("influxdb_server")
    name = f"telemetry_{uuid4().hex[:8]}"
    yield RemoteStore(InfluxBackend(server.url(name)))
    server.drop(name)


ENGINES: dict[str, Open] = {
    "embedded": embedded,
    "sqlite": sql_on_sqlite,
    "influxdb": influxdb,
    "mariadb": sql_on_mariadb,
    "mongodb": mongodb,
}


@pytest.fixture(params=sorted(ENGINES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TelemetryStore]:
    opening = ENGINES[request.param](tmp_path / "telemetry", request)
    opened = next(opening)
    yield opened
    opened.close()
    next(opening, None)
