"""The gallery in a real server and a real browser, once for all browser tests of the kit."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.servers.shared import FOR_BROWSERS

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def gallery_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(Path(__file__).with_name("gallery_server.py"))),
        *("--server.port", str(port), "--server.address", "127.0.0.1"),
    ]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    FOR_BROWSERS.callback(server.wait, 20)
    FOR_BROWSERS.callback(server.terminate)
    address = f"http://127.0.0.1:{port}"
    _wait_for(f"{address}/_stcore/health", server)
    return address


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert server.poll() is None, "the gallery's server stopped"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the gallery's server did not start")


class Watched:
    """A page with everything that it complained of and every address that it asked for."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield Watched(context)
    context.close()
