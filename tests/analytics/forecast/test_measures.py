import numpy as np
import pandas as pd
import pytest

from analytics import forecast
from analytics.errors import InvalidInput

INDEX = pd.date_range("2025-03-03", periods=4, freq="15min")
POWER = pd.Series([40.0, 80.0, 120.0, 40.0], index=INDEX)


def test_mase_is_the_error_over_the_error_of_the_seasonal_naive_guess():
    history = pd.Series([1.0, 10.0, 3.0, 14.0])
    told = forecast.mase(pd.Series([5.0, 5.0]), pd.Series([8.0, 5.0]), history, season=2)
    assert told == pytest.approx(1.5 / 3)
    still = pd.Series([1.0, 1.0, 1.0])
    assert forecast.mase(still, still, still) == 0.0
    assert forecast.mase(still, still + 1, still) == np.inf
    with pytest.raises(InvalidInput, match="longer than the season"):
        forecast.mase(still, still, still, season=3)


def test_energy_and_power_are_each_other_over_the_interval():
    energy = forecast.energy_kwh(POWER)
    assert energy.tolist() == [10.0, 20.0, 30.0, 10.0]
    assert forecast.power_kw(energy).tolist() == POWER.tolist()


def test_the_peak_is_that_of_the_window_asked_for():
    assert forecast.peak_demand(POWER) == forecast.Peak(INDEX[2], 120.0)
    assert forecast.peak_demand(POWER, "30min") == forecast.Peak(INDEX[0] + pd.Timedelta("30min"), 80.0)
    with pytest.raises(InvalidInput, match="no power"):
        forecast.peak_demand(POWER * np.nan)


def test_money_is_energy_at_its_price_and_peak_at_its_own():
    energy = forecast.energy_kwh(POWER)
    assert forecast.cost(energy, 0.2) == pytest.approx(14.0)
    tariff = pd.Series([0.1, 0.1, 0.3, 0.3], index=INDEX)
    assert forecast.cost(energy, tariff) == pytest.approx(1 + 2 + 9 + 3)
    assert forecast.cost(energy, 0.2, price_per_kw=10) == pytest.approx(14.0 + 1200)


def test_energy_of_one_value_is_refused():
    with pytest.raises(InvalidInput, match="two intervals"):
        forecast.energy_kwh(POWER.iloc[:1])
