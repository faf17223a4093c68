"""Forecasts as jobs: tested before they are told, kept, and in money."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from analytics.errors import GembaError
from app.jobs.asking import Asked, ask
from app.predict.forecasts import forecast_body, forecasts
from app.production.plant import plant
from app.production.records import entry as records
from app.production.terms.rates import Rates, save_rates
from data.models import AuditEntry, to_us
from tests.app.predict.conftest import HOUR, list_parameter, send

DAYS = 8


@pytest.fixture
def power(gemba, north, clock):
    """Eight days of power of m1, a reading a minute: 20 kW by day, 5 kW by night."""
    list_parameter(north, "m1", "power_kw", "kW")
    start = to_us(clock.now - timedelta(days=DAYS)) // HOUR * HOUR
    minutes = np.arange(DAYS * 24 * 60)
    values = np.where((minutes // 60) % 24 < 12, 20.0, 5.0) + 0.2 * np.sin(minutes / 700)
    send(gemba, clock, "m1", "power_kw", (start + minutes * 60_000_000).tolist(), values)
    return values


def test_energy_is_told_in_kwh_money_and_peak_and_kept(gemba, north, power, run):
    save_rates(north, Rates(energy_price=0.25))
    told = run("energy_forecast", horizon_h=24, method="seasonal_naive", history_days=DAYS)
    assert told["unit"] == "kWh"
    assert told["steps"] == 24
    assert told["energy_kwh"] == pytest.approx(12 * 20 + 12 * 5, rel=0.02)
    assert told["cost"] == pytest.approx(told["energy_kwh"] * 0.25)
    assert told["peak_kw"] == pytest.approx(20, rel=0.02)
    points = told["points"]
    assert len(points["time_us"]) == len(points["yhat"]) == len(points["lower_80"]) == 24
    assert told["start_us"] == to_us(north.now)
    [one] = forecasts(north)
    assert (one.target, one.machines, one.total) == ("energy", (), told["energy_kwh"])
    body = forecast_body(north, one)
    assert body["points"] == points
    assert len(body["past"]["value"]) == DAYS * 24
    with north.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "forecast.run")).one()
    assert '"what":"energy"' in entry.body


def test_a_forecast_that_does_not_beat_the_naive_guess_says_so(power, run):
    told = run("energy_forecast", method="seasonal_naive", history_days=DAYS)
    assert told["beats_naive"] is False
    assert told["mase"] == told["naive_mase"] > 0
    assert "does not beat" in told["told"]
    assert told["ranking"][0]["model"] in {"seasonal_naive", "median"}


def test_a_parameter_of_a_machine_is_forecast_in_its_unit(north, power, run):
    told = run("forecast", machines=["m1"], parameter="power_kw", method="seasonal_naive", history_days=DAYS)
    assert (told["unit"], told["name"], told["machines"]) == ("kW", "power_kw", ["m1"])
    assert max(told["points"]["yhat"]) == pytest.approx(20, rel=0.02)
    assert "energy_kwh" not in told


def test_an_hour_of_which_little_is_known_is_missing_and_not_small(gemba, north, clock, run):
    list_parameter(north, "m1", "power_kw", "kW")
    start = to_us(clock.now - timedelta(days=DAYS)) // HOUR * HOUR
    minutes = np.arange(DAYS * 24 * 60)
    minutes = minutes[(minutes < 6_000) | (minutes > 6_110)]
    send(gemba, clock, "m1", "power_kw", (start + minutes * 60_000_000).tolist(), np.full(len(minutes), 10.0))
    told = run("energy_forecast", machines=["m1"], method="seasonal_naive", history_days=DAYS)
    assert told["history_values"] == DAYS * 24 - 2
    assert told["energy_kwh"] == pytest.approx(240, rel=0.02)


def test_the_reference_names_of_a_range_and_of_devices_are_the_history(gemba, north, clock, power, run):
    number = plant(north).machine_by_key["m1"].id
    end = to_us(clock.now - timedelta(days=1))
    told = run("energy_forecast", device_ids=[number], start_us=end - 6 * 24 * HOUR, end_us=end,
               method="seasonal_naive")  # fmt: skip
    assert told["machines"] == ["m1"]
    assert told["start_us"] == end


@pytest.mark.parametrize(
    ("kind", "given"),
    [("energy_forecast", {"machines": ["m9"]}), ("energy_forecast", {"method": "magic"}),
     ("energy_forecast", {"step_s": 1_000}), ("energy_forecast", {"horizon_h": 0}),
     ("energy_forecast", {"kpi": "oee"}), ("energy_forecast", {"start_us": 5}),
     ("energy_forecast", {"step_s": 900, "horizon_h": 1_000}),
     ("forecast", {}), ("forecast", {"kpi": "luck"}), ("forecast", {"kpi": "oee", "step_s": 3_600}),
     ("forecast", {"parameter": "speed"}), ("forecast", {"parameter": "speed", "machines": ["m1", "m2"]}),
     ("forecast", {"parameter": 5, "machines": ["m1"]})],
)  # fmt: skip
def test_what_cannot_be_forecast_is_refused_when_it_is_asked_for(north, kind, given):
    with pytest.raises(GembaError):
        ask(north, Asked(kind, given))


def test_a_plant_without_power_is_told_what_is_missing(run):
    with pytest.raises(GembaError, match="power"):
        run("energy_forecast")


def test_who_sees_no_plant_sees_no_forecast(acting):
    from dataclasses import replace

    from app.bootstrap import Access

    who = acting("viewer")
    bare = Access(who.gemba, replace(who.principal, permissions=frozenset()))
    with pytest.raises(GembaError):
        forecasts(bare)


def test_a_kpi_is_forecast_by_production_days_in_per_cent(north, clock, run):
    machine = plant(north).machine_by_key["m1"].id
    for day in range(1, 13):
        end = clock.now - timedelta(days=day)
        begin = end - timedelta(hours=5)
        good = 10_000 + 100 * (day % 3)
        draft = records.RecordDraft(machine, begin, end, 5 * 3600, 4 * 3600, 3600, 12_000, good)
        records.enter(north, draft)
    told = run("forecast", kpi="availability", horizon_h=72, history_days=12, method="seasonal_naive")
    assert (told["unit"], told["steps"], told["step_s"]) == ("%", 3, 86_400)
    assert told["points"]["yhat"] == pytest.approx([80.0] * 3)
    assert told["history_values"] >= 10
