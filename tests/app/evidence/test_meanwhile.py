"""While a log is read, people go on working: they do not wait, and what they write raises no alarm."""

import json
import time
import zipfile

import pytest

from app.evidence import export as exporting
from app.evidence.verification import verify
from data.queries import audit


@pytest.fixture(autouse=True)
def small_portions(monkeypatch):
    monkeypatch.setattr(audit, "PORTION", 4)


def test_entries_written_during_a_verification_wait_for_nobody_and_raise_no_alarm(acting, signed, write):
    waited = []

    def work(done: int, total: int) -> None:
        began = time.monotonic()
        write(2)
        signed.round(["north"])
        waited.append(time.monotonic() - began)

    found = verify(acting(), on_progress=work)
    assert (found.findings, found.entries) == ([], 30)
    assert len(waited) == 8
    assert max(waited) < 5
    assert verify(acting()).entries == 46


def test_an_entry_past_the_counter_is_still_found_while_others_write(acting, signed, write, gemba):
    with gemba.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE factory SET audit_size = 28")
    found = verify(acting(), on_progress=lambda done, total: None)
    assert [(one.kind, one.position) for one in found.findings] == [("bypass", 28)]


def test_entries_written_during_an_export_wait_for_nobody_and_the_bundle_is_sound(
    acting, signed, write, tmp_path, monkeypatch
):
    real = exporting.portions

    def slow(*asked):
        for rows in real(*asked):
            write(1)
            signed.round(["north"])
            yield rows

    monkeypatch.setattr(exporting, "portions", slow)
    assert exporting.export(acting(), tmp_path / "a.zip") == 30
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        assert bundle.read("entries.jsonl").count(b"\n") == 30
        assert len(json.loads(bundle.read("checkpoints.json"))) == 2
