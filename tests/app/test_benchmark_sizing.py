"""The model of what many plants need, and where the figures of a run are kept."""

from dataclasses import replace

import pytest

from app.benchmark import written
from app.benchmark.needs import sizing
from app.benchmark.needs.sizing import BUSY, MESSAGES_PER_S, PlantLoad, Rates, needs, table
from app.settings import ROOT

RATES = Rates(
    bytes_per_point=4.0, points_per_s=1_000_000.0, checks_per_s=2_000.0, commits_per_s=100.0, job_s=0.1
)


def test_a_plant_needs_the_disk_of_its_points_and_one_process_of_each_part():
    found = needs(1, RATES)
    assert found.points_per_s == 50 * 20 / 10
    assert found.disk_gb == pytest.approx(100 * 4.0 * 86_400 * 90 / 1e9)
    assert found.engine == "embedded"
    assert [one.processes for one in found.parts] == [1] * len(found.parts)


def test_ten_times_the_plants_are_ten_times_the_load_of_each_part():
    few, many = needs(10, RATES), needs(100, RATES)
    for one, other in zip(few.parts, many.parts, strict=True):
        assert other.load == pytest.approx(10 * one.load)
        assert other.processes * BUSY >= other.load
    assert many.disk_gb == pytest.approx(10 * few.disk_gb)


def test_telemetry_leaves_the_embedded_store_when_one_process_cannot_read_all_messages():
    most = int(BUSY * MESSAGES_PER_S / PlantLoad().messages_per_s)
    assert needs(most, RATES).engine == "embedded"
    assert needs(most + 1, RATES).engine.startswith("MongoDB")
    slow = replace(RATES, points_per_s=1_000.0)
    assert needs(most, slow).engine.startswith("MongoDB")


def test_the_table_names_each_part_with_its_limit():
    lines = list(table([needs(plants, RATES) for plants in (10, 1_000)]))
    for part in needs(1, RATES).parts:
        assert any(line.startswith(part.name) for line in lines)
        assert any(part.limit in line for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        f"median {1_000 * sizing.REFRESH_S:.0f} ms each",
        f"connections, {sizing.REQUESTS_PER_S:.0f} a second",
        f"| {sizing.MESSAGES_PER_S:,.0f} |",
        f"{sizing.MONGODB_POINTS_PER_S:,.0f} (98 x)",
        f"| {sizing.MONGODB_BYTES} |",
    ],
)
def test_what_the_model_takes_from_other_benchmarks_stands_in_the_docs(words):
    assert words in (ROOT / "docs" / "benchmarks.md").read_text("utf-8")


def test_a_run_replaces_the_one_before_of_the_same_part_only(tmp_path):
    document = tmp_path / "benchmarks.md"
    document.write_text("# Benchmarks\n\nWords.\n")
    written.keep("jobs", "benchmark jobs --size 20", ["12 jobs/s"], document)
    written.keep("soak", "benchmark soak --size 100", ["memory 1"], document)
    written.keep("jobs", "benchmark jobs --size 30", ["13 jobs/s"], document)
    text = document.read_text()
    assert text.startswith("# Benchmarks\n\nWords.\n")
    assert ("12 jobs/s" in text, text.count("13 jobs/s"), text.count("memory 1")) == (False, 1, 1)
    assert text.count("cores, ") == 2
