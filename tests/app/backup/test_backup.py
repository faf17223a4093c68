"""A backup restored into an empty place is the same installation."""

import threading
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from analytics.errors import Conflict, InvalidInput
from app.auth.sessions import service
from app.backup.restoring import restore
from app.backup.writing import write
from app.bootstrap import Access, wire
from app.evidence.signing import Signer
from app.evidence.verification import verify
from app.maintenance.orders import OrderDraft, Part
from app.maintenance.working import open_order
from app.production.figures import Question, totals
from app.settings import Settings
from data.models import Base, to_us
from data.telemetry.batch import Batch
from tests.app.reports.conftest import DAY, busy

__all__ = ["busy"]


def contents(gemba):
    """Every row of every table; the log ends with entries about the backup itself."""
    found = {}
    with gemba.database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            found[str(table.name)] = [tuple(row) for row in rows]
    return found


@pytest.fixture
def filled(busy, gemba):
    """A plant with rows of many kinds, a secret, and a signed log."""
    open_order(busy, OrderDraft("m1", "Grüße 🛠", parts=(Part("Seal", 0.1 + 0.2, 1 / 3),)))
    gemba.documents.put("north", "notes", [])
    Signer(gemba).round(["north"])
    return busy


def elsewhere(tmp_path: Path, name: str = "new", **given: str) -> Settings:
    return Settings(**{"home": tmp_path / name, "database_url": "", "telemetry_url": "", **given})


def acting(gemba):
    return Access(gemba, service(gemba.database, "north", "test"))


def test_everything_is_the_same_in_the_new_place(filled, gemba, clock, tmp_path):
    secret = gemba.vault.seal("smtp password", "test")
    written = write(gemba, tmp_path / "b.zip")
    before = contents(gemba)
    settings = elsewhere(tmp_path)
    assert restore(settings, tmp_path / "b.zip") == written
    new = wire(settings, clock)
    try:
        after = contents(new)
        after["audit_entry"] = after["audit_entry"][:-1]
        place = [column.name for column in Base.metadata.tables["factory"].columns].index("audit_size")
        for rows in (before, after):
            rows["factory"] = [row[:place] + row[place + 1 :] for row in rows["factory"]]
        assert {name for name in before if before[name] != after[name]} == set()
        old_points, new_points = (one.telemetry.read("north", 0, to_us(clock())) for one in (gemba, new))
        pd.testing.assert_frame_equal(old_points, new_points)
        assert len(new_points) == 2 * 24 * 60
        assert new.vault.open(secret, "test") == "smtp password"
        assert new.outside.verifier() == gemba.outside.verifier()
        assert verify(acting(new)).is_sound
        asked = Question(to_us(clock()) - DAY, to_us(clock()))
        pd.testing.assert_frame_equal(totals(filled, asked), totals(acting(new), asked), check_exact=True)
    finally:
        new.close()


def test_the_restored_plant_goes_on_where_it_was(filled, gemba, clock, tmp_path):
    write(gemba, tmp_path / "b.zip")
    settings = elsewhere(tmp_path)
    restore(settings, tmp_path / "b.zip")
    new = wire(settings, clock)
    try:
        access = acting(new)
        number = open_order(access, OrderDraft("m1", "Next"))
        assert number > 1
        now = to_us(clock())
        new.telemetry.append("north", Batch.of(["m1"], ["power_kw"], [now - 1], [1.5], latest_us=now))
        assert new.telemetry.latest("north", ["m1"])["value"].tolist() == [1.5]
        Signer(new).round(["north"])
        assert verify(access).is_sound
    finally:
        new.close()


def test_a_backup_is_whole_while_points_arrive_and_are_compacted(filled, gemba, clock, tmp_path):
    stop, start = threading.Event(), to_us(clock())

    def feed() -> None:
        number = 0
        while not stop.is_set():
            times = list(range(start + number, start + number + 50))
            gemba.telemetry.append(
                "north", Batch.of(["m1"] * 50, ["x"] * 50, times, [1.0] * 50, latest_us=2**52)
            )
            gemba.telemetry.maintain("north", start + number * 3_600_000_000)
            number += 50

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        write(gemba, tmp_path / "b.zip")
    finally:
        stop.set()
        thread.join()
    settings = elsewhere(tmp_path)
    restore(settings, tmp_path / "b.zip")
    new = wire(settings, clock)
    try:
        points = new.telemetry.read("north", 0, 2**52)
        assert (points["parameter"] == "power_kw").sum() == 2 * 24 * 60
        fed = points[points["parameter"] == "x"]["time_us"].to_numpy()
        assert fed.tolist() == list(range(start, start + len(fed)))
    finally:
        new.close()


def test_points_of_a_store_on_a_server_are_in_it_with_their_types(filled, tmp_path, clock, gemba):
    first = elsewhere(tmp_path, "first", telemetry_url=f"sqlite:///{tmp_path / 'a.db'}")
    write(gemba, tmp_path / "plain.zip")
    with pytest.raises(Conflict, match="embedded"):
        restore(first, tmp_path / "plain.zip")
    old = wire(elsewhere(tmp_path, "old", telemetry_url=f"sqlite:///{tmp_path / 'a.db'}"), clock)
    from tests.conftest import make_factory

    make_factory(old, "north")
    now = to_us(clock())
    values = [1.5, 2, True, "on"]
    old.telemetry.bulk_load(
        "north", pd.DataFrame({"machine": "m1", "parameter": list("abcd"), "time_us": now, "value": values})
    )
    write(old, tmp_path / "b.zip")
    expected = old.telemetry.read("north", 0, now + 1)
    old.close()
    settings = elsewhere(tmp_path, "new", telemetry_url=f"sqlite:///{tmp_path / 'b.db'}")
    restore(settings, tmp_path / "b.zip")
    new = wire(settings, clock)
    try:
        pd.testing.assert_frame_equal(new.telemetry.read("north", 0, now + 1), expected)
    finally:
        new.close()


def test_nothing_that_is_there_is_ever_overwritten(filled, gemba, tmp_path):
    path = tmp_path / "b.zip"
    write(gemba, path)
    with pytest.raises(Conflict, match="never written over"):
        write(gemba, path)
    with pytest.raises(Conflict, match="not empty"):
        restore(gemba.settings, path)
    settings = elsewhere(tmp_path)
    restore(settings, path)
    with pytest.raises(Conflict, match="not empty"):
        restore(settings, path)


def test_only_the_owner_reads_a_backup_and_the_keys_that_it_brings(filled, gemba, tmp_path):
    path = tmp_path / "b.zip"
    write(gemba, path)
    settings = elsewhere(tmp_path)
    restore(settings, path)
    for one in (path, settings.home / "audit" / "signing.key"):
        assert one.stat().st_mode & 0o077 == 0


def test_a_damaged_or_foreign_file_is_refused_before_anything_is_touched(filled, gemba, tmp_path):
    path = tmp_path / "b.zip"
    write(gemba, path)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 255
    (tmp_path / "bad.zip").write_bytes(bytes(raw))
    (tmp_path / "text.zip").write_text("hello")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    settings = elsewhere(tmp_path)
    for name in ("bad.zip", "text.zip", "other.zip", "gone.zip"):
        with pytest.raises(InvalidInput):
            restore(settings, tmp_path / name)
    assert not settings.home.exists()


def test_a_path_that_leaves_the_place_is_refused(filled, gemba, tmp_path):
    path = tmp_path / "b.zip"
    write(gemba, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("keys/../../stolen", "x")
    settings = elsewhere(tmp_path)
    with pytest.raises(InvalidInput, match="outside"):
        restore(settings, path)
    assert not settings.home.exists()
