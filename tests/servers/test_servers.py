"""The servers of the tests are real: they answer, keep their data over a restart, and stop."""

import socket
from typing import Any

import httpx
import pymongo
import pytest
import sqlalchemy as sa

KINDS = ("mariadb", "influxdb", "mongodb", "postgresql", "redis", "mosquitto")


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_stops_and_comes_back_at_the_same_address(kind: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue(f"{kind}_server")
    address = (server.host, server.port)
    socket.create_connection(address, 2).close()
    server.stop()
    with pytest.raises(OSError):
        socket.create_connection(address, 2)
    server.start()
    socket.create_connection(address, 2).close()


def test_mariadb_keeps_its_rows_over_a_restart(mariadb_server: Any) -> None:
    engine = sa.create_engine(mariadb_server.url("kept"))
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE IF NOT EXISTS t (a INT)"))
        connection.execute(sa.text("INSERT INTO t VALUES (7)"))
    mariadb_server.stop()
    mariadb_server.start()
    engine.dispose()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT max(a) FROM t")).scalar() == 7
    engine.dispose()


def test_influxdb_asks_for_the_password(influxdb_server: Any) -> None:
    address = f"http://{influxdb_server.host}:{influxdb_server.port}/query"
    assert httpx.get(address, params={"q": "SHOW DATABASES"}).status_code == 401


def test_mongodb_answers_with_its_version(mongodb_server: Any) -> None:
    with pymongo.MongoClient(mongodb_server.url("any")) as client:
        assert client.server_info()["version"].startswith("6.")
