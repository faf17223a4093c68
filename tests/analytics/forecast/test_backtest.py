import numpy as np
import pandas as pd
import pytest

from analytics import forecast
from analytics.errors import InvalidInput
from analytics.forecast.axis import taken
from analytics.forecast.members import SINGLE, task
from analytics.forecast.naive import SeasonalNaive
from analytics.forecast.profile import weighted_median
from analytics.forecast.theta import Theta
from analytics.forecast.trials import trials
from tests.analytics.forecast.loads import load

LOAD = load(40)


def test_the_seasonal_naive_repeats_the_last_season_that_has_passed():
    values = np.arange(10.0)
    told = SeasonalNaive(3).predict(values, np.array([6, 10]), 5)
    assert told.tolist() == [[3, 4, 5, 3, 4], [7, 8, 9, 7, 8]]
    assert SeasonalNaive(1).predict(values, np.array([4]), 3).tolist() == [[3, 3, 3]]


def test_half_of_the_weight_makes_the_median():
    values = np.array([[1.0, 5.0], [2.0, 1.0], [10.0, 3.0]])
    assert weighted_median(values, np.ones((3, 2))).tolist() == [2.0, 3.0]
    assert weighted_median(values, np.array([[1.0, 0.0], [1.0, 1.0], [5.0, 1.0]])).tolist() == [10.0, 2.0]


def test_theta_continues_a_line_with_half_of_its_slope_from_the_smoothed_end():
    told = Theta(1).predict(np.arange(-50.0, 50.0), np.array([100]), 3)
    np.testing.assert_allclose(told[0], [49.5, 50.0, 50.5])


def test_theta_repeats_a_season_exactly():
    values = np.tile([1.0, 5.0, -3.0, 2.0], 20)
    told = Theta(4).predict(values, np.array([80]), 8)
    np.testing.assert_allclose(told[0], np.tile([1.0, 5.0, -3.0, 2.0], 2), atol=0.2)


def test_the_backtest_agrees_with_its_definition():
    found = forecast.backtest(LOAD, 24, methods=("seasonal_naive",))
    values = LOAD.to_numpy()
    origins = range(len(values) - 24, int(np.ceil(len(values) * 0.6)) - 1, -24)
    errors = [np.abs(values[at : at + 24] - values[at - 168 : at - 144]) for at in origins]
    assert found.loc["seasonal_naive", "mae"] == pytest.approx(np.mean(errors))
    before = values[: origins[-1]]
    scale = np.abs(before[168:] - before[:-168]).mean()
    assert found.loc["seasonal_naive", "mase"] == pytest.approx(np.mean(errors) / scale)
    assert (found["origins"] == len(origins)).all()


def test_the_ranking_has_the_best_first_and_the_median_among_them():
    found = forecast.backtest(LOAD, 24)
    assert found["mae"].is_monotonic_increasing
    assert set(found.index) == {"median", *SINGLE}
    assert (found["beats_naive"] == (found["mase"] < found.loc["seasonal_naive", "mase"])).all()


@pytest.mark.parametrize("method", SINGLE[:-1])
def test_the_future_never_changes_what_was_told_before_it(method):
    plain = task(taken(LOAD, 24), None, -np.inf)
    tested = trials(plain, (method,))
    at = int(tested.origins[5])
    changed = LOAD.copy()
    changed.iloc[at:] = 1000 + 7 * np.arange(len(LOAD) - at) % 13
    other = trials(task(taken(changed, 24), None, -np.inf), (method,))
    assert (other.told[method][:6] == tested.told[method][:6]).all()


def test_what_is_missing_is_not_scored():
    holed = LOAD.copy()
    holed.iloc[800:820] = np.nan
    plain = task(taken(holed, 24), None, None)
    found = trials(plain, ())
    at = found.origins[:, None] + np.arange(24)
    assert (np.isnan(found.actual) == ((at >= 800) & (at < 820))).all()


def test_a_walk_without_any_pattern_is_said_not_to_beat_the_naive_guess_by_much():
    steps = np.random.default_rng(5).normal(size=1500).cumsum()
    walk = pd.Series(steps, index=pd.date_range("2025-01-06", periods=1500, freq="1h"))
    told = forecast.forecast(walk, 24)
    assert told.attrs["season"] == 1
    assert told.attrs["mase"] > 0.9 * told.attrs["naive_mase"]
    assert ("does not beat" in told.attrs["told"]) == (not told.attrs["beats_naive"])


def test_a_history_too_short_for_an_origin_is_refused_and_forecast_roughly():
    short = LOAD.iloc[:3]
    with pytest.raises(InvalidInput, match="too short"):
        forecast.backtest(short, 2)
    told = forecast.forecast(short, 4)
    assert (told["yhat"] == short.iloc[-1]).all()
    assert told.attrs["beats_naive"] is None
    widths = told["upper_80"] - told["yhat"]
    assert widths.is_monotonic_increasing
    assert widths.iloc[0] > 0
