"""Predictions are matched with what happened, scored beside the naive rule, and losers are switched off."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from analytics.vocabulary import State
from app.jobs.kinds.forecast import _what
from app.predict.matching import _errors, _margin
from app.predict.scorecards import is_off, scorecards
from app.predict.series import Subject, history
from app.production.plant import plant
from app.production.terms.rates import Rates, save_rates
from data.models import (
    AuditEntry,
    Factory,
    FailureModelVersion,
    NotifyNotice,
    Prediction,
    StateEvent,
    to_us,
)
from data.queries.plant import CONFIGURATION_DAY, bump
from tests.app.predict.conftest import HOUR, list_parameter, send
from tests.app.predict.test_failures import _states

DAY = 24 * HOUR


def power(gemba, clock, first_h, days, kw=20.0):
    start = to_us(clock.now) // HOUR * HOUR + first_h * HOUR
    minutes = np.arange(days * 24 * 60)
    values = np.where((minutes // 60) % 24 < 12, kw, 5.0) + 0.2 * np.sin(minutes / 700)
    send(gemba, clock, "m1", "power_kw", (start + minutes * 60_000_000).tolist(), values)


def told(made_us, chance, *, model="m1 v1", naive=0.2, job="a"):
    return Prediction(
        job_key=job, kind="failure", machine_key="m1", model=model, made_us=made_us,
        until_us=made_us + 6 * HOUR, chance=chance, threshold=0.5, naive=naive,
        detail={"least_stop_min": 30.0},
    )  # fmt: skip


def add(access, *rows):
    with access.write() as session:
        session.add_all(rows)


def version(access):
    with access.write() as session:
        session.add(
            FailureModelVersion(
                job_key="j", machine_key="m1", number=1, state="promoted", method="both", horizon_h=6.0,
                least_stop_min=30.0, start_us=0, end_us=1, hours=1, failures=1, threshold=0.5, base_rate=0.2,
                beats_naive=True, fingerprint="f" * 64, digest="d" * 64, made_us=0, made_by="x",
            )
        )  # fmt: skip


def test_a_forecast_is_scored_once_its_time_has_passed(gemba, north, clock, run):
    list_parameter(north, "m1", "power_kw", "kW")
    save_rates(north, Rates(energy_price=0.5))
    power(gemba, clock, -8 * 24, 8)
    run("energy_forecast", machines=["m1"], method="seasonal_naive", history_days=8)
    assert run("match_predictions")["matched"] == 0
    clock.forward(hours=25)
    power(gemba, clock, -25, 1, kw=22.0)
    assert run("match_predictions")["matched"] == 1
    [one] = scorecards(north)
    assert (one.kind, one.model, one.machine, one.of) == ("forecast", "seasonal_naive", "m1", "energy")
    assert one.score == pytest.approx(one.naive_score)
    assert 0 <= one.coverage_80 <= one.coverage_95 <= 1
    assert one.money == pytest.approx(12 * 2 * 0.5, rel=0.1)
    assert run("match_predictions")["matched"] == 0


def test_a_forecast_of_the_past_is_not_logged_as_a_prediction(gemba, north, clock, run):
    list_parameter(north, "m1", "power_kw", "kW")
    power(gemba, clock, -8 * 24, 8)
    end = to_us(clock.now) - 2 * DAY
    run("energy_forecast", machines=["m1"], method="seasonal_naive", start_us=end - 5 * DAY, end_us=end)
    with north.read() as session:
        assert session.scalars(select(Prediction)).all() == []


def test_failures_are_scored_by_precision_recall_and_hours_of_warning(north, clock, run):
    save_rates(north, Rates(hour_rate=100.0))
    now = to_us(clock.now) // HOUR * HOUR
    begins = [now - 40 * HOUR, now - 20 * HOUR]
    _states(north, now - 60 * HOUR, now, begins)
    add(
        north,
        told(begins[0] - 2 * HOUR, 0.9, job="hit"),
        told(begins[1] - 3 * HOUR, 0.1, job="missed"),
        told(now - 55 * HOUR, 0.8, job="false"),
        told(now - 30 * HOUR, 0.1, job="quiet"),
        told(now - 2 * HOUR, 0.9, job="later"),
    )
    result = run("match_predictions")
    assert (result["matched"], result["happened"]) == (4, 2)
    [one] = scorecards(north)
    assert (one.predictions, one.precision, one.recall, one.lead_h) == (4, 0.5, 0.5, 2.0)
    assert one.score == pytest.approx((0.01 + 0.81 + 0.64 + 0.01) / 4)
    assert one.naive_score == pytest.approx((0.64 + 0.64 + 0.04 + 0.04) / 4)
    assert one.money == pytest.approx(100.0)


def test_a_failure_at_the_very_end_is_told_once_it_has_lasted_long_enough(north, clock, run):
    """It begins ten minutes before the end; what is less than two hours long is none."""
    now = to_us(clock.now) // HOUR * HOUR
    begin = now - 10 * HOUR // 60
    _states(north, now - 20 * HOUR, begin, [])
    with north.write() as session:
        machine = plant(north).machine_by_key["m1"].id
        session.add(StateEvent(machine_id=machine, start_us=begin, state=int(State.DOWN), received_us=begin))
        bump(session, {now // DAY, now // DAY + 1})
    one = told(now - 6 * HOUR, 0.9)
    one.detail = {"least_stop_min": 120.0}
    add(north, one)
    clock.forward(minutes=90)
    assert run("match_predictions")["matched"] == 0, "it may still end before it is a failure"
    clock.forward(hours=24)
    assert run("match_predictions")["happened"] == 1


def test_both_are_scored_on_the_points_that_the_naive_rule_knows(north):
    past = [10.0, 20.0, 30.0, 40.0] * 6
    past[-3] = past[-2] = None
    zeros = {f"{edge}_{level}": [0.0] * 4 for edge in ("lower", "upper") for level in ("80", "95")}
    body = {"season": 4, "past": {"value": past}, "what": "parameter",
            "points": {"yhat": [10.0, 20.0, 30.0, 40.0], **zeros}}  # fmt: skip
    scores = _errors(north, body, np.array([12.0, 90.0, 90.0, 40.0]))
    assert (scores["mae"], scores["naive_mae"]) == (1.0, 1.0)


def test_a_kpis_forecast_of_one_day_is_scored_when_production_days_begin_at_midnight(north, clock, run):
    with north.write() as session:
        session.query(Factory).one().day_start_min = 0
        bump(session, {CONFIGURATION_DAY})
    start = to_us(clock.now) // DAY * DAY - 20 * DAY
    _states(north, start, start + 18 * DAY, [start + n * DAY + 5 * HOUR for n in range(18)])
    subject = Subject("kpi", ("m1",), "availability", 86_400)
    at = start + 10 * DAY + 12 * HOUR
    margin = _margin(subject)
    days = history(north, subject, at - margin, at + DAY + margin).index
    assert (pd.Timestamp(at, unit="us", tz="UTC").tz_convert(days.tz).normalize()) in days


def test_a_version_that_loses_for_two_weeks_is_retired_and_told(north, clock, run):
    version(north)
    now = to_us(clock.now) // HOUR * HOUR
    _states(north, now - 20 * DAY, now, [])
    add(north, *[told(now - n * 12 * HOUR, 0.9, job=f"j{n}") for n in range(1, 31)])
    result = run("match_predictions")
    assert [one["model"] for one in result["switched_off"]] == ["m1 v1"]
    with north.read() as session:
        row = session.scalars(select(FailureModelVersion)).one()
        notice = session.scalars(select(NotifyNotice)).one()
        actions = session.scalars(select(AuditEntry.action)).all()
    assert (row.state, row.why) == ("retired", "it lost to the naive rule for 14 days")
    assert notice.kind == "model_off"
    assert "model.retired" in actions


def test_a_version_that_is_better_than_naive_or_was_judged_briefly_stays(north, clock, run):
    version(north)
    now = to_us(clock.now) // HOUR * HOUR
    _states(north, now - 20 * DAY, now, [])
    add(north, *[told(now - n * 12 * HOUR, 0.05, job=f"j{n}") for n in range(1, 31)])
    add(north, *[told(now - n * 2 * HOUR - DAY, 0.9, model="m1 v9", job=f"k{n}") for n in range(1, 31)])
    assert run("match_predictions")["switched_off"] == []


def test_a_method_of_forecasts_that_loses_steps_aside_for_the_naive_guess(gemba, north, clock, run):
    list_parameter(north, "m1", "power_kw", "kW")
    power(gemba, clock, -8 * 24, 8)
    now = to_us(clock.now)
    of = _what(Subject("energy", ("m1",)))
    add(
        north,
        *[
            Prediction(
                job_key=f"f{n}", kind="forecast", machine_key="m1", model="theta", made_us=now - n * DAY,
                until_us=now - n * DAY + HOUR, matched_us=now, detail={"of": of},
                scores={"mase": 1.2, "naive_mase": 1.0},
            )
            for n in range(1, 17)
        ],
    )  # fmt: skip
    assert is_off(north, "theta", "m1", of)
    assert not is_off(north, "median", "m1", of)
    result = run("energy_forecast", machines=["m1"], method="theta", history_days=8)
    assert result["method"] == "seasonal_naive"
    assert "theta lost to the naive rule for 14 days and is off" in result["told"]


def test_what_cannot_be_matched_is_counted_as_unknown_and_scores_nothing(north, clock, run):
    now = to_us(clock.now - timedelta(days=2))
    add(
        north,
        Prediction(job_key="x", kind="forecast", machine_key="", model="theta", made_us=now,
                   until_us=now + HOUR, detail={"of": "energy", "document": "gone"}),
    )  # fmt: skip
    assert run("match_predictions")["unknown"] == 1
    assert scorecards(north)[0].score is None
