"""The program for gateways: it needs Python alone, keeps what it cannot send, and all counts once."""

import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.ingest.edge import Away, Buffer, Reader, Sender, message
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
    """How many messages the buffer holds; none while the program has not made it yet."""
    try:
        with closing(sqlite3.connect(f"file:{program.parent}/queue.db?mode=ro", uri=True)) as store:
            return int(store.execute("SELECT count(*) FROM queue").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def until_wait(program: Path, count: int) -> None:
    deadline = time.monotonic() + 90
    while waiting(program) < count:
        assert time.monotonic() < deadline
        time.sleep(0.1)


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
    with closing(sqlite3.connect(program.parent / "queue.db")) as store:
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
    until_wait(program, 300)
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
    until_wait(program, 50)
    time.sleep(1)
    assert sender.poll() is None
    assert waiting(program) == 50
    sender.kill()
    sender.communicate()
    last = begun(world, program, address, "--give-up-after", "0.5")
    _, said = last.communicate("", timeout=60)
    assert last.returncode == 3
    assert "50 messages wait in" in said


@pytest.mark.parametrize("missing", ["url", "port", "key", "folder"])
def test_a_wrong_call_is_told_without_a_traceback(program: Path, missing: str) -> None:
    url = {"url": "gemba", "port": "http://gemba:85o1"}.get(missing, "http://127.0.0.1:1")
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
        self.loses = self.cuts = 0
        self.moved = ""
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
        if door.moved:
            self.send_response(301)
            self.send_header("Location", door.moved)
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
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content[: 10 if door.cuts else None])
        door.cuts = max(door.cuts - 1, 0)

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


def test_an_answer_that_is_cut_off_is_asked_for_again(world: World, program: Path, door: Door) -> None:
    door.cuts = 2
    sender = begun(world, program, door.url)
    _, said = sender.communicate("".join(line(n, "cut") for n in range(20)), timeout=120)
    assert sender.returncode == 0, said
    assert stored(world, "cut") == list(range(20))
    assert "Traceback" not in said


def test_the_key_goes_nowhere_else(world: World, program: Path, door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        door.moved = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
        sender = begun(world, program, door.url, "--give-up-after", "2")
        _, said = sender.communicate(line(1, "moved"), timeout=60)
        elsewhere.settimeout(0.2)
        with pytest.raises(TimeoutError):
            elsewhere.accept()
    assert sender.returncode == 3
    assert f"give the address {door.moved}" in said
    assert world.plants["north"].tokens["key"] not in said


@pytest.fixture
def buffer(tmp_path: Path) -> Buffer:
    return Buffer(str(tmp_path / "unit.db"))


class Scripted(Sender):
    """A sender whose Gemba answers by a function of the messages."""

    def __init__(
        self, buffer: Buffer, answer: Callable[[list[dict[str, Any]]], tuple[int, list[int]]]
    ) -> None:
        super().__init__(buffer, "http://127.0.0.1:1", "key")
        self._answer = answer
        self.posted: list[int] = []

    def _post(self, body: bytes) -> tuple[int, str]:
        items = json.loads(body)["items"]
        self.posted.append(len(items))
        status, outcomes = self._answer(items)
        if status == 500:
            raise Away("Gemba answered 500", is_suspect=True)
        return status, json.dumps({"items": [{"status": one, "message": "so"} for one in outcomes]})


def steps(sender: Sender, count: int) -> None:
    for _ in range(count):
        try:
            sender.step()
        except Away:
            continue


def test_messages_that_must_wait_let_the_others_pass(buffer: Buffer) -> None:
    for n in range(700):
        buffer.put(line(n, "x", machine="camera" if n < 600 else "m1"))
    sender = Scripted(
        buffer, lambda items: (207, [429 if one["machine"] == "camera" else 201 for one in items])
    )
    steps(sender, 3)
    assert len(buffer) == 600
    assert buffer.first(500) == []


def test_a_message_that_breaks_gemba_is_found_and_the_others_pass(buffer: Buffer) -> None:
    for n in range(300):
        buffer.put(line(n, "x", machine="poison" if n == 77 else "m1"))

    def answer(items: list[dict[str, Any]]) -> tuple[int, list[int]]:
        return (500, []) if any(one["machine"] == "poison" for one in items) else (207, [201] * len(items))

    steps(Scripted(buffer, answer), 40)
    assert len(buffer) == 1


def test_refused_messages_are_found_in_few_requests_and_can_be_sent_again(buffer: Buffer) -> None:
    for n in range(500):
        buffer.put(line(n, "x", kind="song" if n % 100 == 50 else "telemetry"))

    def answer(items: list[dict[str, Any]]) -> tuple[int, list[int]]:
        return (422, []) if any(one["kind"] == "song" for one in items) else (207, [201] * len(items))

    sender = Scripted(buffer, answer)
    while sender.step():
        pass
    assert (len(buffer), sender.refused) == (0, 5)
    assert len(sender.posted) < 120
    assert (buffer.again(), len(buffer)) == (5, 5)


def test_a_batch_is_not_much_longer_than_a_million_characters(buffer: Buffer) -> None:
    for _ in range(20):
        buffer.put("x" * 300_000)
    assert len(buffer.first(500)) == 4


@pytest.mark.parametrize(
    "wrong", ["null", "[]", '{"data": 1}', "[" * 100_000, '{"data": "' + "x" * 1_100_000 + '"}']
)
def test_a_line_that_is_no_message_is_none(wrong: str) -> None:
    assert message(wrong) is None


def test_a_message_without_an_id_gets_one_and_half_a_character_is_replaced() -> None:
    for given in ("", ', "event_id": ""', ', "event_id": null'):
        made = json.loads(message(f'{{"machine": "m1", "data": {{"a": "\\ud83d"}}{given}}}') or "")
        assert len(made["event_id"]) == 32
        assert made["data"] == {"a": "?"}


def test_bytes_that_are_no_text_end_nothing(buffer: Buffer) -> None:
    reader = Reader(buffer, io.BytesIO(b"\xff\xfe\n" + line(1, "after").encode()))
    reader.run()
    assert (reader.wrong, reader.failure, len(buffer)) == (1, "", 1)
