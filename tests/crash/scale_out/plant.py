"""A plant over many processes, started by the commands that people use, and clients that never rest."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx

from app.settings import ROOT
from tests.crash.ingest.load import START
from tests.servers.process import free_port

READY_S = 180.0
FIRST = 130_000
"""The numbers of what comes over HTTP begin here, so that they differ from those of the broker."""


class Member:
    """One process of the plant; `start` after `kill` gives the same one on the same port."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], port: int = 0
    ) -> None:
        self.name, self.port = name, port
        self._log = Path(environment["GEMBA_HOME"]).parent / f"{name}.log"
        self._command = [sys.executable, "-m", "app", *command, *(("--port", str(port)) if port else ())]
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def serving(cls, name: str, part: str, environment: Mapping[str, str]) -> "Member":
        """A server with one part of Gemba."""
        return cls(name, ["serve", "--only", part], environment, free_port())

    def start(self) -> None:
        """Begin; see `wait`."""
        with self._log.open("ab") as written:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=written, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def wait(self) -> None:
        """Wait until it answers, where it serves something."""
        deadline = time.monotonic() + READY_S
        while not self.answers():
            assert self._process is not None
            assert self._process.poll() is None, f"{self.name} ended:\n{self.tail()}"
            assert time.monotonic() < deadline, f"{self.name} does not answer:\n{self.tail()}"
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether it is there."""
        if not self.port:
            return True
        try:
            return httpx.get(f"{self.url}/health", timeout=2).status_code < 500
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """End it and all that it has started, as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    def tail(self) -> str:
        """The end of what it wrote."""
        return self._log.read_text(errors="replace")[-3_000:]


class Caller:
    """Sends numbered things one after the other, each until one of the servers has taken it."""

    def __init__(self, send: Callable[[int, int], bool], every_s: float) -> None:
        self._send, self._every_s = send, every_s
        self._stopping = threading.Event()
        self.acknowledged: list[int] = []
        self.repeated = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        number, tries = 0, 0
        while not self._stopping.wait(self._every_s):
            if self._took(number, tries):
                self.acknowledged.append(number)
                number, tries = number + 1, tries + 1
            else:
                self.repeated, tries = self.repeated + 1, tries + 1

    def _took(self, number: int, tries: int) -> bool:
        try:
            return self._send(number, tries)
        except httpx.HTTPError:
            return False

    def stop(self) -> set[int]:
        """Send no more; the numbers that were acknowledged. The last one may be stored without that."""
        self._stopping.set()
        self._thread.join()
        return set(self.acknowledged)


def measured(client: httpx.Client, servers: Sequence[Member]) -> Callable[[int, int], bool]:
    """Sends a machine's values, to one server after the other."""

    def send(number: int, tries: int) -> bool:
        value = FIRST + number
        body = {"timestamp": START + value, "metrics": {"a": value, "b": value + 0.5}}
        address = f"{servers[tries % len(servers)].url}/api/v1/devices/m1/telemetry"
        return _is_taken(client.post(address, json=body))

    return send


def asked(client: httpx.Client, servers: Sequence[Member]) -> Callable[[int, int], bool]:
    """Asks for jobs, each of which writes one audit entry."""

    def send(number: int, tries: int) -> bool:
        body = {"job_type": "trial-effect", "options": {"number": number, "takes_s": 0.2}}
        address = f"{servers[tries % len(servers)].url}/api/v1/analytics/jobs"
        return _is_taken(client.post(address, json=body, headers={"Idempotency-Key": f"job-{number}"}))

    return send


def written(client: httpx.Client, address: str) -> Callable[[int, int], bool]:
    """Writes rows into the InfluxDB that is a source."""
    parts = httpx.URL(address.replace("influxdb://", "http://"))
    account = (parts.username, parts.password)
    write = f"http://{parts.host}:{parts.port}/write"
    database = parts.path.strip("/")

    def send(number: int, _tries: int) -> bool:
        line = f"flow,machine=m2 c={number} {START + number}000000000"
        return _is_taken(client.post(write, params={"db": database}, content=line, auth=account))

    return send


def _is_taken(answer: httpx.Response) -> bool:
    assert answer.status_code < 400 or answer.status_code >= 500, answer.text
    return answer.is_success
