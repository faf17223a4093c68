"""Several processes that start on an empty or an old schema: one brings it up to date, the others wait."""

import subprocess
import sys
import time
from uuid import uuid4

import pytest

from analytics.errors import StoreUnavailable
from data.relational import migrate, upgrading
from data.relational.engine import open_engine

PROCESSES = 3
START = """
import sys, time
from data.relational.engine import open_engine
from data.relational.migrate import upgrade
engine = open_engine(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(upgrade(engine))
"""


@pytest.fixture(params=["sqlite", "mariadb", "postgresql"])
def empty_url(request, tmp_path):
    """The address of a database without a schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'gemba.db'}"
        return
    server = request.getfixturevalue(f"{request.param}_server")
    name = f"schema_{uuid4().hex[:8]}"
    yield server.url(name)
    server.drop(name)


def started(url):
    """What processes that begin at one moment say, and what they complain of."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", START, url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(PROCESSES)
    ]  # fmt: skip
    for one in running:
        assert one.stdout.readline() == "ready\n"
    for one in running:
        one.stdin.write("\n")
        one.stdin.flush()
    return [one.communicate(timeout=120) for one in running]


def revision(url):
    engine = open_engine(url)
    try:
        return migrate.current(engine)
    finally:
        engine.dispose()


def test_processes_that_start_at_once_on_an_empty_store_all_come_up(empty_url):
    told = started(empty_url)
    assert sorted(said.strip() for said, _ in told) == ["False"] * (PROCESSES - 1) + ["True"], told
    assert "Waiting until another process" in "".join(complaint for _, complaint in told)
    assert revision(empty_url) == migrate._newest()


def test_processes_that_start_at_once_on_an_old_schema_all_come_up(tmp_path):
    url = f"sqlite:///{tmp_path / 'gemba.db'}"
    engine = open_engine(url)
    migrate._apply(engine, "0010")
    engine.dispose()
    assert revision(url) == "0010"
    told = started(url)
    assert sorted(said.strip() for said, _ in told) == ["False"] * (PROCESSES - 1) + ["True"], told
    assert revision(url) == migrate._newest()


def test_whoever_waits_too_long_is_told_for_what(empty_url, monkeypatch):
    monkeypatch.setattr(upgrading, "WAIT_S", 0.5)
    first, second = open_engine(empty_url), open_engine(empty_url)
    began = time.monotonic()
    with (
        upgrading.turn(first),
        pytest.raises(StoreUnavailable, match="Another process has been bringing the schema"),
    ):
        migrate.upgrade(second)
    assert time.monotonic() - began < 10
    assert migrate.upgrade(second)
    for engine in (first, second):
        engine.dispose()
