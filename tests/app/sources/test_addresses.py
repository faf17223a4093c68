"""What is checked of a source's address is what the driver gets; no server reads files of this machine."""

import contextlib
import socket
import sqlite3
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from analytics.errors import InvalidInput, StoreUnavailable
from app.settings import Settings
from app.sources.addresses import refuse_address
from data.sources.addresses import OPTIONS
from data.sources.opening import open_connector, understood
from data.sources.protocol import Extract

FORBIDDEN = (
    "mysql://allowed.plant/x?local_infile=1",
    "mysql://allowed.plant/x?LOCAL_INFILE=1",
    "mysql://allowed.plant/x?charset=utf8mb4&local_infile=1",
    "mysql://allowed.plant/x?host=127.0.0.1",
    "mysql://allowed.plant/x?unix_socket=/run/mysqld/mysqld.sock",
    "mysql://allowed.plant/x?read_default_file=/etc/my.cnf",
    "mysql://allowed.plant/x?ssl_key=/home/gemba/key.pem",
    "mysql://allowed.plant/x?ssl_ca=/etc/shadow",
    "mysql://allowed.plant/x?init_command=SELECT+1",
    "mysql://allowed.plant/x?password=in-the-clear",
    "mysql://allowed.plant/x?charset=utf8mb4&charset=latin1",
    "mysql://allowed.plant/x?charset=/etc/passwd",
    "mysql://allowed.plant:3306/y@evil.example/x",
    "mysql://allowed.plant#@evil.example/x",
    "mysql://allowed.plant?x@evil.example/x",
    "mysql://allowed.plant,evil.example/x",
    "mysql://allowed.plant\\@evil.example/x",
    "mysql://allowed.plant\t.evil.example/x",
    "postgresql://allowed.plant/x?host=/tmp",
    "postgresql://allowed.plant/x?hostaddr=127.0.0.1",
    "postgresql://allowed.plant/x?service=own",
    "postgresql://allowed.plant/x?passfile=/home/gemba/.pgpass",
    "postgresql://allowed.plant/x?sslrootcert=/etc/shadow",
    "postgresql://allowed.plant/x?options=-c%20default_transaction_read_only%3Doff",
    "mongodb://allowed.plant/x?tlsCAFile=/etc/shadow",
    "mongodb://allowed.plant/x?tlsCertificateKeyFile=/home/gemba/key.pem",
    "mongodb://allowed.plant/x?authMechanism=MONGODB-AWS",
    "mongodb://allowed.plant/x?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:gcp",
    "mongodb://allowed.plant/x?tls=true;tlsCAFile=/etc/shadow",
    "mongodb://%2Ftmp%2Fmongodb-27017.sock/x",
    "mongodb://mongodb.sock/x",
    "mongodb+srv://allowed.plant/x?srvServiceName=other",
    "mongodb+srv://allowed.plant/x?srvAllowedHostsSuffix=example",
    "influxdb://allowed.plant/x?host=evil.example",
    "mysql://[::1/x",
)  # fmt: skip
ALLOWED = (
    "mysql://allowed.plant/x",
    "mysql+pymysql://reader:p%40ss@allowed.plant:3307/x?charset=utf8mb4&ssl_disabled=true",
    "MARIADB://allowed.plant/x?charset=utf8mb4&ssl_verify_identity=true&connect_timeout=10",
    "postgresql://reader@allowed.plant:5432/x?sslmode=require&client_encoding=utf8",
    "mongodb://allowed.plant:27017,allowed.plant:27018/x?authSource=admin&replicaSet=rs0&tls=false",
    "mongodb://allowed.plant/?readPreference=secondary&readPreferenceTags=dc:east,use:reports",
    "mongodb://allowed.plant/?retryWrites=true&w=majority&appName=Plant&directConnection=true",
    "influxdb://allowed.plant:8086/plant/autogen",
)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_what_a_driver_could_be_told_beside_the_checked_host_is_refused(address: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, sources_hosts="allowed.plant")
    with pytest.raises(InvalidInput) as caught:
        refuse_address(settings, address)
    assert [one.field for one in caught.value.problems] == ["address"]
    with pytest.raises(InvalidInput):
        open_connector(address, timeout_s=1, files=tmp_path)


@pytest.mark.parametrize("address", ALLOWED)
def test_addresses_that_plants_use_are_taken_as_they_are(address: str, tmp_path: Path) -> None:
    refuse_address(Settings(home=tmp_path, sources_hosts="allowed.plant"), address)
    open_connector(address, timeout_s=1, files=tmp_path).close()


def test_the_driver_gets_the_parts_that_were_checked() -> None:
    said = understood("mongodb://u:p%2Fw@[::1]:27018,B.plant/x?TLS=true")
    assert (said.hosts, said.user, said.password) == ((("::1", 27018), ("b.plant", 0)), "u", "p/w")
    assert said.spelled() == "mongodb://[::1]:27018,b.plant/x?tls=true"


def test_every_option_that_an_address_may_have_is_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "sources.md").read_text("utf-8")
    for names in OPTIONS.values():
        assert [name for name in names if f"`{name}`" not in page] == []


def test_a_server_that_asks_for_a_file_of_this_machine_gets_none(tmp_path: Path) -> None:
    secret = tmp_path / "signing.key"
    secret.write_text("only for Gemba")
    with hostile(secret) as (port, got):
        told = {"user": "x", "password": "", "local_infile": True, "connect_timeout": 5}
        with contextlib.suppress(pymysql.err.Error):
            pymysql.connect(host="127.0.0.1", port=port, autocommit=None, **told).query("SELECT 1")
    assert got["file"] == b"only for Gemba"
    with hostile(secret) as (port, got):
        connector = open_connector(f"mysql://127.0.0.1:{port}/x", timeout_s=5, files=tmp_path)
        with contextlib.suppress(StoreUnavailable, pymysql.err.Error, RuntimeError):
            connector.about()
        connector.close()
    assert got["asked"]
    assert b"only for Gemba" not in got.get("file", b"")


def test_a_file_name_cannot_lead_the_engine_to_another_file(tmp_path: Path) -> None:
    folder = tmp_path / "allowed"
    (folder / "x").mkdir(parents=True)
    for path in (tmp_path / "outside.db", folder / "x%2f..%2f..%2foutside.db", folder / "plain.db"):
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute(f'CREATE TABLE "{path.stem}" (a)')
            connection.commit()
    connector = open_connector("sqlite:///x%2f..%2f..%2foutside.db", timeout_s=5, files=folder)
    assert [one.name for one in connector.items()] == ["x%2f..%2f..%2foutside"]
    connector.close()
    for name in ("plain.db?mode=rwc", "plain.db?mode=memory&cache=shared", "../outside.db"):
        with pytest.raises(InvalidInput, match="no such file"):
            open_connector(f"sqlite:///{name}", timeout_s=5, files=folder)
    upper = open_connector("SQLite:///plain.db", timeout_s=5, files=folder)
    assert [page.header for page in upper.pages(Extract("plain"), 10)] == []
    upper.close()


@contextlib.contextmanager
def hostile(wanted: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """A server that speaks MySQL and answers the first question with: send me this file."""
    got: dict[str, Any] = {"asked": False}
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_one_client, args=(server, wanted, got), daemon=True)
        thread.start()
        yield server.getsockname()[1], got
        thread.join(5)


def _one_client(server: socket.socket, wanted: Path, got: dict[str, Any]) -> None:
    client, _ = server.accept()
    client.settimeout(3)
    fine = b"\0\0\0\2\0\0\0"
    # Protocol 4.1 with log-in by plugin and local files, without TLS.
    able = 0x0008_F7FF & ~0x0800
    with client, contextlib.suppress(OSError, EOFError):
        _send(
            client, 0,
            b"\x0a8.0.30\0" + struct.pack("<I", 1) + b"12345678\0" + struct.pack("<H", able & 0xFFFF)
            + b"\x2d" + struct.pack("<HH", 2, able >> 16) + bytes([21]) + bytes(10)
            + b"123456789012\0mysql_native_password\0",
        )  # fmt: skip
        _receive(client)
        _send(client, 2, fine)
        while (question := _receive(client))[:1] == b"\x03":
            if got["asked"] or question[1:].startswith(b"SET "):
                _send(client, 1, fine)
                continue
            got["asked"] = True
            _send(client, 1, b"\xfb" + str(wanted).encode())
            got["file"] = b""
            while part := _receive(client):
                got["file"] += part


def _send(client: socket.socket, number: int, body: bytes) -> None:
    client.sendall(struct.pack("<I", len(body))[:3] + bytes([number]) + body)


def _receive(client: socket.socket) -> bytes:
    head = _exactly(client, 4)
    return _exactly(client, head[0] | head[1] << 8 | head[2] << 16)


def _exactly(client: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = client.recv(size - len(found))
        if not part:
            raise EOFError
        found += part
    return found
