"""A public bottling line, end to end by the command line: loaded as it is, dirt and all."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from app.bootstrap import wire
from app.cli.context import acting
from app.production.figures import Question, stops_by_reason, totals
from app.production.plant import plant
from app.settings import Settings
from data.models import PerformanceRecord
from tests.app.imports.files import utc

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("GEMBA_PUBLIC_DATA", ROOT.parent / "shared" / "data")) / "soda_line"
COMMAND = (
    "import", str(FOLDER), "--new-factory", "Soda line", "--new-factory-zone", "America/New_York",
    "--zone", "factory", "--set", "machine=line-1", "--create-machines", "--json",
)  # fmt: skip

pytestmark = [
    pytest.mark.public_data,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no public data in {FOLDER} (set GEMBA_PUBLIC_DATA)"),
]


def run(home: Path) -> tuple[int, dict]:
    done = subprocess.run(
        [sys.executable, "-m", "app", *COMMAND], check=False,
        cwd=ROOT, env={**os.environ, "GEMBA_HOME": str(home)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    home = tmp_path_factory.mktemp("soda") / "var"
    return home, run(home)


@pytest.fixture
def access(imported):
    gemba = wire(Settings(home=imported[0], database_url="", telemetry_url=""))
    yield acting(gemba, "soda-line")
    gemba.close()


WEEK = Question(utc("2024-08-28T00:00+00:00"), utc("2024-09-06T00:00+00:00"))


def by_name(answer):
    return {one["file"]: one for one in answer["files"]}


def test_one_command_loads_the_folder_in_the_right_order_and_says_what_it_left_out(imported):
    code, answer = imported[1]
    assert code == 3
    assert [one["kind"] for one in answer["files"]] == [
        "products",
        "reasons",
        "performance_records",
        "downtime",
    ]
    assert [one["file"] for one in answer["skipped"]] == ["metadata.csv"]
    assert by_name(answer)["line-productivity.csv"]["new"] == 31


def test_the_seven_batches_without_a_record_are_rejected(imported):
    rejects = by_name(imported[1][1])["line-downtime.csv"]["rejects"]
    assert [reject["row"][:6] for reject in rejects] == [str(batch) for batch in range(422137, 422144)]
    assert {reject["field"] for reject in rejects} == {"batch"}


def test_the_repeated_header_and_the_end_past_midnight_are_reported(imported):
    files = by_name(imported[1][1])
    assert (2, "header") in [
        (n["line"], n["message"].split()[1]) for n in files["line-downtime.csv"]["notes"]
    ]
    said = [n["message"] for n in files["line-productivity.csv"]["notes"] if n["line"] == 32]
    assert any("next day" in message for message in said)
    assert any("1900-01-01" in message for message in said)


def test_the_figures_are_the_published_ones(access):
    found = totals(access, WEEK).iloc[0]
    assert found["availability"] == pytest.approx(2050 / 3180, abs=1e-12)
    assert found["performance"] == 1.0
    assert found["performance_raw"] == pytest.approx(1.0, abs=1e-12)
    assert found["quality"] == 1.0
    assert (found["total"], found["coverage"]) == (31, 1.0)


def test_elapsed_is_ideal_and_downtime_in_every_batch(access):
    with access.read() as session:
        records = session.scalars(select(PerformanceRecord).order_by(PerformanceRecord.start_us)).all()
    ideal = {"CO-2L": 98 * 60}
    products = {product.id: product.key for product in _products(access)}
    assert len(records) == 31
    for record in records:
        elapsed = (record.end_us - record.start_us) / 1e6
        assert elapsed == record.planned_s == record.operating_s + record.downtime_s
        assert record.operating_s == ideal.get(products[record.product_id], 60 * 60)
    assert records[-1].end_us == utc("2024-09-04T01:05-04:00")


def _products(access):
    return plant(access).rows.products


def _minutes_by_factor(access):
    """The sums of the downtime file over the batches that have a record, added up cell by cell."""
    with access.read() as session:
        batches = set(session.scalars(select(PerformanceRecord.batch)))
    sums: dict[str, float] = {}
    with (FOLDER / "line-downtime.csv").open(encoding="utf-8") as lines:
        for row in csv.reader(lines, delimiter="|"):
            if row[0] in batches:
                for factor, cell in enumerate(row[1:], start=1):
                    sums[str(factor)] = sums.get(str(factor), 0.0) + float(cell or 0)
    return {factor: minutes for factor, minutes in sums.items() if minutes}


def test_downtime_is_known_by_factor_and_by_operator_error(access):
    found = stops_by_reason(access, WEEK)
    reasons = plant(access).reason_by_id
    expected = _minutes_by_factor(access)
    shown = {reasons[row.reason].code: row.minutes for row in found.itertuples()}
    assert shown == pytest.approx(expected)
    assert found["minutes"].sum() == pytest.approx(1130)
    assert list(found["minutes"]) == sorted(found["minutes"], reverse=True)
    errors = {"2", "5", "6", "8", "10", "11"}
    assert {one.code for one in reasons.values() if one.is_operator_error} == errors
    by_people = sum(row.minutes for row in found.itertuples() if reasons[row.reason].is_operator_error)
    assert by_people == pytest.approx(sum(expected.get(code, 0.0) for code in errors))


def test_the_same_command_again_changes_nothing(imported):
    code, answer = run(imported[0])
    assert code == 3
    assert [(one["new"], one["changed"]) for one in answer["files"]] == [(0, 0)] * 4
