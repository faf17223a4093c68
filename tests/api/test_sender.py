"""The program for gateways: it needs Python alone, keeps what it cannot send, and all counts once."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.world import NOW, World
from tests.servers.process import free_port

AT = int(NOW.timestamp()) - 6_000


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """What the command prints, in a folder without Gemba."""
    done = subprocess.run([sys.executable, "-m", "app", "sender"], check=True, capture_output=True)
    path = tmp_path / "gemba_send.py"
    path.write_bytes(done.stdout)
    return path


def begun(world: World, program: Path, url: str, *more: str) -> "subprocess.Popen[str]":
    """Started without any installed package."""
    call = [sys.executable, "-I", "-S", program, "--url", url, "--buffer", program.parent / "queue.db", *more]
    return subprocess.Popen(
        call, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=program.parent,
        env={"PATH": os.environ["PATH"], "GEMBA_API_KEY": world.plants["north"].tokens["key"]},
    )  # fmt: skip


def line(number: int, parameter: str, **more: object) -> str:
    data = {"timestamp": AT + number, "metrics": {parameter: number}}
    return json.dumps({"machine": "m1", "kind": "telemetry", "data": data, **more}) + "\n"


def stored(world: World, parameter: str) -> list[float]:
    return sorted(world.gemba.telemetry.read("north", 0, 2**62, None, [parameter])["value"].tolist())


def waiting(program: Path) -> int:
    with sqlite3.connect(program.parent / "queue.db") as store:
        return int(store.execute("SELECT count(*) FROM queue").fetchone()[0])


def test_all_lines_arrive_and_what_is_refused_is_set_aside_with_its_reason(
    world: World, program: Path, door: "Door"
) -> None:
    lines = [line(n, "sent") for n in range(1_200)]
    wrong = ["no message\n", line(1, "sent", machine="no key!"), line(1, "sent", kind="song")]
    sender = begun(world, program, door.url)
    _, said = sender.communicate("".join(lines[:700] + wrong + lines[700:]), timeout=120)
    assert sender.returncode == 1, said
    assert stored(world, "sent") == list(range(1_200))
    assert waiting(program) == 0
    with sqlite3.connect(program.parent / "queue.db") as store:
        refused = store.execute("SELECT why FROM refused").fetchall()
    assert len(refused) == 2
    assert "no message with machine, kind and data: no message" in said


def test_what_was_read_before_a_kill_is_sent_by_the_next_start(
    world: World, program: Path, door: "Door"
) -> None:
    sender = begun(world, program, f"http://127.0.0.1:{free_port()}")
    assert sender.stdin is not None
    sender.stdin.write("".join(line(n, "killed") for n in range(300)))
    sender.stdin.flush()
    deadline = time.monotonic() + 60
    while not (program.parent / "queue.db").exists() or waiting(program) < 300:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    sender.send_signal(signal.SIGKILL)
    sender.communicate()
    again = begun(world, program, door.url)
    _, said = again.communicate("", timeout=120)
    assert again.returncode == 0, said
    assert stored(world, "killed") == list(range(300))


def test_a_full_buffer_stops_reading_and_an_end_without_gemba_says_what_waits(
    world: World, program: Path
) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    sender = begun(world, program, address, "--most", "50", "--give-up-after", "1")
    assert sender.stdin is not None
    sender.stdin.write("".join(line(n, "full") for n in range(80)))
    sender.stdin.flush()
    time.sleep(3)
    assert sender.poll() is None
    assert waiting(program) == 50
    sender.kill()
    sender.communicate()
    last = begun(world, program, address, "--give-up-after", "0.5")
    _, said = last.communicate("", timeout=60)
    assert last.returncode == 3
    assert "50 messages wait in" in said


@pytest.mark.parametrize("missing", ["url", "key", "folder"])
def test_a_wrong_call_is_told_without_a_traceback(program: Path, missing: str) -> None:
    url = "gemba" if missing == "url" else "http://127.0.0.1:1"
    buffer = program.parent / "none" / "q.db" if missing == "folder" else program.parent / "q.db"
    key = {} if missing == "key" else {"GEMBA_API_KEY": "x"}
    call = [sys.executable, "-I", "-S", program, "--url", url, "--buffer", buffer]
    done = subprocess.run(call, check=False, input="", capture_output=True, text=True, env=key)
    assert done.returncode == 2
    assert "error:" in done.stderr
    assert "Traceback" not in done.stderr


class Door(ThreadingHTTPServer):
    """Where the API stands below /api, as in the app. It can hand requests on and lose their answers."""

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.target, self.url = target, f"http://127.0.0.1:{self.server_address[1]}"
        self.loses = 0
        self.is_busy_once = False
        self.seen: list[list[int]] = []


class Handler(BaseHTTPRequestHandler):
    server: Door

    def do_POST(self) -> None:
        body, door = self.rfile.read(int(self.headers["Content-Length"])), self.server
        if door.is_busy_once and not door.loses:
            door.is_busy_once = False
            self.send_response(503)
            self.send_header("Retry-After", "1")
            self.end_headers()
            return
        headers = {name: self.headers[name] for name in ("Content-Type", "X-API-Key")}
        address = door.target + self.path.removeprefix("/api")
        answer = httpx.post(address, content=body, headers=headers, trust_env=False)
        if answer.status_code == 207:
            door.seen.append([one["status"] for one in answer.json()["items"]])
        if door.loses:
            door.loses -= 1
            self.close_connection = True
            return
        self.send_response(answer.status_code)
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def door(world: World) -> Iterator[Door]:
    made = Door(world.address)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_what_comes_again_because_its_answer_was_lost_counts_once(
    world: World, program: Path, door: Door
) -> None:
    door.loses, door.is_busy_once = 2, True
    sender = begun(world, program, door.url)
    _, said = sender.communicate("".join(line(n, "lossy") for n in range(20)), timeout=120)
    assert sender.returncode == 0, said
    assert stored(world, "lossy") == list(range(20))
    first, *later = door.seen
    assert set(first) == {201}
    assert all(set(one[: len(first)]) == {200} for one in later[:2])
