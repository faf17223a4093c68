"""Whatever an installation keeps, wherever it keeps it, is in its backup and comes back."""

import time
import zipfile
from uuid import uuid4

import pandas as pd
import pytest

from app.backup import writing
from app.backup.restoring import restore
from app.backup.writing import write
from app.reports.shelf import shelf
from data.documents import Document, Search
from data.models import to_us
from data.relational import copying
from data.telemetry.batch import Batch
from data.telemetry.waiting import FILE, WaitingRoom
from tests.conftest import make_factory

BODY = {"a": [1, 2.5, None, True, "ü"], "big": -(2**63), "b": {"deep": {"$x.y": 1}}}


@pytest.fixture
def plant(place, opened):
    """A factory in an installation of these settings."""

    def make(**given):
        made = opened(place("old", **given))
        make_factory(made, "north")
        return made

    return make


def test_models_come_back(plant, place, tmp_path):
    old = plant()
    folder = old.settings.home / "models" / "north"
    folder.mkdir(parents=True)
    (folder / "deadbeef.skops").write_bytes(b"a model")
    (folder / "deadbeef.7.part").write_bytes(b"half of one")
    write(old, tmp_path / "b.zip")
    restore(place(), tmp_path / "b.zip")
    found = [path for path in (place().home / "models").rglob("*") if path.is_file()]
    assert [(path.name, path.read_bytes()) for path in found] == [("deadbeef.skops", b"a model")]
    assert found[0].stat().st_mode & 0o077 == 0


def test_a_report_that_is_finished_during_a_backup_has_its_file(plant, place, tmp_path, monkeypatch):
    old = plant()
    real = copying.dump

    def slow(engine, into):
        shelf(old.settings).put("north/late.pdf", b"finished just before the tables were read")
        real(engine, into)

    monkeypatch.setattr(writing.copying, "dump", slow)
    write(old, tmp_path / "b.zip")
    restore(place(), tmp_path / "b.zip")
    assert shelf(place()).read("north/late.pdf").startswith(b"finished")


def test_reports_of_any_store_come_back_into_any(plant, place, tmp_path):
    old = plant(reports_url=f"memory://old{time.time_ns()}")
    shelf(old.settings).put("north/2026/a.pdf", b"a report")
    assert not any("report" in one for one in write(old, tmp_path / "b.zip").left_out)
    elsewhere = place("there", reports_url=f"memory://new{time.time_ns()}")
    for settings in (place(), elsewhere):
        restore(settings, tmp_path / "b.zip")
        assert shelf(settings).paths() == ["north/2026/a.pdf"]
        assert shelf(settings).read("north/2026/a.pdf") == b"a report"


def test_points_that_wait_for_their_store_come_back(plant, place, opened, clock, tmp_path):
    old = plant(telemetry_url=f"sqlite:///{tmp_path / 'a.db'}")
    now = to_us(clock())
    names = list("abcd")
    old.telemetry.append("north", Batch.of(["m1"], ["a"], [now - 9], [7.0], latest_us=now))
    room = WaitingRoom(old.settings.home / FILE, 1_000)
    values = [1.5, 2**60, True, "on"]
    room.put("north", Batch.of(["m1"] * 4, names, [now - 9] * 4, values, latest_us=now))
    write(old, tmp_path / "b.zip")
    assert room.points() == 4
    room.close()
    for number, url in enumerate((f"sqlite:///{tmp_path / 'b.db'}", "")):
        settings = place(f"new{number}", telemetry_url=url)
        restore(settings, tmp_path / "b.zip")
        found = opened(settings).telemetry.read("north", 0, now)
        assert found.sort_values("parameter")["value"].tolist() == values


def documents_of(gemba):
    return {
        (name, one.key): one
        for name in gemba.documents.collections("north")
        for one in gemba.documents.walk("north", name)
    }


def test_documents_of_a_server_come_back_into_any_store(plant, place, opened, mongodb_server, tmp_path):
    names = [f"docs_{uuid4().hex[:8]}" for _ in range(3)]
    old = plant(documents_url=mongodb_server.url(names[0]))
    many = [Document(f"k{i:05}", i, {"n": i}, f"m{i % 3}") for i in range(1_203)]
    old.documents.put("north", "anomaly_log", many)
    old.documents.put("north", "notes", [Document("one", -5, BODY, "m1")])
    before = documents_of(old)
    assert not any("MongoDB" in one for one in write(old, tmp_path / "b.zip").left_out)
    into_rows, into_server = place("rows"), place("server", documents_url=mongodb_server.url(names[1]))
    for settings in (into_server, into_rows):
        restore(settings, tmp_path / "b.zip")
        new = opened(settings)
        assert documents_of(new) == before
    write(new, tmp_path / "c.zip")
    back = place("back", documents_url=mongodb_server.url(names[2]))
    restore(back, tmp_path / "c.zip")
    again = opened(back)
    assert documents_of(again) == before
    assert again.documents.count("north", "anomaly_log", Search()) == 1_203
    for name in names:
        mongodb_server.drop(name)


def test_a_backup_of_the_first_format_is_read(plant, place, opened, clock, tmp_path):
    old = plant()
    now = to_us(clock())
    old.telemetry.append("north", Batch.of(["m1"], ["a"], [now - 9], [7.0], latest_us=now))
    shelf(old.settings).put("north/a.pdf", b"a report")
    old.documents.put("north", "notes", [Document("one", -5, BODY, "m1")])
    write(old, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as new, zipfile.ZipFile(tmp_path / "a.zip", "w") as first:
        for name in new.namelist():
            raw = new.read(name)
            if name == "manifest.json":
                raw = raw.replace(b'"format": 2', b'"format": 1')
                raw = raw.replace(b',\n  "documents": "rows"', b"")
                assert b"documents" not in raw
            first.writestr(name, raw)
    restore(place(), tmp_path / "a.zip")
    new = opened(place())
    assert documents_of(new) == {("notes", "one"): Document("one", -5, BODY, "m1")}
    assert shelf(new.settings).read("north/a.pdf") == b"a report"
    pd.testing.assert_frame_equal(new.telemetry.read("north", 0, now), old.telemetry.read("north", 0, now))
