"""Forecasts, anomalies and risks: what was found is shown with how far it can be trusted."""

import threading
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from app.jobs.asking import Asked, ask
from app.jobs.context import JobContext
from app.jobs.registry import kind
from app.jobs.running import endings
from app.jobs.running.claims import claim_next
from app.maintenance.orders import OrderDraft
from app.maintenance.working import open_order
from app.predict.anomaly.labels import labels
from app.predict.anomaly.live import live_detectors, switch_live
from app.predict.failure.models import models
from app.predict.failure.risks import newest_risks
from data.models import Job, Prediction, to_us
from tests.app.predict.conftest import HOUR, list_parameter, send
from tests.app.predict.test_failures import worn
from tests.app.predict.test_labels import signals
from tests.pages.conftest import texts


def press(page, key):
    page.button(key=key).click()
    page.run()
    assert not page.exception


@pytest.fixture
def run(gemba, acting):
    def done(name, **parameters):
        key = ask(acting(), Asked(name, parameters))
        claim = claim_next(gemba, "one")
        with acting().read() as session:
            kept = session.get_one(Job, claim.job_id).parameters
        context = JobContext(acting(), claim, kept, lambda share, stage: None, threading.Event())
        result = kind(claim.kind).run(context)
        endings.finish(gemba, claim, result, context.effects, next(iter(context.documents), ""))
        return key

    return done


@pytest.fixture
def power(gemba, acting, clock):
    list_parameter(acting(), "m1", "power_kw", "kW")
    start = to_us(clock.now - timedelta(days=6)) // HOUR * HOUR
    minutes = np.arange(6 * 24 * 60)
    values = np.where((minutes // 60) % 24 < 12, 20.0, 5.0) + 0.2 * np.sin(minutes / 700)
    send(gemba, clock, "m1", "power_kw", (start + minutes * 60_000_000).tolist(), values)


def test_a_forecast_shows_its_energy_its_models_and_that_it_is_no_better_than_naive(open_page, power, run):
    run("energy_forecast", method="seasonal_naive", history_days=6)
    page = open_page("forecasts")
    said = texts(page)
    assert "Does not beat the naive guess" in said
    assert "the price of a kWh" in said
    shown = {one.label: one.value for one in page.metric}
    assert 290 < int(shown["Energy to come"][:3]) < 310
    assert "Seasonal naive" in page.dataframe[0].value["Model"].tolist()


def test_the_dialog_offers_the_median_of_the_best_three_first(open_page, power):
    page = open_page("forecasts")
    press(page, "fo-new")
    assert page.selectbox(key="fo-method").value == "median"
    assert page.multiselect(key="fo-several").options == ["M1", "M2"]


def test_a_viewer_reads_forecasts_and_starts_none(open_page, power, run):
    run("energy_forecast", method="seasonal_naive", history_days=6)
    page = open_page("forecasts", "viewer")
    assert "New forecast" not in {one.label for one in page.button}
    assert page.dataframe


@pytest.fixture
def broken(gemba, acting, clock):
    """Thirty hours of two signals of m1 that move together until, for an hour, they do not."""
    signals(gemba, clock)


def test_an_anomaly_is_judged_on_its_page_and_taken_back(open_page, broken, run, acting):
    run("anomaly", machines=["m1"], days=0.25)
    page = open_page("anomalies")
    assert page.dataframe[0].value["Severity"].tolist() == ["high"]
    assert "M1, since" in "\n".join(one.value for one in page.subheader)
    press(page, "an-false")
    assert page.dataframe[0].value["Judged"].tolist() == ["false alarm"]
    assert [one.is_true for one in labels(acting())] == [False]
    press(page, "an-undo")
    assert page.dataframe[0].value["Judged"].tolist() == ["open"]
    assert labels(acting()) == []


def test_a_viewer_sees_anomalies_and_judges_none(open_page, broken, run):
    run("anomaly", machines=["m1"], days=0.25)
    page = open_page("anomalies", "viewer")
    assert page.dataframe[0].value["Machine"].tolist() == ["M1"]
    assert not {"A false alarm", "Start a scan"} & {one.label for one in page.button}


def test_a_plant_that_was_never_scanned_is_told_how_to_begin(open_page):
    assert "Nothing was scanned yet" in texts(open_page("anomalies"))


def test_a_machine_that_is_scored_live_is_listed_and_switched(open_page, broken, run, acting):
    run("live_scores", machines=["m1"], ended_days=0.25, normal_days=1)
    page = open_page("anomalies")
    shown = page.dataframe[-1].value
    assert shown["Machine"].tolist() == ["M1"]
    assert shown["Live"].tolist() == ["on, no score now"]
    press(page, "al-off")
    assert "rules that watch it know nothing meanwhile" in texts(page)
    [one] = live_detectors(acting())
    switch_live(acting(), one.id, one.version, is_on=False)
    page = open_page("anomalies")
    assert page.dataframe[-1].value["Live"].tolist() == ["off"]
    press(page, "al-on")
    assert [one.is_on for one in live_detectors(acting())] == [True]


def test_a_machine_that_has_changed_is_told_and_who_may_learns_it_anew(
    open_page, broken, run, acting, monkeypatch
):
    run("live_scores", machines=["m1"], ended_days=0.25, normal_days=1)
    since = to_us(acting().now) - 30 * HOUR
    monkeypatch.setattr("app.ui.predict.live_list.changed_since_us", lambda access, one: since)
    assert "nearly all the time since" in " ".join(
        one.value for one in open_page("anomalies", "viewer").warning
    )
    page = open_page("anomalies")
    [button] = [one for one in page.button if "anew" in one.label]
    press(page, button.key)
    with acting().read() as session:
        [asked] = session.scalars(select(Job).where(Job.state == "waiting"))
    assert asked.parameters["normal_start_us"] == since


def test_a_viewer_sees_live_scores_and_switches_none(open_page, broken, run):
    run("live_scores", machines=["m1"], ended_days=0.25, normal_days=1)
    page = open_page("anomalies", "viewer")
    assert page.dataframe[-1].value["Machine"].tolist() == ["M1"]
    assert not {"Score live", "Switch off"} & {one.label for one in page.button}


def test_a_risk_shows_its_reasons_and_its_model_is_promoted_and_retired(open_page, gemba, acting, clock, run):
    worn(gemba, acting(), clock)
    run("failure_prediction", machines=["m1"], method="boosting", horizon_h=6)
    page = open_page("failure_risk")
    assert page.dataframe[0].value["Machine"].tolist() == ["M1"]
    assert "chance of a failure of 30 min or more" in texts(page)
    page = open_page("models")
    assert "Model card" in texts(page)
    press(page, "mo-promote")
    assert [one.state for one in models(acting())] == ["promoted"]
    assert page.dataframe[0].value["State"].tolist() == ["promoted"]


def test_a_work_order_that_a_risk_stands_behind_is_shown_with_it(open_page, gemba, acting, clock, run):
    worn(gemba, acting(), clock)
    run("failure_prediction", machines=["m1"], method="boosting", horizon_h=6)
    [told] = newest_risks(acting())
    assert "Open a work order" in [one.label for one in open_page("failure_risk").button]
    assert "Open a work order" not in [one.label for one in open_page("failure_risk", "viewer").button]
    open_order(acting(), OrderDraft(told.machine, "Change the bearing", prediction_id=told.id))
    page = open_page("failure_risk")
    assert "Change the bearing (Open)" in texts(page)
    assert "Another work order" in [one.label for one in page.button]


def test_nothing_taught_yet_says_how_to_begin(open_page):
    assert "No risk was told yet" in texts(open_page("failure_risk"))
    assert "No model yet" in texts(open_page("models"))


def test_scores_stand_on_the_page_of_models_beside_those_of_the_naive_rule(open_page, acting, clock):
    now = to_us(clock.now)
    with acting().write() as session:
        session.add(
            Prediction(job_key="f", kind="forecast", machine_key="m1", model="theta", made_us=now - 2 * HOUR,
                       until_us=now - HOUR, matched_us=now, detail={"of": "energy"},
                       scores={"mase": 0.5, "naive_mase": 1.0, "coverage_80": 0.75})
        )  # fmt: skip
    [row] = open_page("models").dataframe[0].value.to_dict("records")
    assert (row["Model"], row["Machine"], row["Error"], row["Naive error"]) == ("Theta", "M1", 0.5, 1.0)
    assert row["80 % band held"] == 75


@pytest.fixture
def failing(gemba, acting, clock):
    return worn(gemba, acting(), clock)


def test_the_risk_page_shows_the_remaining_life_with_its_band_and_what_others_lack(open_page, failing, run):
    run("remaining_life")
    page = open_page("failure_risk")
    tables = [one.value for one in page.dataframe]
    lives = next(table for table in tables if "Left (h)" in table.columns)
    assert lives["Machine"].tolist() == ["M1"]
    assert (lives["At least (h)"] <= lives["Left (h)"]).all()
    assert "until a failure of 30 min or more, between" in texts(page)
    missing = next(table for table in tables if "Missing" in table.columns)
    assert missing["Machine"].tolist() == ["M2"]
    assert "At least 4 runs" in missing["Missing"][0]


def test_without_a_told_life_the_page_says_how_to_begin(open_page):
    said = texts(open_page("failure_risk"))
    assert "*Teach lives* learns from the hours between a repair and the next failure" in said
