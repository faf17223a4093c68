"""Machines scored while they run: bit for bit as a scan would, held back where unknown, seen by rules."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from analytics.errors import Forbidden, NotFound, VersionChanged
from analytics.vocabulary import ANOMALY_SCORE
from app.predict.anomaly.changed import changed_since_us
from app.predict.anomaly.live import live_detector, live_detectors, scored_until, switch_live
from app.predict.anomaly.rows import signal_rows
from app.predict.anomaly.scoring import LiveScores
from app.predict.model_files import kept_detector
from app.production.measured.parameters import listed
from app.production.plant import plant
from app.rules.backtest import look_back
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from app.rules.store import add_rule
from app.ui.predict.live_list import anew
from data.models import Alert, AuditEntry, LiveDetector, to_us
from tests.app.predict.conftest import send
from tests.conftest import relational

MINUTE = 60_000_000
DAY = 24 * 60


@pytest.fixture
def relational_url(request, tmp_path):
    with relational("sqlite", request, tmp_path) as url:
        yield url


def course(clock, minutes, first=-DAY, seed=3, breaks=()):
    """Times and two signals that move together, from `first` minutes from the clock's first moment on."""
    chance = np.random.default_rng(seed)
    start = to_us(clock.now) // MINUTE * MINUTE
    times = [start + n * MINUTE for n in range(first, first + minutes)]
    speed = 1_000 + 50 * np.sin(np.arange(minutes) / 40) + chance.normal(0, 2, minutes)
    load = 0.1 * speed + chance.normal(0, 0.2, minutes)
    for begin, end in breaks:
        load[begin:end] += 25
    return times, speed, load


def feed(gemba, clock, part, at):
    times, speed, load = part
    send(gemba, clock, "m1", "speed", times[at], speed[at])
    send(gemba, clock, "m1", "load", times[at], load[at])


@pytest.fixture
def live(gemba, north, clock, run):
    """A machine with a day of normal signals and a detector that was fitted on it."""
    feed(gemba, clock, course(clock, DAY), slice(None))
    listed(north, plant(north).machine_by_key["m1"].id)
    told = run("live_scores", machines=["m1"], ended_days=0, normal_days=1)
    assert told["live"] == 1
    return LiveScores(gemba)


def scores(gemba, start=0, end=2**60):
    found = gemba.telemetry.read("north", start, end, ["m1"], [ANOMALY_SCORE])
    return dict(zip(found["time_us"].tolist(), found["value"].tolist(), strict=True))


def minutes_pass(gemba, clock, part, scorer, first, last, runtime=None, access=None, by=1):
    """Every `by` minutes the machine sends, the score follows, and the rules look."""
    for n in range(first, last, by):
        clock.now += timedelta(minutes=min(by, last - n))
        feed(gemba, clock, part, slice(n, min(n + by, last)))
        clock.now += timedelta(seconds=2)
        scorer.round()
        if runtime is not None:
            runtime.round(access)
        clock.now -= timedelta(seconds=2)


def test_live_scores_are_those_of_the_detector_over_the_whole_and_stand_at_the_end_of_their_row(
    gemba, north, clock, live
):
    part = course(clock, 40, first=1, seed=8, breaks=((30, 40),))
    minutes_pass(gemba, clock, part, live, 0, 40)
    row = live_detector(north, "m1")
    with north.read() as session:
        digest = session.scalar(select(LiveDetector.digest))
    detector = kept_detector(north, digest)
    frame = signal_rows(north, "m1", detector.names, row.normal_end_us, part[0][-1], MINUTE)
    whole = detector.score(frame)
    got = scores(gemba)
    ends = frame.index.as_unit("us").asi8 + MINUTE
    lags = detector.plan.lags
    assert list(got) == ends[lags - 1 :].tolist()
    assert list(got.values()) == whole["score"].tolist()[lags - 1 :]
    assert max(got.values()) > 2
    assert row.ahead_us == part[0][-1]
    assert row.until_us == part[0][-1] - MINUTE
    assert row.withheld == lags - 1


def test_a_machine_that_has_become_another_one_is_told_and_learned_anew(gemba, north, clock, live, run):
    change, end = 60, 60 + 26 * 60
    part = course(clock, end, first=1, seed=8, breaks=((change, end),))
    minutes_pass(gemba, clock, part, live, 0, 900, by=300)
    one = live_detector(north, "m1")
    assert one.score > 1
    assert changed_since_us(north, one) is None, "not yet for a day"
    minutes_pass(gemba, clock, part, live, 900, end, by=300)
    one = live_detector(north, "m1")
    since = changed_since_us(north, one)
    assert abs(since - part[0][change]) <= 10 * MINUTE
    job = anew(one, since, to_us(clock.now))
    assert run(job.kind, **job.parameters)["live"] == 1
    part = course(clock, 60, first=1, seed=9, breaks=((0, 60),))
    minutes_pass(gemba, clock, part, live, 0, 60, by=20)
    again = live_detector(north, "m1")
    assert again.version > one.version
    assert again.score < 1
    assert changed_since_us(north, again) is None


def test_the_score_is_a_parameter_like_any_other_and_no_signal_of_the_next_detector(
    gemba, north, clock, live, run
):
    minutes_pass(gemba, clock, course(clock, 20, first=1), live, 0, 20, by=10)
    number = plant(north).machine_by_key["m1"].id
    [one] = [p for p in listed(north, number) if p.key == ANOMALY_SCORE]
    assert (one.display_name, one.unit) == ("Anomaly score", "x limit")
    run("live_scores", machines=["m1"], ended_days=0, normal_days=1)
    assert live_detector(north, "m1").parameters == ("load", "speed")
    run("anomaly", machines=["m1"], days=0.1)


def test_a_process_that_dies_scores_again_what_it_scored_and_nothing_changes(gemba, north, clock, live):
    part = course(clock, 40, first=1, seed=8)
    minutes_pass(gemba, clock, part, live, 0, 30, by=10)
    with north.read() as session:
        before = session.scalar(select(LiveDetector))
        session.expunge_all()
    minutes_pass(gemba, clock, part, live, 30, 33)
    first = scores(gemba)
    with north.write() as session:
        row = session.scalar(select(LiveDetector))
        for name in ("until_us", "ahead_us", "memory", "scored", "withheld"):
            setattr(row, name, getattr(before, name))
    clock.forward(seconds=30)
    again = LiveScores(gemba)
    again.round()
    assert scores(gemba) == first
    assert live_detector(north, "m1").ahead_us == max(first)


def test_a_late_sample_inside_the_lateness_moves_the_score_and_a_later_one_does_not(
    gemba, north, clock, live
):
    part = course(clock, 30, first=1, seed=8)
    minutes_pass(gemba, clock, part, live, 0, 25, by=5)
    told = scores(gemba)
    last = max(told)
    clock.forward(seconds=20)
    send(gemba, clock, "m1", "load", [last - 30_000_000], np.array([150.0]))
    send(gemba, clock, "m1", "load", [last - 5 * MINUTE - 30_000_000], np.array([150.0]))
    clock.forward(seconds=-20)
    minutes_pass(gemba, clock, part, live, 25, 26)
    now = scores(gemba)
    assert now[last] > 2 * told[last]
    assert all(now[at] == told[at] for at in told if at < last)


def test_a_silence_has_no_score_and_the_first_rows_after_it_have_none(gemba, north, clock, live):
    part = course(clock, 85, first=1, seed=8)
    minutes_pass(gemba, clock, part, live, 0, 30, by=10)
    clock.forward(minutes=30)
    live.round()
    live.round()
    minutes_pass(gemba, clock, part, live, 60, 85, by=5)
    got = np.array(sorted(scores(gemba)))
    gap = int(np.argmax(np.diff(got)))
    row = live_detector(north, "m1")
    assert got[gap] <= part[0][30]
    assert got[gap + 1] > part[0][60] + 5 * MINUTE
    assert row.withheld > 10


def test_a_rule_on_the_score_raises_live_what_the_look_back_finds(gemba, north, clock, live):
    part = course(clock, 60, breaks=((35, 60),), first=1, seed=9)
    minutes_pass(gemba, clock, part, live, 0, 20, by=10)
    body = {
        "conditions": {"parameter": ANOMALY_SCORE, "operator": "gt", "threshold": 1, "for_s": 120},
        "severity": "high", "cooldown_minutes": 0,
    }  # fmt: skip
    draft = Draft("Not as it was", body, scope="device", target=(plant(north).machine_by_key["m1"].id,))
    add_rule(north, draft)
    fast = {"parameter": "speed", "operator": "gt", "threshold": 5_000}
    add_rule(north, Draft("Speed", {**body, "conditions": fast}, scope="global"))
    begin = to_us(clock.now)
    runtime = RuleRuntime(north)
    minutes_pass(gemba, clock, part, live, 20, 60, runtime, north)
    with north.read() as session:
        rows = session.execute(
            select(Alert.raised_us, Alert.cleared_us, Alert.revision).order_by(Alert.raised_us)
        )
        raised = [tuple(row) for row in rows]
    found = look_back(north, draft, begin, part[0][-1])
    assert [(one.raised_us, one.cleared_us) for one in found.alerts] == [row[:2] for row in raised]
    assert len(raised) == 1
    assert part[0][35] < raised[0][0]


def test_a_rule_waits_for_scores_that_are_behind_and_then_raises_what_it_would_have(
    gemba, north, clock, live
):
    part = course(clock, 60, breaks=((35, 45),), first=1, seed=9)
    minutes_pass(gemba, clock, part, live, 0, 20, by=10)
    body = {"conditions": {"parameter": ANOMALY_SCORE, "operator": "gt", "threshold": 1},
            "severity": "high", "cooldown_minutes": 0}  # fmt: skip
    number = plant(north).machine_by_key["m1"].id
    add_rule(north, Draft("Not as it was", body, scope="device", target=(number,)))
    other = {**body, "conditions": {"parameter": "speed", "operator": "gt", "threshold": 5_000}}
    add_rule(north, Draft("Speed", other, scope="device", target=(number,)))
    runtime = RuleRuntime(north)
    for n in range(20, 60):
        clock.forward(minutes=1)
        feed(gemba, clock, part, slice(n, n + 1))
        runtime.round(north)
    live.round()
    runtime.round(north)
    with north.read() as session:
        [raised] = session.scalars(select(Alert.raised_us)).all()
    assert part[0][35] < raised <= part[0][45]


def test_switching_is_audited_and_the_time_while_it_is_off_has_no_score(gemba, north, clock, live):
    part = course(clock, 45, first=1, seed=8)
    minutes_pass(gemba, clock, part, live, 0, 5, by=5)
    one = live_detector(north, "m1")
    off = switch_live(north, one.id, one.version, is_on=False)
    assert not off.is_on
    assert scored_until(north) == {}
    minutes_pass(gemba, clock, part, live, 5, 20, by=5)
    with pytest.raises(VersionChanged):
        switch_live(north, one.id, one.version, is_on=True)
    switch_live(north, one.id, off.version, is_on=True)
    minutes_pass(gemba, clock, part, live, 20, 45, by=5)
    got = np.array(sorted(scores(gemba)))
    assert not ((got > part[0][6]) & (got < part[0][19])).any()
    assert got.max() == part[0][44]
    with north.read() as session:
        actions = session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.like("live_score.%")).order_by(AuditEntry.id)
        ).all()
    assert actions == ["live_score.on", "live_score.off", "live_score.on"]


def test_a_detector_whose_file_is_gone_says_so_and_holds_no_rule_back(gemba, north, clock, live):
    for path in (gemba.settings.home / "models").rglob("*.skops"):
        path.unlink()
    fresh = LiveScores(gemba)
    minutes_pass(gemba, clock, course(clock, 5, first=1), fresh, 0, 5)
    [one] = live_detectors(north)
    assert "fit it anew" in one.problem
    assert scored_until(north) == {}
    assert scores(gemba) == {}


def test_who_may_not_run_analytics_switches_nothing_and_an_unknown_machine_is_not_found(acting, live):
    with pytest.raises(Forbidden):
        switch_live(acting("operator"), 1, None, is_on=False)
    with pytest.raises(NotFound):
        switch_live(acting(), 10**9, None, is_on=True)
    assert [one.machine for one in live_detectors(acting("viewer"))] == ["m1"]


def test_a_machine_that_sends_a_score_of_its_own_keeps_it(gemba, north, clock, run):
    feed(gemba, clock, course(clock, DAY), slice(None))
    feed_own = course(clock, 10)
    send(gemba, clock, "m1", ANOMALY_SCORE, feed_own[0], feed_own[1])
    listed(north, plant(north).machine_by_key["m1"].id)
    with pytest.raises(Exception, match="of its own"):
        run("live_scores", machines=["m1"], ended_days=0, normal_days=1)
    assert live_detectors(north) == []


def test_the_scores_of_a_catch_up_come_in_bounded_rounds(gemba, north, clock, live, monkeypatch):
    monkeypatch.setattr("app.predict.anomaly.scoring.MOST_ROWS", 25)
    part = course(clock, 60, first=1, seed=8)
    clock.forward(minutes=60)
    feed(gemba, clock, part, slice(None))
    ahead = []
    for _ in range(4):
        live.round()
        ahead.append((live_detector(north, "m1").ahead_us - part[0][0]) // MINUTE)
    assert ahead[0] <= 25
    assert ahead[-1] == 59
