"""The server's own command on an empty store, and the command that rotates the signing keys."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIENT = httpx.Client(timeout=60)
"""Patient: beside other workers a server may take long to answer."""


@contextmanager
def serving(home: Path) -> Iterator[tuple[str, Path]]:
    """`serve --only api` on a free port; its address and the file of what it says."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = home / "said.txt"
    with said.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--only", "api", "--port", str(port)], cwd=ROOT,
            env={**os.environ, "GEMBA_HOME": str(home)}, stdout=stream, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}", said
        finally:
            server.terminate()
            server.wait(30)


def _wait(address: str) -> None:
    until = time.monotonic() + 400
    while time.monotonic() < until:
        try:
            if CLIENT.get(f"{address}/api/v1/factories").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the server did not start")


def rotate(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "app", "rotate-keys", *arguments], check=True, cwd=ROOT,
        env={**os.environ, "GEMBA_HOME": str(home)}, capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    return done.stdout


@pytest.mark.timeout(900)
def test_the_first_start_tells_one_password_once_and_a_running_server_takes_up_rotated_keys(tmp_path):
    with serving(tmp_path) as (address, said):
        line = next(one for one in said.read_text().splitlines() if "first administrator" in one)
        email, password = line.split()[-2:]
        factory = CLIENT.get(f"{address}/api/v1/factories").json()["data"][0]["id"]
        given = {"factory_id": factory, "email": email, "password": password}
        answer = CLIENT.post(
            f"{address}/api/v1/auth/login", json=given, headers={"X-Request-Id": "first-log-in"}
        )
        assert answer.json()["user"]["role"] == "super_admin"
        assert answer.json()["user"]["must_change_password"] is True
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert CLIENT.get(f"{address}/api/v1/devices", headers=headers).status_code == 403
        change = {"old_password": password, "new_password": "gravel lantern otter pudding"}
        assert CLIENT.post(f"{address}/api/v1/me/password", json=change, headers=headers).status_code == 200
        assert CLIENT.get(f"{address}/api/v1/devices", headers=headers).status_code == 200
        rotate(tmp_path)
        assert CLIENT.get(f"{address}/api/v1/me", headers=headers).status_code == 200
        assert "tokens.json" in rotate(tmp_path, "--at-once")
        assert CLIENT.get(f"{address}/api/v1/me", headers=headers).status_code == 401
        assert "first-log-in" in said.read_text()
        assert answer.json()["access_token"] not in said.read_text()
    assert (tmp_path / "keys" / "tokens.json").stat().st_mode & 0o777 == 0o600
    with serving(tmp_path) as (_, said):
        assert "administrator" not in said.read_text()
