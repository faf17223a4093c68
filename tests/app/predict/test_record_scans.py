"""Scans of shift records: plants that send no signals are looked at as well."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from analytics.errors import InvalidInput
from app.jobs.asking import Asked, ask
from app.predict.anomaly.labels import labels
from app.predict.anomaly.scans import (
    anomalies_revision,
    episodes,
    label_episode,
    recent_anomalies,
    scan_body,
    scans,
)
from app.production.plant import plant
from data.models import AuditEntry, PerformanceRecord, ScanSession, to_us
from tests.app.predict.conftest import HOUR
from tests.app.predict.test_labels import signals

DAY = 24 * HOUR


def shifts(access, clock, count=130, machine="m1", odd=(1,), seed=5):
    """Two shifts a day of eight hours each up to now, those so many before the last with half of it down."""
    chance = np.random.default_rng(seed)
    number, end = plant(access).machine_by_key[machine].id, to_us(clock.now)
    down = chance.uniform(1_200, 3_000, count)
    speed, good = chance.normal(50, 1.5, count), chance.uniform(0.96, 0.99, count)
    starts = [end - (count - place) * DAY // 2 for place in range(count)]
    down[[count - 1 - place for place in odd]] = 15_000
    with access.write() as session:
        for place, start in enumerate(starts):
            run = 28_800 - down[place]
            made = speed[place] * run / 3_600
            session.add(
                PerformanceRecord(
                    machine_id=number, start_us=start, end_us=start + 8 * HOUR, planned_s=28_800,
                    operating_s=run, downtime_s=down[place], output=made, good=good[place] * made,
                    created_at=clock.now, updated_at=clock.now,
                )
            )  # fmt: skip
    return starts


def test_a_scan_of_records_finds_the_shift_with_the_odd_downtime_and_lasts_until_it_ends(north, clock, run):
    starts = shifts(north, clock)
    told = run("anomaly", machines=["m1"], source="records", days=3)
    assert (told["rows"], told["sessions"][0]["status"]) == (6, "complete")
    [one] = episodes(north)
    assert (one.scan.source, one.scan.method) == ("records", "isolation_forest")
    assert one.start_us <= one.peak_at_us == starts[-2]
    assert one.end_us >= starts[-2] + 8 * HOUR - 1
    assert one.contributions[0][0] in {"operating_share", "downtime_min_per_planned_h"}
    assert one.severity in {"medium", "high"}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("method", ["isolation_forest", "robust_z"])
def test_the_odd_shift_is_found_whatever_chance_did_to_the_others(north, clock, run, seed, method):
    starts = shifts(north, clock, seed=seed)
    run("anomaly", machines=["m1"], source="records", days=3, method=method)
    assert starts[-2] in {one.peak_at_us for one in episodes(north)}


def test_a_scan_of_records_keeps_what_it_looked_at_in_row_document_and_audit_log(north, clock, run):
    shifts(north, clock)
    run("anomaly", machines=["m1"], source="records")
    [scan] = scans(north)
    body = scan_body(north, scan)
    assert (body["source"], body["method"], body["normal_end_us"] - body["normal_start_us"]) == (
        "records", "isolation_forest", 180 * DAY,
    )  # fmt: skip
    assert scan.rows == 14
    assert body["course"]["time_us"] == sorted(body["course"]["time_us"])
    with north.read() as session:
        row = session.scalars(select(ScanSession)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "scan.run")).one()
    assert row.method == "records:isolation_forest"
    assert '"source":"records"' in entry.body


def test_too_few_records_say_so_and_the_other_machines_are_scanned(north, clock, run):
    shifts(north, clock)
    shifts(north, clock, count=40, machine="m2")
    told = run("anomaly", source="records", days=3)
    said = {one["machine"]: (one["status"], one["problem"]) for one in told["sessions"]}
    assert said["m1"] == ("complete", "")
    assert said["m2"][0] == "not_evaluable"
    assert said["m2"][1].startswith("Shift records in the normal range: 34; at least 60 are needed.")


def test_a_range_without_records_says_so(north, clock, run):
    shifts(north, clock)
    end = to_us(clock.now) + 30 * DAY
    told = run("anomaly", machines=["m1"], source="records", start_us=end - DAY, end_us=end)
    assert told["sessions"][0]["problem"] == "There are no shift records in the range to look at."


def test_records_that_tell_nothing_of_a_part_are_scanned_all_the_same(north, clock, run):
    starts = shifts(north, clock, odd=())
    with north.write() as session:
        row = session.scalars(select(PerformanceRecord).where(PerformanceRecord.start_us == starts[-1])).one()
        row.operating_s, row.downtime_s, row.output, row.good = 0.0, 28_800.0, 0.0, 0.0
    run("anomaly", machines=["m1"], source="records", days=3)
    assert starts[-1] in {one.peak_at_us for one in episodes(north)}


def test_a_plant_with_both_has_its_signals_scanned_as_before(gemba, north, clock, run):
    signals(gemba, clock)
    before = run("anomaly", machines=["m1"], days=0.25)
    shifts(north, clock)
    after = run("anomaly", machines=["m1"], days=0.25, source="signals")
    assert {**before, "sessions": 0} == {**after, "sessions": 0}
    last, first = scans(north)
    assert scan_body(north, last)["episodes"] == scan_body(north, first)["episodes"]
    assert (last.source, last.method) == ("signals", "pca")


def test_episodes_of_signals_and_of_records_stand_side_by_side_and_are_judged_apart(gemba, north, clock, run):
    signals(gemba, clock)
    shifts(north, clock, odd=(1, 2))
    run("anomaly", machines=["m1"], days=0.25, method="isolation_forest")
    run("anomaly", machines=["m1"], source="records", days=3)
    found = {one.scan.source: one for one in episodes(north)}
    assert found.keys() == {"signals", "records"}
    label_episode(north, found["records"].scan.id, found["records"].position, is_true=False)
    judged = {one.scan.source: one.label for one in episodes(north)}
    assert judged["signals"] is None
    assert not judged["records"].is_true
    assert [one.method for one in labels(north)] == ["records:isolation_forest"]
    assert run("anomaly", machines=["m1"], source="records", days=3)["episodes"] == 0


def test_anomalies_of_the_last_day_are_counted_until_somebody_calls_them_false(north, clock, run):
    shifts(north, clock)
    since = to_us(clock.now) - DAY
    assert recent_anomalies(north, since) == 0
    before = anomalies_revision(north)
    run("anomaly", machines=["m1"], source="records", days=3)
    assert recent_anomalies(north, since) == 1
    assert recent_anomalies(north, to_us(clock.now)) == 0
    scanned = anomalies_revision(north)
    [one] = episodes(north)
    label_episode(north, one.scan.id, one.position, is_true=False)
    assert recent_anomalies(north, since) == 0
    assert len({before, scanned, anomalies_revision(north)}) == 3
    clock.forward(days=2)
    label_episode(north, one.scan.id, one.position, is_true=True)
    assert recent_anomalies(north, since) == 1
    assert recent_anomalies(north, to_us(clock.now - timedelta(days=1))) == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [({"source": "tea"}, "source"), ({"source": ["records"]}, "source"),
     ({"source": "records", "step_s": 60}, "step_s"),
     ({"source": "records", "parameters": ["speed"]}, "parameters")],
)  # fmt: skip
def test_a_scan_of_records_that_cannot_be_is_refused_at_its_field(north, given, field):
    with pytest.raises(InvalidInput) as told:
        ask(north, Asked("anomaly", given))
    assert [one.field for one in told.value.problems] == [field]
