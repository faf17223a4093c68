"""The demo plant on a MariaDB that goes away while people look at it, and comes back."""

import json
import os
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
# Beside other workers, what takes 5 s on a machine of its own may take longer.
PATIENCE = 12 if "PYTEST_XDIST_WORKER" in os.environ else 1
FORGOTTEN_MS = 13_000
"""So long after a store went away nobody who looks is remembered: not even who they are is known."""
AWAY = "A data store cannot be reached"


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
        expect(page.get_by_text(AWAY).first).to_be_visible(timeout=60_000)
        status, stores = health(on_mariadb)
        assert (status, stores["relational"]["reachable"], stores["telemetry"]["reachable"]) == (
            503,
            False,
            True,
        )
        page.wait_for_timeout(FORGOTTEN_MS)
        page.goto(f"{on_mariadb.url}/records")
        expect(page.get_by_text(AWAY).first).to_be_visible(timeout=60_000)
        assert "Traceback" not in page.content()
    finally:
        mariadb_server.start()
    expect(page.get_by_role("heading", name="Shift records")).to_be_visible(
        timeout=PATIENCE * HEALED_WITHIN_S * 1000
    )
    assert health(on_mariadb)[0] == 200


@pytest.mark.parametrize("engine", ["mongodb", "influxdb", "mariadb"])
def test_a_telemetry_server_that_goes_away_leaves_the_plant_and_gets_every_point_afterwards(
    page: Page, engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server = request.getfixturevalue(f"{engine}_server")
    address = server.url(f"plant_telemetry_{engine}")
    settings = {"GEMBA_TELEMETRY_URL": address, "GEMBA_DEMO_INTERVAL_S": "1"}
    served = start(tmp_path / "var", "demo", "--days", "4", environment=settings)
    try:
        log_in(page, served, path="/machine")
        settled(page)
        expect(page.locator("strong", has_text="Signals")).to_be_visible(timeout=60_000)
        server.stop()
        try:
            expect(page.get_by_text(AWAY).first).to_be_visible(timeout=60_000)
            expect(page.get_by_test_id("stMetric").first).to_contain_text("OEE")
            status, stores = health(served)
            assert (status, stores["telemetry"]["reachable"], stores["relational"]["reachable"]) == (
                503,
                False,
                True,
            )
        finally:
            server.start()
        expect(page.locator("strong", has_text="Signals")).to_be_visible(
            timeout=PATIENCE * HEALED_WITHIN_S * 1000
        )
        emptied(served)
    finally:
        served.stop()


def emptied(served: Served) -> None:
    """Wait until no point waits on disk any more."""
    until = time.monotonic() + 120
    while (found := health(served)[1]["telemetry"])["backlog"]:
        assert time.monotonic() < until, found
        time.sleep(0.5)
    assert found["problem"] == ""
