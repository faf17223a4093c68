import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import anomaly, failure, forecast
from app.benchmark.analytics import ai4i, alarms, nab, nab_score, steel

NAMED = os.environ.get("GEMBA_PUBLIC_DATA", "")
INDEX = pd.date_range("2025-01-01", periods=4000, freq="5min")
WINDOWS = [(INDEX[1000], INDEX[1199]), (INDEX[3000], INDEX[3199])]

public_data = [
    pytest.mark.public_data,
    pytest.mark.skipif(not Path(NAMED).is_dir() or not NAMED, reason="set GEMBA_PUBLIC_DATA"),
]


def test_the_raw_score_is_that_of_the_paper():
    assert nab_score([], INDEX, WINDOWS) == (-2.0, 0, 0)
    assert nab_score([1000, 3000], INDEX, WINDOWS) == (2.0, 2, 0)
    score, hits, false = nab_score([900, 1000, 1050], INDEX, WINDOWS)
    assert (hits, false) == (1, 1)
    assert score == pytest.approx(-0.11 + 1 - 1)
    late, _, _ = nab_score([1199], INDEX, WINDOWS)
    assert -1 < late < -0.9


def test_an_alarm_is_raised_once_a_day_and_not_in_the_probation():
    assert alarms(np.ones(len(INDEX), dtype=bool), INDEX) == list(range(750, 4000, 288))


@pytest.mark.parametrize("_", [pytest.param(0, marks=public_data)])
def test_machine_temperature_scores_two_of_four_with_ten_false_alarms_at_most(_):
    series, windows = nab(Path(NAMED))
    detected = anomaly.fit(series.iloc[:750]).score(series)["is_anomaly"].to_numpy()
    score, _, false = nab_score(alarms(detected, series.index), series.index, windows)
    assert score >= 2.0
    assert false <= 10


@pytest.mark.parametrize("_", [pytest.param(0, marks=public_data)])
def test_milling_failures_are_found_without_a_leak_and_labels_are_refused(_):
    features, failed = ai4i(Path(NAMED))
    seen = np.arange(len(features)) % 5 != 0
    model = failure.fit(features[seen], failed[seen])
    called, truth = model.predict(features[~seen]), failed[~seen].to_numpy() == 1
    assert 0.8 <= 2 * (called & truth).sum() / (called.sum() + truth.sum()) <= 0.95
    assert model.quality.average_precision >= 0.85
    assert model.features.left_out == ("UDI", "Product ID")


@pytest.mark.parametrize(
    ("horizon", "most"),
    [pytest.param(96, 0.62, marks=public_data), pytest.param(672, 0.60, marks=public_data)],
)
def test_the_load_of_a_steel_plant_is_told_better_than_by_copying_last_week(horizon, most):
    load = steel(Path(NAMED))
    values = load.to_numpy()
    begin = len(values) - 56 * 96
    scale = np.abs(values[96:begin] - values[: begin - 96]).mean()
    ours, copied = [], []
    for at in range(begin, len(values) - horizon + 1, 9 * 96):
        told = forecast.forecast(load.iloc[:at], horizon)["yhat"].to_numpy()
        ours.append(np.abs(told - values[at : at + horizon]).mean())
        copied.append(np.abs(values[at - 672 : at - 672 + horizon] - values[at : at + horizon]).mean())
    assert np.mean(ours) / scale <= most
    assert np.mean(ours) < 0.85 * np.mean(copied)


@pytest.mark.parametrize("_", [pytest.param(0, marks=public_data)])
def test_the_stamps_of_the_steel_plant_are_the_beginnings_of_their_quarter_hours(_):
    load = steel(Path(NAMED))
    assert str(load.index[0]) == "2018-01-01 00:00:00"
    assert (load.index[1:] - load.index[:-1] == pd.Timedelta(minutes=15)).all()
