"""kill -9 while a source is read, again and again: nothing is lost and nothing doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.auth.sessions import service
from app.bootstrap import Access, wire
from app.imports.layout.kinds import Kind
from app.settings import ROOT, Settings
from app.sources import watch
from app.sources.drafts import Draft
from app.sources.presets.preset import mapping
from app.sources.store import add_source
from app.sources.streams import Stream
from data.models import ProductionCount, SourceReject
from tests.app.sources.plants import run_sql
from tests.conftest import make_factory

ROWS = 60_000
COUNTS = 3_000
NAME = "Big table"


def read_command() -> list[str]:
    return [sys.executable, "-m", "app", "sources", "read", NAME, "--factory", "north"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A plant whose source has 60,000 rows of two values and 3,000 counts, one of which is wrong."""
    home = tmp_path / "var"
    folder = home / "sources" / "north"
    folder.mkdir(parents=True)
    run_sql(
        f"sqlite:///{folder / 'big.db'}",
        "CREATE TABLE value (id INTEGER PRIMARY KEY, at INTEGER, machine TEXT, power REAL, heat REAL)",
        "CREATE TABLE piece (id INTEGER PRIMARY KEY, at INTEGER, machine TEXT, good INTEGER)",
        f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS - 1}) "
        "INSERT INTO value SELECT i, 1772323200 + i, 'm' || (1 + i % 2), i / 8.0, i / 4.0 FROM n",
        f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {COUNTS - 1}) "
        "INSERT INTO piece SELECT i, 1772323200 + 60 * i, 'm1', i % 7 FROM n",
        "UPDATE piece SET machine = 'nobody' WHERE id = 1500",
    )
    gemba = wire(Settings(home=home, database_url="", telemetry_url="", documents_url=""))
    make_factory(gemba, "north")
    principal = service(gemba.database, "north", "test")
    assert principal is not None
    values = mapping(Kind.TELEMETRY, {"machine": "machine", "time": "at"})
    pieces = mapping(
        Kind.COUNTS,
        {"machine": "machine", "start": "at", "good": "good"},
        constants={"duration": "1"},
        units={"duration": "min"},
    )
    add_source(
        Access(gemba, principal),
        Draft(
            NAME,
            "sqlite:///big.db",
            streams=(
                Stream("Pieces", pieces, "piece", order="id"),
                Stream("Values", values, "value", order="id", rest=True),
            ),
            page_rows=1_000,
        ),
    )
    gemba.close()
    return home


def killed(home: Path, after_s: float) -> bool:
    """Start a reading and kill it; False when it was done before."""
    environment = {**os.environ, "GEMBA_HOME": str(home)}
    process = subprocess.Popen(
        read_command(), cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    finally:
        if process.stdout is not None:
            process.stdout.close()
    return False


def test_a_source_that_is_killed_while_it_reads_is_read_whole(home: Path) -> None:
    chance = random.Random(7)
    kills = 0
    while kills < 6 and killed(home, 1.5 + chance.random() * 1.5):
        kills += 1
        free(home)
    assert kills >= 3
    last = subprocess.run(
        read_command(),
        cwd=ROOT,
        env={**os.environ, "GEMBA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert last.returncode == 0, last.stdout + last.stderr
    gemba = wire(Settings(home=home, database_url="", telemetry_url="", documents_url=""))
    principal = service(gemba.database, "north", "test")
    assert principal is not None
    access = Access(gemba, principal)
    points = gemba.telemetry.read("north", 0, 2**60, None, None)
    assert len(points) == 2 * ROWS
    assert points["value"].sum() == sum(i / 8 + i / 4 for i in range(ROWS))
    with access.read() as session:
        assert session.scalar(select(func.count(ProductionCount.id))) == COUNTS - 1
        assert session.scalar(select(func.count(SourceReject.id))) == 1
    states = [run.state for run in watch.runs(access, 1)]
    assert states[0] == "done"
    assert set(states[1:]) <= {"interrupted"}
    gemba.close()


def free(home: Path) -> None:
    """What two minutes would do: the dead process's lease has ended."""
    run_sql(f"sqlite:///{home / 'gemba.db'}", "UPDATE lease SET expires_us = 0")
    time.sleep(0.05)
