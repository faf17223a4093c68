"""What people say of episodes: kept, audited, taken back, and known by the next scan."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from analytics.errors import Forbidden, GembaError, NotFound
from app.predict.anomaly.labels import labels, take_label_back
from app.predict.anomaly.scans import episodes, label_episode, scan_body, scans
from data.models import AuditEntry, to_us
from tests.app.predict.conftest import send

MINUTE = 60_000_000
ROWS = 1_800


def signals(gemba, clock, breaks=((1_600, 1_660),)):
    """Thirty hours of two signals of m1 that move together but for some breaks of the load."""
    chance = np.random.default_rng(3)
    start = to_us(clock.now - timedelta(minutes=ROWS)) // MINUTE * MINUTE
    times = [start + n * MINUTE for n in range(ROWS)]
    speed = 1_000 + 50 * np.sin(np.arange(ROWS) / 40) + chance.normal(0, 2, ROWS)
    load = 0.1 * speed + chance.normal(0, 0.2, ROWS)
    for first, last in breaks:
        load[first:last] += 25
    send(gemba, clock, "m1", "speed", times, speed)
    send(gemba, clock, "m1", "load", times, load)
    return times


@pytest.fixture
def scanned(gemba, clock, run):
    times = signals(gemba, clock)
    run("anomaly", machines=["m1"], days=0.25)
    return times


def test_an_episode_says_how_bad_since_when_and_what_contributed(north, scanned):
    [one] = episodes(north)
    assert one.scan.machine == "m1"
    assert one.severity == "high"
    assert one.peak > 2
    assert one.start_us <= scanned[1_610] <= one.end_us
    assert scanned[1_600] <= one.peak_at_us <= scanned[1_680]
    names = [name for name, _ in one.contributions]
    assert set(names) <= {"speed", "load"}
    assert sum(share for _, share in one.contributions) == pytest.approx(1.0)


def test_the_score_over_time_keeps_the_highest_of_each_stretch(north, scanned):
    [scan] = scans(north)
    course = scan_body(north, scan)["course"]
    assert len(course["time_us"]) == len(course["score"]) <= 1_000
    assert course["time_us"] == sorted(course["time_us"])
    assert max(course["score"]) == episodes(north)[0].peak


def test_a_label_is_audited_changed_and_taken_back(north, scanned):
    [one] = episodes(north)
    first = label_episode(north, one.scan.id, 0, is_true=False, note="a test run")
    again = label_episode(north, one.scan.id, 0, is_true=True)
    assert first == again
    [shown] = episodes(north)
    assert shown.label.is_true
    assert shown.label.by == "admin@example.test"
    take_label_back(north, first)
    assert episodes(north)[0].label is None
    with pytest.raises(NotFound):
        take_label_back(north, first)
    with north.read() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("episode.%"))).all()
    assert actions == ["episode.label", "episode.label", "episode.unlabel"]


def test_what_was_called_a_false_alarm_is_not_counted_by_the_next_scan(north, scanned, run):
    [one] = episodes(north)
    number = label_episode(north, one.scan.id, 0, is_true=False)
    told = run("anomaly", machines=["m1"], days=0.25)
    assert told["episodes"] == 0
    assert told["anomalies"] == 0
    assert episodes(north)[0].excused == number
    take_label_back(north, number)
    assert run("anomaly", machines=["m1"], days=0.25)["episodes"] == 1


def test_an_episode_that_is_far_worse_than_the_false_alarm_still_counts(gemba, north, clock, scanned, run):
    [one] = episodes(north)
    label_episode(north, one.scan.id, 0, is_true=False)
    load = 300 + np.random.default_rng(1).normal(0, 0.2, 30)
    send(gemba, clock, "m1", "load", scanned[1_700:1_730], load)
    assert run("anomaly", machines=["m1"], days=0.25)["episodes"] == 1


def test_the_time_of_a_real_anomaly_is_not_learned_as_normal(gemba, north, clock, run):
    signals(gemba, clock, breaks=((1_000, 1_060), (1_600, 1_660)))
    end = to_us(clock.now)
    day = {"machines": ["m1"], "start_us": end - 900 * MINUTE, "end_us": end - 360 * MINUTE}
    run("anomaly", **day)
    before = run("anomaly", machines=["m1"], days=0.25)
    early = min(episodes(north), key=lambda one: one.start_us)
    label_episode(north, early.scan.id, early.position, is_true=True)
    peak = max(one.peak for one in episodes(north))
    after = run("anomaly", machines=["m1"], days=0.25)
    assert after["anomalies"] >= before["anomalies"]
    assert max(one.peak for one in episodes(north) if one.scan.start_us > early.end_us) > peak


def test_a_forests_severities_are_those_of_its_decision_values(gemba, north, clock, run):
    signals(gemba, clock)
    run("anomaly", machines=["m1"], days=0.25, method="isolation_forest")
    assert {one.severity for one in episodes(north)} <= {"medium", "high"}


def test_who_may_not_run_analytics_labels_nothing_and_another_factory_sees_nothing(acting, scanned):
    with pytest.raises(Forbidden):
        label_episode(acting("viewer"), scans(acting("viewer"))[0].id, 0, is_true=True)
    with pytest.raises(GembaError):
        label_episode(acting(), 10**9, 0, is_true=True)
    assert labels(acting()) == []
