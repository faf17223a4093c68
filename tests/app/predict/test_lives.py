"""Remaining life: taught by a machine's own runs, told with a band before the fact, matched later."""

import numpy as np
import pytest
from sqlalchemy import select

from analytics.errors import InvalidInput
from analytics.vocabulary import State
from app.jobs.asking import Asked, ask
from app.maintenance.orders import OrderDraft, one_order
from app.maintenance.working import Finish, finish_order, open_order
from app.predict.failure.hourly import Failures
from app.predict.failure.lives import lives
from app.predict.failure.models import LIFE, models, promote, roll_back, serving
from app.predict.failure.runs import Run, cut, runs_of, signals
from app.predict.matching import match
from app.predict.scorecards import scorecards
from app.production.plant import plant
from data.models import AuditEntry, Prediction, StateEvent, from_us, to_us
from data.queries.plant import bump
from tests.app.predict.conftest import HOUR
from tests.app.predict.test_failures import worn

SQLITE = pytest.mark.parametrize("relational_url", ["sqlite"], indirect=True)
EVENTS = Failures(np.array([10, 30, 60]) * HOUR, np.array([12, 31, 61]) * HOUR)


@pytest.fixture
def failed(gemba, north, clock):
    return worn(gemba, north, clock)


@pytest.fixture
def taught(failed, run):
    return run("remaining_life", machines=["m1"])


def test_a_run_lasts_from_the_end_of_a_failure_until_the_next_one_begins():
    found = cut("m1", EVENTS, [], 70 * HOUR)
    assert found.finished == (Run("m1", 12 * HOUR, 30 * HOUR), Run("m1", 31 * HOUR, 60 * HOUR))
    assert found.now == Run("m1", 61 * HOUR, 70 * HOUR)


def test_a_service_begins_a_new_run_and_what_it_cut_short_teaches_nothing():
    found = cut("m1", EVENTS, [5 * HOUR, 40 * HOUR], 70 * HOUR)
    assert [(one.start_us // HOUR, one.end_us // HOUR) for one in found.finished] == [
        (5, 10),
        (12, 30),
        (40, 60),
    ]
    assert found.cut_short == 1
    assert cut("m1", EVENTS, [11 * HOUR], 70 * HOUR) == cut("m1", EVENTS, [], 70 * HOUR)


def test_a_machine_that_stands_failed_or_never_failed_has_no_present_run():
    assert cut("m1", EVENTS, [], 61 * HOUR).now is None
    assert cut("m1", Failures(np.array([], np.int64), np.array([], np.int64)), [], 9).now is None


@SQLITE
def test_a_row_lies_whole_inside_its_run_and_the_last_one_is_the_failure(north, failed):
    known = runs_of(north, "m1", (failed[0] - HOUR, failed[3]), 30).finished
    frame = signals(north, known, is_finished=True)
    first = frame[frame["run"] == 0]
    hours = (known[0].end_us - known[0].start_us) / HOUR
    assert first["hours"].tolist() == [*range(1, int(hours) + 1), hours]
    assert first["vibration"].isna().tolist() == [False] * int(hours) + [True]


@SQLITE
def test_planned_work_that_was_done_cuts_a_run_short(north, failed, clock):
    end = to_us(north.now)
    before = runs_of(north, "m1", (failed[0] - HOUR, end), 30)
    at = failed[2] - 3 * HOUR
    number = open_order(north, OrderDraft("m1", "Grease", kind="preventive"))
    finish_order(north, number, one_order(north, number).version, Finish(at - HOUR, at))
    after = runs_of(north, "m1", (failed[0] - HOUR, end), 30)
    assert (before.cut_short, after.cut_short) == (0, 1)
    assert Run("m1", at, failed[2]) in after.finished
    assert Run("m1", failed[1] + HOUR, failed[2]) not in after.finished


@SQLITE
def test_the_model_is_registered_and_says_how_it_was_tested(north, taught):
    [made] = taught["models"]
    [one] = models(north)
    assert made["status"] == "complete"
    assert made["error_h"] < made["naive_error_h"]
    assert (one.tells, one.number, one.state) == ("life", 1, "candidate")
    assert one.horizon_h == pytest.approx(made["cap_h"])
    assert len(one.fingerprint) == len(one.digest) == 64
    assert "the naive rule" in one.card
    assert serving(north) == {}
    assert serving(north, LIFE)["m1"].id == one.id


@SQLITE
def test_the_remaining_life_is_logged_before_the_fact_with_its_band_and_reasons(north, taught, failed):
    [one] = lives(north)
    assert one.made_us == to_us(north.now)
    assert one.until_us == pytest.approx(one.made_us + one.cap_h * HOUR, abs=1)
    assert 0 <= one.lower_h <= one.left_h <= one.upper_h <= one.cap_h
    assert one.detail["since_us"] == failed[-1] + HOUR
    assert {reason["feature"] for reason in one.detail["reasons"]} <= {"vibration", "load"}
    assert taught["lives"][0]["left_h"] == one.left_h
    with north.read() as session:
        assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "life.tell")).all()


@SQLITE
def test_shortly_before_a_failure_less_is_told_than_long_before_it(north, taught, failed, clock, run):
    clock.now = from_us(failed[-1] - HOUR)
    run("failure_risk")
    soon = lives(north)[-1]
    clock.now = from_us(failed[-1] - 10 * HOUR)
    run("failure_risk")
    early = lives(north)[-1]
    assert soon.left_h < 4 < early.left_h


def predicted(failed, made_us, left_h=3.0, cap_h=9.0):
    return Prediction(
        job_key="x", kind="life", machine_key="m1", model="m1 v1", made_us=made_us,
        until_us=made_us + int(cap_h * HOUR), naive=5.0,
        detail={"left_h": left_h, "lower_h": 1.0, "upper_h": 6.0, "cap_h": cap_h,
                "since_us": failed[1] + HOUR, "least_stop_min": 30.0, "counts_tools": False},
    )  # fmt: skip


@SQLITE
def test_a_told_life_is_compared_with_the_hours_until_the_failure_began(north, failed):
    one = match(north, predicted(failed, failed[2] - 5 * HOUR))
    assert (one.has_happened, one.lead_h) == (True, 5.0)
    assert one.scores == {"actual_h": 5.0, "error_h": 2.0, "naive_error_h": 0.0, "coverage_80": 1.0}


@SQLITE
def test_a_life_longer_than_the_cap_counts_as_the_cap(north, failed):
    one = match(north, predicted(failed, failed[2] - 12 * HOUR))
    assert (one.has_happened, one.lead_h) == (False, None)
    assert (one.scores["actual_h"], one.scores["coverage_80"]) == (9.0, 0.0)


@SQLITE
def test_the_failure_before_the_run_is_seen_whole_however_long_it_was(north, clock):
    now = to_us(clock.now) // HOUR * HOUR
    rows = [(now - 90 * HOUR, now - 60 * HOUR, State.DOWN), (now - 60 * HOUR, now - 20 * HOUR, State.RUNNING),
            (now - 20 * HOUR, now - HOUR, State.DOWN)]  # fmt: skip
    machine = plant(north).machine_by_key["m1"].id
    with north.write() as session:
        session.add_all(
            StateEvent(machine_id=machine, start_us=a, end_us=b, state=int(state), received_us=a)
            for a, b, state in rows
        )
        bump(session, {us // (24 * HOUR) for a, b, _ in rows for us in range(a, b + 24 * HOUR, 24 * HOUR)})
    row = predicted([0, now - 61 * HOUR], now - 24 * HOUR)
    row.detail = {**row.detail, "least_stop_min": 600.0}
    one = match(north, row)
    assert (one.has_happened, one.lead_h) == (True, 4.0)


def test_a_run_that_a_service_ended_scores_nothing(north, failed):
    at = failed[2] - 2 * HOUR
    number = open_order(north, OrderDraft("m1", "Grease", kind="planned"))
    finish_order(north, number, one_order(north, number).version, Finish(at - HOUR, at))
    one = match(north, predicted(failed, failed[2] - 5 * HOUR))
    assert one.has_happened is None
    assert "Work that was done" in one.scores["problem"]


@SQLITE
def test_matched_lives_are_scored_in_hours_beside_the_naive_rule(north, failed, run):
    with north.write() as session:
        session.add(predicted(failed, failed[2] - 5 * HOUR))
    assert run("match_predictions")["matched"] == 1
    [card] = scorecards(north)
    assert (card.kind, card.score, card.naive_score, card.coverage_80) == ("life", 2.0, 0.0, 1.0)


@SQLITE
def test_a_machine_with_too_few_runs_says_how_many_there_are_and_are_needed(failed, run):
    told = run("remaining_life", machines=["m2"])
    assert told["models"][0]["status"] == "not_evaluable"
    assert "There are 0 runs" in told["models"][0]["problem"]
    assert "At least 4 runs" in told["models"][0]["problem"]


@SQLITE
def test_risk_and_life_models_of_a_machine_are_promoted_apart(north, taught, run):
    run("failure_prediction", machines=["m1"], method="boosting", horizon_h=6)
    run("remaining_life", machines=["m1"])
    newest, risk, oldest = models(north)
    assert [one.number for one in (newest, risk, oldest)] == [3, 2, 1]
    for one in (oldest, risk, newest):
        promote(north, one.id, one.version)
    assert serving(north)["m1"].number == 2
    assert serving(north, LIFE)["m1"].number == 3
    assert roll_back(north, serving(north, LIFE)["m1"]).number == 1
    assert serving(north)["m1"].number == 2


@SQLITE
def test_without_any_model_the_daily_job_says_so_and_ends_well(run):
    assert "No machine has a failure model" in run("failure_risk")["text"]


@pytest.mark.parametrize(
    "given", [{"tea": 1}, {"least_stop_min": -1}, {"count_tools": 1}, {"start_us": 5}, {"machines": ["m9"]}]
)
@SQLITE
def test_what_cannot_be_taught_is_refused_when_it_is_asked_for(north, given):
    with pytest.raises(InvalidInput):
        ask(north, Asked("remaining_life", given))
