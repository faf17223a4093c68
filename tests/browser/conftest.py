"""A real server, started as `make demo` does, and a real Chromium that must not talk to anybody else."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.conftest import BROWSER_PATIENCE_MS
from tests.servers.shared import FOR_BROWSERS

ROOT = Path(__file__).resolve().parents[2]
STOP_WAIT_S = 10.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A running server and what its demo file says."""

    process: subprocess.Popen[bytes]
    home: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def demo(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "demo.json").read_text())
        return found

    def account(self, role: str) -> tuple[str, str]:
        one = next(a for a in self.demo["accounts"] if a["role"] == role)
        return one["email"], one["password"]

    def stop(self) -> float:
        """Ask it to stop; returns the seconds until nothing answers on its port any more."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        while answers(self.port) and time.monotonic() - started < STOP_WAIT_S:
            time.sleep(0.05)
        seconds = time.monotonic() - started
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        return seconds


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(
    home: Path, *arguments: str, wait_s: float = 240.0, environment: dict[str, str] | None = None
) -> Served:
    port = free_port()
    log = home.parent / f"{home.name}.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", *arguments, "--port", str(port)],
            cwd=ROOT, env={**os.environ, "GEMBA_HOME": str(home), **(environment or {})}, stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    served = Served(process, home, port)
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{served.url}/health", timeout=2) as answer:
                if answer.status == 200:
                    return served
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    process.kill()
    process.wait(30)
    raise AssertionError(f"the server did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo plant of a few days, made once."""
    home = tmp_path_factory.mktemp("demo") / "var"
    subprocess.run(
        [sys.executable, "-m", "app", "demo", "--days", "9", "--no-serve", "--home", str(home)],
        cwd=ROOT, check=True, timeout=280,
    )  # fmt: skip
    return home


@pytest.fixture(scope="session")
def served(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Served:
    home = tmp_path_factory.mktemp("served") / "var"
    shutil.copytree(demo_home, home)
    server = start(home, "demo")
    FOR_BROWSERS.callback(server.stop)
    return server


def denied(said: ConsoleMessage) -> list[str]:
    """What the page's security policy did not let it do."""
    return [said.text] if "Content Security Policy" in said.text else []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB")
    context.set_default_timeout(BROWSER_PATIENCE_MS)
    opened = context.new_page()
    outside: list[str] = []
    broken: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            outside.append(request.url)

    opened.on("request", watch)
    opened.on("pageerror", lambda error: broken.append(str(error)))
    opened.on("console", lambda said: broken.extend(denied(said)))
    yield opened
    context.close()
    assert outside == [], "a page asked another host for something"
    assert broken == [], "a script on the page failed"


def log_in(page: Page, server: Served, role: str = "manager", path: str = "/") -> None:
    """Open a page, log in on its form, and come back to it."""
    email, password = server.account(role)
    page.goto(server.url + path)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_test_id("stSidebar").wait_for(timeout=60_000)


def settled(page: Page) -> None:
    """Wait until no script runs and no chart or skeleton is pending."""
    page.wait_for_function(
        "() => document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'"
        " && !document.querySelector('[data-testid=stSkeleton]')"
        " && !document.querySelector('.gemba-chart[data-state=loading], .gemba-lanes[data-state=loading]')",
        timeout=60_000,
    )
