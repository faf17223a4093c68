import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from analytics import forecast
from analytics.errors import InvalidInput
from tests.analytics.forecast.loads import load

LOAD = load(60)


def series(values, begin="2025-01-06", freq="1h", tz=None):
    return pd.Series(values, index=pd.date_range(begin, periods=len(values), freq=freq, tz=tz))


def sound(told, horizon):
    assert len(told) == horizon
    assert np.isfinite(told.to_numpy()).all()
    assert list(told.columns) == ["yhat", "lower_80", "upper_80", "lower_95", "upper_95"]
    ordered = told[["lower_95", "lower_80", "yhat", "upper_80", "upper_95"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()
    assert told.index.is_monotonic_increasing
    assert told.index.is_unique


def test_a_forecast_follows_the_shape_of_the_week_and_beats_the_naive_guess():
    whole = load(67)
    told = forecast.forecast(whole.iloc[: 60 * 24], 168)
    sound(told, 168)
    assert told.index.equals(whole.index[60 * 24 :])
    assert (told["yhat"] - whole.iloc[60 * 24 :]).abs().mean() < 2.4
    assert told.attrs["beats_naive"]
    assert told.attrs["mase"] < told.attrs["naive_mase"]
    assert len(told.attrs["models"]) == 3
    assert list(told.attrs["ranking"].values()) == sorted(told.attrs["ranking"].values())
    assert told.attrs["ranking"]["median"] == told.attrs["mase"]
    assert told.attrs["told"].endswith("beats it.")


def test_the_same_history_gives_the_same_bits_and_is_left_as_it_was():
    given = LOAD.copy()
    first, second = forecast.forecast(given, 48), forecast.forecast(given, 48)
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert first.attrs == second.attrs
    pd.testing.assert_series_equal(given, LOAD)


def test_importing_forecasts_loads_no_heavy_library():
    code = (
        "import sys, analytics.forecast; "
        "sys.exit(any(n in sys.modules for n in ('prophet', 'sklearn', 'holidays', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("method", ["prophet", "profile", "seasonal_naive", "boosting", "theta"])
def test_each_model_is_there_by_name(method):
    told = forecast.forecast(LOAD, 24, method=method)
    sound(told, 24)
    assert told.attrs["models"] == [method]
    shape = told["yhat"].to_numpy()
    assert shape[11] > shape[2] + 15


@pytest.mark.parametrize(
    ("history", "horizon"),
    [
        (series([7.0] * 300), 48),
        (series([0.0] * 300), 48),
        (series(np.arange(300.0)), 400),
        (series([1.0, 2.0, 4.0]), 5),
        (series([1.0, 2.0, 3.0, 5.0, 4.0]), 20),
        (series(np.random.default_rng(1).normal(size=10) - 50), 20),
        (series(np.random.default_rng(1).poisson(3, 200), freq="D"), 30),
        (series(np.random.default_rng(1).normal(size=150).cumsum(), freq="W"), 60),
        (series(np.arange(60) + 10 * np.sin(np.arange(60) / 12 * 6.283), "2018-01-31", "ME"), 14),
        (series(np.arange(20.0) ** 2, "2018-01-01", "QS"), 6),
        (LOAD.where(np.random.default_rng(3).random(len(LOAD)) > 0.3), 24),
        (LOAD.iloc[:60], 48),
        (pd.concat([LOAD.iloc[:400], LOAD.iloc[900:]]), 24),
        (series(np.sin(np.arange(600) / 37 * 6.283), freq="7s"), 50),
        (LOAD > 40, 24),
        (LOAD.astype("Float64"), 24),
        (LOAD * 1e12, 24),
    ],
)
def test_every_sensible_series_has_a_forecast(history, horizon):
    told = forecast.forecast(history, horizon)
    sound(told, horizon)
    step = (history.index[1:] - history.index[:-1]).to_series().median()
    assert abs(told.index[0] - history.index[-1] - step) <= pd.Timedelta(days=2)
    assert step / pd.Timedelta(days=25) > 1 or (told.index[1:] - told.index[:-1] == step).all()


def test_a_constant_goes_on_without_doubt_and_a_line_goes_on_rising():
    told = forecast.forecast(series([7.0] * 300), 48)
    assert (told == 7.0).all().all()
    line = forecast.forecast(series(np.arange(400.0)), 24)
    assert line["yhat"].iloc[-1] == pytest.approx(423, abs=8)


def test_a_month_keeps_its_day():
    told = forecast.forecast(series(np.arange(30.0), "2022-01-31", "ME"), 2)
    assert [str(stamp.date()) for stamp in told.index] == ["2024-07-31", "2024-08-31"]


@pytest.mark.parametrize(
    ("begin", "hours"), [("2025-03-24 00:00", 23), ("2025-10-20 00:00", 25)], ids=["spring", "autumn"]
)
def test_the_shape_of_a_day_stays_on_the_clock_when_the_clocks_change(begin, hours):
    change = pd.Timestamp(begin, tz="Europe/Berlin")
    index = pd.date_range(change - pd.Timedelta(days=42), change, freq="1h", inclusive="left")
    history = pd.Series(np.where(index.hour == 8, 50.0, 10.0), index=index)
    told = forecast.forecast(history, 24 * 10)
    assert (told.index[1:] - told.index[:-1] == pd.Timedelta(hours=1)).all()
    assert str(told.index.tz) == "Europe/Berlin"
    assert set(told.index[told["yhat"] > 40].hour) == {8}
    assert (told.groupby(told.index.date).size() == hours).sum() == 1


def test_days_with_a_zone_stay_at_midnight_when_the_clocks_change():
    history = series(np.arange(60.0), "2025-01-20", "D", "Europe/Berlin")
    told = forecast.forecast(history, 20)
    assert (told.index.hour == 0).all()
    assert len(set(told.index.date)) == 20


def test_a_zone_changes_nothing_where_no_clock_changes():
    naive = forecast.forecast(LOAD, 24, method="profile")
    aware = forecast.forecast(LOAD.tz_localize("Asia/Tokyo"), 24, method="profile")
    assert (naive.to_numpy() == aware.to_numpy()).all()


def test_a_plant_that_rests_on_holidays_is_told_to_rest_on_the_next():
    history = load(118, begin="2025-01-06")
    is_free = np.isin(history.index.date, [pd.Timestamp(day).date() for day in ("2025-04-18", "2025-04-21")])
    history[is_free] = 20.0 + 0.1 * np.arange(is_free.sum()) % 1
    assert str(history.index[-1].date()) == "2025-05-03"
    upto = history[:"2025-04-30"]
    plain = forecast.forecast(upto, 24, method="profile")
    german = forecast.forecast(upto, 24, "DE", method="profile")
    assert plain["yhat"].iloc[11] > 50
    assert german["yhat"].iloc[11] < 30


def test_a_plant_that_works_on_holidays_is_told_to_work_on_the_next():
    upto = load(118)[:"2025-04-30"]
    assert forecast.forecast(upto, 24, "DE", method="profile")["yhat"].iloc[11] > 50


def test_nothing_is_told_below_the_floor():
    history = LOAD - 19
    history = history.clip(lower=0)
    assert forecast.forecast(history, 48, method="profile")["lower_95"].min() >= 0
    assert forecast.forecast(history - 5, 48, method="profile")["lower_95"].min() < 0
    assert forecast.forecast(history, 48, floor=3.0, method="profile")["yhat"].min() >= 3
    assert forecast.forecast(history, 48, floor=-np.inf, method="profile")["lower_95"].min() < 0


def test_a_forecast_scales_with_its_unit():
    small, large = forecast.forecast(LOAD, 24), forecast.forecast(LOAD * 1024, 24)
    np.testing.assert_allclose(large.to_numpy(), small.to_numpy() * 1024, rtol=1e-3)


def test_repeats_disorder_and_jitter_change_little():
    told = forecast.forecast(LOAD, 24, method="profile")
    mixed = pd.concat([LOAD.iloc[:200] * np.nan, LOAD.sample(frac=1, random_state=2)])
    assert (forecast.forecast(mixed, 24, method="profile").to_numpy() == told.to_numpy()).all()
    off = pd.to_timedelta(np.random.default_rng(1).uniform(-60, 60, len(LOAD)), unit="s")
    jittered = forecast.forecast(LOAD.set_axis(LOAD.index + off), 24, method="profile")
    assert jittered.index.equals(told.index)
    np.testing.assert_allclose(jittered["yhat"], told["yhat"])


def test_values_that_are_missing_at_the_end_are_told_over_as_well():
    missing = LOAD.copy()
    missing.iloc[-10:] = np.nan
    told = forecast.forecast(missing, 24, method="profile")
    assert told.index.equals(forecast.forecast(LOAD, 24, method="profile").index)
    assert told["yhat"].iloc[11] > 40


def test_numbers_and_periods_stay_what_they_are():
    by_number = forecast.forecast(LOAD.reset_index(drop=True), 24, method="profile")
    assert by_number.index.tolist() == list(range(1440, 1464))
    by_period = forecast.forecast(LOAD.to_period("h"), 24, method="profile")
    assert isinstance(by_period.index, pd.PeriodIndex)
    assert by_period["yhat"].tolist() == forecast.forecast(LOAD, 24, method="profile")["yhat"].tolist()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("horizon", [24, 168])
def test_intervals_hold_the_share_that_they_promise(seed, horizon):
    whole = load(190, seed)
    inside = {80: [], 95: []}
    for origin in range(100 * 24, len(whole) - horizon, 9 * 24):
        told = forecast.forecast(whole.iloc[:origin], horizon, method="profile")
        came = whole.iloc[origin : origin + horizon]
        for level, found in inside.items():
            found.append(((came >= told[f"lower_{level}"]) & (came <= told[f"upper_{level}"])).mean())
    assert np.mean(inside[80]) == pytest.approx(0.80, abs=0.06)
    assert np.mean(inside[95]) == pytest.approx(0.95, abs=0.04)


def test_other_levels_have_their_columns():
    told = forecast.forecast(LOAD, 3, levels=(0.5, 0.975), method="theta")
    assert list(told.columns) == ["yhat", "lower_50", "upper_50", "lower_97.5", "upper_97.5"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"history": LOAD.to_frame()}, "Pass a Series"),
        ({"history": LOAD.iloc[:2]}, "At least 3 values"),
        ({"history": LOAD * np.nan}, "At least 3 values"),
        ({"history": LOAD.iloc[:0]}, "At least 3 values"),
        ({"history": LOAD.astype(str) + "x"}, "not numbers"),
        ({"history": LOAD.set_axis(["a"] * len(LOAD))}, "must hold times"),
        ({"history": LOAD.set_axis([pd.NaT, *LOAD.index[1:]])}, "no time"),
        ({"history": pd.concat([LOAD.iloc[:10], LOAD.iloc[-1:]]).iloc[[0, 1, 2, 10]]}, "too irregularly"),
        ({"horizon": 0}, "whole number"),
        ({"horizon": 1.5}, "whole number"),
        ({"levels": (0.8, 1.0)}, "between 0 and 1"),
        ({"method": "magic"}, "no method 'magic'"),
        ({"country": "XX"}, "holidays of 'XX'"),
        ({"floor": float("nan")}, "floor"),
    ],
)
def test_what_cannot_be_forecast_is_refused(given, said):
    with pytest.raises(InvalidInput, match=said):
        forecast.forecast(**{"history": LOAD, "horizon": 24} | given)
