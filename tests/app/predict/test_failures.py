"""Failure models: taught by the past, tested on the last hours, registered, promoted and rolled back."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from analytics.kept import UntrustedModel
from analytics.vocabulary import State
from app.jobs.asking import Asked, ask
from app.predict.failure.hourly import SINCE, Failures, failures_of, features, soon
from app.predict.failure.models import models, promote, retire, roll_back, serving
from app.predict.failure.risks import newest_risks, risks
from app.predict.model_files import kept_model
from app.production.plant import plant
from data.models import AuditEntry, StateEvent, to_us
from data.queries.plant import bump
from tests.app.predict.conftest import HOUR, send

DAYS = 14
MINUTE = HOUR // 60


def worn(gemba, access, clock):
    """Two weeks of m1: vibration climbs for six hours before each failure of an hour; the load is noise."""
    chance = np.random.default_rng(7)
    start = to_us(clock.now - timedelta(days=DAYS)) // HOUR * HOUR
    hours = DAYS * 24
    begins = np.cumsum(chance.integers(14, 30, 30))
    begins = begins[begins < hours - 1]
    at = np.arange(hours * 6)
    left = np.array([min((b * 6 - n for b in begins if b * 6 >= n), default=999) for n in at])
    vibration = 2 + chance.normal(0, 0.1, len(at)) + np.where(left < 36, (36 - left) / 12, 0)
    times = (start + at * 10 * MINUTE).tolist()
    send(gemba, clock, "m1", "vibration", times, vibration)
    send(gemba, clock, "m1", "load", times, 50 + chance.normal(0, 3, len(at)))
    _states(access, start, start + hours * HOUR, [start + int(b) * HOUR for b in begins])
    return [start + int(b) * HOUR for b in begins]


def _states(access, start, end, failures):
    machine = plant(access).machine_by_key["m1"].id
    rows, running = [], start
    for one in failures:
        rows += [(running, one, State.RUNNING), (one, one + HOUR, State.DOWN)]
        running = one + HOUR
    rows.append((running, end, State.RUNNING))
    days = {us // (24 * HOUR) + shift for us, _, _ in rows for shift in (-1, 0, 1)}
    with access.write() as session:
        session.add_all(
            StateEvent(machine_id=machine, start_us=a, end_us=b, state=int(state), received_us=a)
            for a, b, state in rows if b > a
        )  # fmt: skip
        bump(session, days)


@pytest.fixture
def failed(gemba, north, clock):
    return worn(gemba, north, clock)


@pytest.fixture
def taught(failed, run):
    return run("failure_prediction", machines=["m1"], method="boosting", horizon_h=6)


def test_a_row_knows_nothing_later_than_its_hour(gemba, north, clock, failed):
    begin, end = failed[0] - 40 * HOUR, failed[8]
    known = failures_of(north, "m1", begin, end, 30)
    before = features(north, "m1", (begin, end), known)
    cut = int(before.index[-20])
    early = Failures(known.start_us[known.start_us < cut], known.end_us[known.start_us < cut])
    again = features(north, "m1", (begin, cut), early)
    assert again.equals(before.loc[:cut])


def test_no_model_learns_from_a_score_that_gemba_makes_itself(gemba, north, clock, failed):
    begin, end = failed[0] - 10 * HOUR, failed[0] + 10 * HOUR
    known = failures_of(north, "m1", begin, end, 30)
    before = features(north, "m1", (begin, end), known)
    send(gemba, clock, "m1", "anomaly_score", range(begin, end, HOUR // 4), np.linspace(0, 2, 80))
    assert features(north, "m1", (begin, end), known).equals(before)


def test_failures_are_stops_of_the_machine_that_last_long_enough(north, failed):
    begin = failed[0] - HOUR
    assert failures_of(north, "m1", begin, to_us(north.now), 30).start_us.tolist() == failed
    assert failures_of(north, "m1", begin, to_us(north.now), 61).start_us.tolist() == []


def test_an_hour_counts_as_before_a_failure_within_the_horizon_only():
    known = Failures(np.array([10 * HOUR]), np.array([11 * HOUR]))
    at = np.array([3, 4, 10, 11]) * HOUR
    assert soon(at, known, 6).tolist() == [False, False, True, False]
    assert soon(np.array([4 * HOUR + 1]), known, 6).tolist() == [True]


def test_a_model_that_sees_wear_beats_the_naive_rule_and_says_how_it_was_tested(north, taught):
    [made] = taught["models"]
    assert made["status"] == "complete"
    assert made["is_held_out"] is True
    assert made["beats_naive"] is True
    assert made["average_precision"] > made["naive_average_precision"] + 0.3
    [one] = models(north)
    assert (one.number, one.state, one.machine) == (1, "candidate", "m1")
    assert "beats the naive rule" in one.card
    assert one.threshold >= one.base_rate
    assert any(name.startswith("vibration") for name in one.features)
    assert len(one.fingerprint) == len(one.digest) == 64


def test_the_same_rows_have_the_same_fingerprint(north, taught, run):
    run("failure_prediction", machines=["m1"], method="forest", horizon_h=6)
    newer, older = models(north)
    assert (newer.number, older.number) == (2, 1)
    assert newer.fingerprint == older.fingerprint
    assert newer.digest != older.digest


def test_the_risk_is_logged_before_the_fact_with_its_reasons(north, taught):
    [told] = risks(north)
    assert told.machine == "m1"
    assert told.made_us == to_us(north.now)
    assert told.until_us == told.made_us + 6 * HOUR
    assert told.has_happened is None
    assert {one["feature"] for one in told.detail["reasons"]} & {"vibration, mean", "vibration, max", SINCE}
    for curve in told.detail["curves"].values():
        assert len(curve["value"]) == len(curve["chance"])
    assert taught["risks"][0]["chance"] == told.chance


def test_the_reasons_are_those_of_the_model_itself(north, taught):
    [told], [one] = risks(north), models(north)
    model = kept_model(north, one.digest)
    now = to_us(north.now)
    known = failures_of(north, "m1", now - 168 * HOUR, now, 30)
    row = features(north, "m1", (now - 4 * HOUR, now), known)[list(model.features.columns)].tail(1)
    falls = model.reasons(row).iloc[0]
    assert {one["feature"]: one["adds"] for one in told.detail["reasons"]} == {
        name: pytest.approx(falls[name]) for name in (one["feature"] for one in told.detail["reasons"])
    }
    assert abs(told.detail["reasons"][0]["adds"]) == pytest.approx(falls.abs().max())


def test_a_promoted_version_tells_the_risk_and_a_roll_back_brings_the_last_one_back(north, taught, run):
    [first] = models(north)
    promote(north, first.id, first.version)
    run("failure_prediction", machines=["m1"], method="forest", horizon_h=6)
    assert newest_risks(north)[0].model_id == first.id
    second = models(north)[0]
    assert serving(north)["m1"].id == first.id
    promote(north, second.id, second.version)
    assert serving(north)["m1"].id == second.id
    assert [one.state for one in models(north)] == ["promoted", "retired"]
    assert roll_back(north, serving(north)["m1"]).number == 1
    assert serving(north)["m1"].id == first.id
    with pytest.raises(Conflict):
        promote(north, second.id, second.version)
    run("failure_risk")
    assert risks(north)[0].model == "m1 v1"
    with north.read() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("model.%"))).all()
    assert actions.count("model.promoted") == 3


def test_a_retired_version_tells_nothing(north, taught, run):
    [one] = models(north)
    retire(north, one.id, one.version, "it was wrong")
    assert serving(north) == {}
    assert run("failure_risk")["risks"] == []
    with pytest.raises(Conflict):
        roll_back(north, models(north)[0])


def test_a_file_that_was_changed_is_not_loaded(gemba, north, taught):
    [one] = models(north)
    path = gemba.settings.home / "models" / "north" / f"{one.digest}.skops"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(UntrustedModel):
        kept_model(north, one.digest)
    path.unlink()
    with pytest.raises(NotFound):
        kept_model(north, one.digest)


def test_a_machine_without_failures_says_so_and_does_not_stop_the_others(failed, run):
    told = run("failure_prediction", method="boosting", horizon_h=6)
    by_machine = {one["machine"]: one for one in told["models"]}
    assert by_machine["m1"]["status"] == "complete"
    assert by_machine["m2"]["status"] == "not_evaluable"
    assert "failures" in by_machine["m2"]["problem"]


@pytest.mark.parametrize(
    "given",
    [{"machines": ["m9"]}, {"method": "magic"}, {"parameters": ["Failure"]}, {"horizon_h": 0},
     {"least_stop_min": -1}, {"start_us": 5}, {"tea": 1}],
)  # fmt: skip
def test_what_cannot_be_learned_is_refused_when_it_is_asked_for(north, given):
    with pytest.raises(InvalidInput):
        ask(north, Asked("failure_prediction", given))


def test_a_parameter_that_tells_the_failure_is_refused_by_name(gemba, north, clock, failed, run):
    start = to_us(clock.now - timedelta(days=DAYS)) // HOUR * HOUR
    at = start + np.arange(DAYS * 24) * HOUR
    known = Failures(np.array(failed), np.array(failed) + HOUR)
    send(gemba, clock, "m1", "oracle", at.tolist(), soon(at + HOUR, known, 6).astype(float))
    [made] = run("failure_prediction", machines=["m1"], method="boosting", horizon_h=6)["models"]
    assert made["status"] == "not_evaluable"
    assert "oracle" in made["problem"]


def test_who_may_not_run_analytics_promotes_nothing(acting, taught):
    [one] = models(acting("viewer"))
    with pytest.raises(Forbidden):
        promote(acting("viewer"), one.id, one.version)
    with pytest.raises(NotFound):
        promote(acting(), 10**9, 1)
