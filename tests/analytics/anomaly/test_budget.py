import numpy as np
import pandas as pd
import pytest

from analytics import anomaly
from analytics.anomaly.limits import limit
from tests.analytics.anomaly.plants import machine

WEEKS = 8


@pytest.mark.parametrize(("rows", "every"), [(1000, "5min"), (4000, "1min"), (12_000, "1min")])
def test_normal_data_keep_the_budget_of_false_alarms(rows, every):
    everything = machine(rows + 16_000, seed=21, channels=3, every=every)
    scored = anomaly.fit(everything.iloc[:rows]).score(everything.iloc[rows:])
    weeks = (scored.index[-1] - scored.index[0]) / pd.Timedelta(weeks=1)
    found = anomaly.episodes(scored, cool_down=pd.Timedelta(hours=6))
    assert len(found) <= 2 + 2 * weeks


def test_a_larger_budget_lowers_the_limit_and_never_loses_an_alarm():
    normal, live = machine(800), machine(400, seed=3)
    live.iloc[200:300] += 12
    few, many = (anomaly.fit(normal, false_alarms_per_week=budget) for budget in (0.1, 20))
    assert many.limit < few.limit
    assert (many.score(live)["is_anomaly"] | ~few.score(live)["is_anomaly"]).all()


@pytest.mark.parametrize(("rows", "every"), [(400, "1s"), (400, "1min"), (1000, "1min")])
def test_short_normal_data_promise_no_fewer_episodes_than_they_can_show(rows, every):
    everything = machine(rows + 12_000, seed=21, channels=3, every=every)
    detector = anomaly.fit(everything.iloc[:rows])
    scored = detector.score(everything.iloc[rows:])
    found = anomaly.episodes(scored, cool_down=rows * pd.Timedelta(every) / 10)
    assert len(found) <= 2 + 2 * 12_000 / (3 * rows)
    stricter = anomaly.fit(everything.iloc[:rows], false_alarms_per_week=0.001)
    assert stricter.limit == detector.limit


def test_a_limit_is_extrapolated_to_three_times_the_length_of_the_data_and_no_further():
    ratio = np.abs(np.random.default_rng(3).normal(size=5000))
    in_reach, at_reach, beyond = (limit(ratio, 1.0, budget, 10) for budget in (0.9, 1 / 3, 1e-6))
    assert in_reach < at_reach
    assert at_reach == beyond
