"""A restore that fails leaves nothing behind, and the same restore can be run again."""

import subprocess
import sys
import time
import zipfile
from uuid import uuid4

import orjson
import pytest

from analytics.errors import Conflict, GembaError, InvalidInput, StoreUnavailable
from app.auth.sessions import service
from app.backup import restoring
from app.backup.restoring import restore
from app.backup.writing import write
from app.bootstrap import Access
from app.evidence.signing import Signer
from app.evidence.verification import verify
from app.reports.shelf import shelf
from data.documents import Document
from data.models import to_us
from data.relational import copying
from data.telemetry.batch import Batch
from tests.conftest import make_factory


@pytest.fixture
def backup(place, opened, clock, tmp_path):
    """A backup with something of each kind."""
    old = opened(place("old", telemetry_url=f"sqlite:///{tmp_path / 'old-points.db'}"))
    factory_id = make_factory(old, "north")
    now = to_us(clock())
    old.telemetry.append("north", Batch.of(["m1"], ["a"], [now - 9], [7.0], latest_us=now))
    old.vault.seal("makes the key", "test")
    old.documents.put("north", "notes", [Document("one", 1, {"a": 1})])
    shelf(old.settings).put("north/a.pdf", b"a report")
    (old.settings.home / "models" / "north").mkdir(parents=True)
    (old.settings.home / "models" / "north" / "x.skops").write_bytes(b"a model")
    with old.database.write(factory_id) as session:
        Access(old, service(old.database, "north", "test")).audit(session, "a.b", ("c", 1))
    Signer(old).round(["north"])
    write(old, tmp_path / "b.zip")
    return tmp_path / "b.zip"


def is_whole(gemba, clock):
    points = gemba.telemetry.read("north", 0, to_us(clock()))
    return (
        points["value"].tolist() == [7.0]
        and gemba.documents.get("north", "notes", "one") is not None
        and shelf(gemba.settings).read("north/a.pdf") == b"a report"
        and (gemba.settings.home / "models" / "north" / "x.skops").read_bytes() == b"a model"
        and verify(Access(gemba, service(gemba.database, "north", "test"))).is_sound
    )


def left(settings):
    """What stands in the state folder but the empty tables."""
    return sorted(path.name for path in settings.home.glob("*") if path.name != "gemba.db")


def wrong_rows(backup, tmp_path):
    """The backup with a manifest that says more rows than there are."""
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(backup) as good, zipfile.ZipFile(bad, "w") as archive:
        for name in good.namelist():
            raw = good.read(name)
            if name == "manifest.json":
                said = orjson.loads(raw)
                said["rows"]["machine"] = 99
                raw = orjson.dumps(said)
            archive.writestr(name, raw)
    return bad


def test_rows_that_are_missing_are_found_before_anything_is_committed(backup, place, opened, clock, tmp_path):
    with pytest.raises(InvalidInput, match="rows that it says"):
        restore(place(), wrong_rows(backup, tmp_path))
    assert left(place()) == []
    restore(place(), backup)
    assert is_whole(opened(place()), clock)


@pytest.mark.parametrize("step", ["_unpacked", "_files", "_lines"])
def test_a_full_disk_leaves_an_empty_place(backup, place, opened, clock, monkeypatch, step):
    def full(*given):
        raise OSError(28, "No space left on device")

    real = getattr(restoring._Restoring, step)
    monkeypatch.setattr(restoring._Restoring, step, full)
    with pytest.raises(StoreUnavailable, match="No space"):
        restore(place(), backup)
    assert left(place()) == []
    monkeypatch.setattr(restoring._Restoring, step, real)
    restore(place(), backup)
    assert is_whole(opened(place()), clock)
    assert left(place()) == ["audit", "keys", "models", "reports", "telemetry"]


def test_stores_on_servers_are_left_as_they_were(
    backup, place, opened, clock, mongodb_server, tmp_path, monkeypatch
):
    name = f"docs_{uuid4().hex[:8]}"
    settings = place(
        telemetry_url=f"sqlite:///{tmp_path / 'new-points.db'}",
        documents_url=mongodb_server.url(name),
        reports_url=f"memory://failing{time.time_ns()}",
    )
    shelf(settings).put("north/own.pdf", b"was there before")
    restoring_load = copying.load

    def break_off(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(copying, "load", break_off)
    with pytest.raises(KeyboardInterrupt):
        restore(settings, backup)
    empty = opened(settings)
    assert empty.telemetry.read("north", 0, to_us(clock())).empty
    assert empty.documents.collections("north") == []
    assert shelf(settings).paths() == ["north/own.pdf"]
    for path in [*settings.home.glob("audit/*"), *settings.home.glob("keys/*")]:
        path.unlink()
    monkeypatch.setattr(copying, "load", restoring_load)
    restore(settings, backup)
    assert empty.telemetry.read("north", 0, to_us(clock()))["value"].tolist() == [7.0]
    assert empty.documents.get("north", "notes", "one") is not None
    assert shelf(settings).paths() == ["north/a.pdf", "north/own.pdf"]
    mongodb_server.drop(name)


KILLED = """
import os, sys
from pathlib import Path
from app.backup import restoring, staging
from app.settings import Settings
from data.relational import copying

home, backup, where = sys.argv[1:]
load, place = copying.load, Path.rename

def before(*given):
    os._exit(9)

def after(*given):
    load(*given)
    os._exit(9)

def second(self, target, seen=[]):
    seen.append(target)
    if len(seen) > 1:
        os._exit(9)
    return place(self, target)

if where == "between the places":
    Path.rename = second
else:
    copying.load = before if where == "before the rows" else after
restoring.restore(Settings(home=Path(home), database_url="", telemetry_url=""), Path(backup))
"""


@pytest.mark.parametrize("where", ["before the rows", "after the rows", "between the places"])
def test_a_restore_that_was_killed_is_run_again(backup, place, opened, clock, tmp_path, where):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(place().home), str(backup), where], check=False, timeout=120
    )
    assert done.returncode == 9
    with pytest.raises(GembaError) as caught:
        restore(place(), wrong_rows(backup, tmp_path))
    assert isinstance(caught.value, Conflict)
    restore(place(), backup)
    assert left(place()) == ["audit", "keys", "models", "reports", "telemetry"]
    assert is_whole(opened(place()), clock)
    with pytest.raises(Conflict, match="not empty"):
        restore(place(), backup)
