"""A server of the tests' own: on a free port, with data in a folder, stopped by its process id."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

START_S = 60.0
STOP_S = 30.0
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_program(name: str, install: str, *places: Path) -> str:
    """The program's path. Without it the tests that need it are skipped by name; with CI set they fail."""
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(name, path=folders) or next((str(p) for p in places if p.exists()), None)
    if found is None:
        missing(f"no {name} on this machine: {install}")
    return str(found)


def missing(message: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


class Server:
    """One process; `start` after `stop` gives the same server with the same data on the same port."""

    host = "127.0.0.1"

    def __init__(
        self,
        folder: Path,
        port: int,
        command: Sequence[str],
        answers: Callable[[], Any],
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.port = port
        self._command = list(command)
        self._answers = answers
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as written:
            self._process = subprocess.Popen(
                self._command, cwd=self.folder, env=self._environment,
                stdout=written, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_S
        while True:
            if self._process.poll() is not None:
                raise AssertionError(f"{self._command[0]} ended:\n{self._tail()}")
            try:
                self._answers()
            except Exception as error:
                if time.monotonic() > deadline:
                    self.stop(signal.SIGKILL)
                    raise AssertionError(f"{self._command[0]} does not answer:\n{self._tail()}") from error
                time.sleep(0.1)
            else:
                return

    def stop(self, how: int = signal.SIGTERM) -> None:
        """Stop this process and no other."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(STOP_S)
        self._process = None

    def pause(self) -> None:
        """Let it hang: it accepts connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """The end of `pause`."""
        os.kill(self.pid, signal.SIGCONT)

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]
