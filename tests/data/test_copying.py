"""The rows of a store are copied out while others write, all of one moment."""

import sqlite3
import threading
import time

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, InvalidInput
from app.audit.journal import record
from app.bootstrap import wire
from app.settings import Settings
from data.models import AuditEntry, Base
from data.relational import copying
from tests.conftest import make_factory


@pytest.fixture
def note(gemba, factory_id):
    """Commit one audit entry; how long it took."""

    def commit(number: int = 0) -> float:
        began = time.monotonic()
        with gemba.database.write(factory_id) as session:
            record(session, at=gemba.clock(), actor="x", action="y", subject=("z", number))
        return time.monotonic() - began

    return commit


def entries(gemba, factory_id):
    with gemba.database.read(factory_id) as session:
        return len(session.scalars(select(AuditEntry.id)).all())


def test_nobody_waits_for_a_backup_and_it_has_one_moment_of_all_tables(gemba, factory_id, note):
    note()
    before, found, took = entries(gemba, factory_id), {}, []

    def write(name, lines):
        took.append(note())
        found[name] = sum(1 for _ in lines)

    copying.dump(gemba.database.engine, write)
    assert set(found) == {str(table.name) for table in Base.metadata.sorted_tables}
    assert found["audit_entry"] == before
    assert entries(gemba, factory_id) == before + len(took)
    assert max(took) < 5


def test_the_copy_that_is_read_is_gone_afterwards_whatever_happens(gemba, factory_id, tmp_path):
    def fail(name, lines):
        raise OSError(28, "No space left on device")

    before = sorted(path.name for path in (tmp_path / "var").iterdir())
    with pytest.raises(OSError, match="No space"):
        copying.dump(gemba.database.engine, fail)
    assert sorted(path.name for path in (tmp_path / "var").iterdir()) == before


def test_rows_come_back_all_or_none(gemba, tmp_path):
    source = wire(Settings(home=tmp_path / "old", database_url="", telemetry_url=""), gemba.clock)
    make_factory(source, "north")
    kept: dict[str, list[bytes]] = {}
    copying.dump(source.database.engine, lambda name, lines: kept.update({name: list(lines)}))
    source.close()
    rows = {name: len(lines) for name, lines in kept.items()}
    engine = gemba.database.engine
    with pytest.raises(InvalidInput, match="rows that it says"):
        copying.load(engine, kept.__getitem__, {**rows, "machine": 99})
    assert not copying.is_filled(engine)
    copying.load(engine, kept.__getitem__, rows)
    again: dict[str, list[bytes]] = {}
    copying.dump(engine, lambda name, lines: again.update({name: list(lines)}))
    assert again == kept
    with pytest.raises(Conflict, match="factories already"):
        copying.load(engine, kept.__getitem__, rows)


def test_a_store_that_is_written_all_the_time_is_copied_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "STEP_PAGES", 1)
    source = sqlite3.connect(tmp_path / "a.db", check_same_thread=False, isolation_level=None)
    source.execute("CREATE TABLE t (a)")
    source.executemany("INSERT INTO t VALUES (?)", [("x" * 3000,) for _ in range(300)])
    stop = threading.Event()

    def work():
        while not stop.wait(0.001):
            source.execute("INSERT INTO t VALUES ('y')")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        copying._copied(tmp_path / "a.db", tmp_path / "b.db")
    finally:
        stop.set()
        thread.join()
        source.close()
    with sqlite3.connect(tmp_path / "b.db") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT count(*) FROM t WHERE a <> 'y'").fetchone() == (300,)
    copy.close()
