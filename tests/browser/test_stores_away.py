"""The demo plant on a MariaDB that goes away while people look at it, and comes back."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, log_in, settled, start
from tests.servers.fixtures import Running

HEALED_WITHIN_S = 5.0


@pytest.fixture
def on_mariadb(mariadb_server: Running, tmp_path: Path) -> Iterator[Served]:
    """`make demo` with one setting more."""
    settings = {"GEMBA_DATABASE_URL": mariadb_server.url("demo_plant")}
    served = start(tmp_path / "var", "demo", "--days", "9", environment=settings)
    yield served
    served.stop()


def health(served: Served) -> tuple[int, dict[str, dict[str, object]]]:
    try:
        with urllib.request.urlopen(f"{served.url}/health", timeout=10) as answer:
            return answer.status, json.load(answer)["stores"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["stores"]


def test_the_plant_runs_on_mariadb_and_heals_by_itself_when_the_server_was_away(
    page: Page, on_mariadb: Served, mariadb_server: Running
) -> None:
    log_in(page, on_mariadb)
    settled(page)
    expect(page.get_by_test_id("stMetric").first).to_contain_text("OEE")
    status, stores = health(on_mariadb)
    assert status == 200
    assert stores["relational"]["engine"] in {"mysql", "mariadb"}

    mariadb_server.stop()
    try:
        expect(page.get_by_text("A data store cannot be reached").first).to_be_visible(timeout=30_000)
        status, stores = health(on_mariadb)
        assert (status, stores["relational"]["reachable"], stores["telemetry"]["reachable"]) == (
            503,
            False,
            True,
        )
        page.goto(f"{on_mariadb.url}/records")
        expect(page.get_by_text("A data store cannot be reached").first).to_be_visible(timeout=30_000)
        assert "Traceback" not in page.content()
    finally:
        mariadb_server.start()
    back = time.monotonic()
    expect(page.get_by_role("heading", name="Shift records")).to_be_visible(timeout=HEALED_WITHIN_S * 1000)
    assert time.monotonic() - back < HEALED_WITHIN_S
    assert health(on_mariadb)[0] == 200
