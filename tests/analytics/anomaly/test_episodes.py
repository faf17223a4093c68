import numpy as np
import pandas as pd

from analytics import anomaly

INDEX = pd.date_range("2025-03-03", periods=8, freq="1h", tz="UTC")
SCORED = pd.DataFrame(
    {
        "score": [0.5, 2.0, 3.0, 0.4, 1.5, 0.2, 0.2, 4.0],
        "is_anomaly": [False, True, True, False, True, False, False, True],
        "contribution_a": [0.5, 0.5, 1.0, 0.4, 0.5, 0.2, 0.2, 4.0],
        "contribution_b": [0.0, 1.5, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0],
    },
    index=INDEX,
)


def test_rows_within_the_cool_down_are_one_episode():
    found = anomaly.episodes(SCORED, cool_down=pd.Timedelta(hours=3))
    assert found["start"].tolist() == [INDEX[1], INDEX[7]]
    assert found["end"].tolist() == [INDEX[4], INDEX[7]]
    assert found["peak"].tolist() == [3.0, 4.0]
    assert found["peak_at"].tolist() == [INDEX[2], INDEX[7]]
    assert found["rows"].tolist() == [3, 1]
    assert found["parameters"].tolist() == [("b", "a"), ("a",)]


def test_a_day_of_cool_down_makes_one_and_none_makes_runs():
    assert len(anomaly.episodes(SCORED)) == 1
    assert len(anomaly.episodes(SCORED.iloc[::-1], cool_down=pd.Timedelta(hours=2))) == 3


def test_without_anomalies_there_is_no_episode():
    assert anomaly.episodes(SCORED.iloc[:1]).empty


def test_a_machine_that_stays_different_has_changed():
    hours = pd.date_range("2025-03-03", periods=60, freq="1h", tz="UTC")
    stays = pd.DataFrame({"score": 2.0, "is_anomaly": [False] * 20 + [True] * 40}, index=hours)
    assert anomaly.has_changed(stays)
    assert not anomaly.has_changed(stays.iloc[:30])
    assert not anomaly.has_changed(stays.iloc[20:30])


def test_a_change_is_dated_to_its_first_row_whatever_came_before():
    hours = pd.date_range("2025-03-03", periods=200, freq="1h", tz="UTC")
    is_anomaly = np.zeros(200, bool)
    is_anomaly[[10, 11, 40]] = True
    is_anomaly[120:] = True
    is_anomaly[[130, 150]] = False
    scored = pd.DataFrame({"is_anomaly": is_anomaly}, index=hours)
    assert anomaly.changed_since(scored) == hours[120]
    assert anomaly.changed_since(scored.iloc[:130]) is None, "less than a day"
    assert anomaly.changed_since(scored.iloc[100:]) == hours[120]
    assert anomaly.changed_since(scored.iloc[125:]) == hours[125]


def test_a_new_baseline_keeps_method_and_budget_and_knows_the_new_normal():
    from tests.analytics.anomaly.plants import machine

    detector = anomaly.fit(machine(600), "ewma", false_alarms_per_week=0.5)
    changed = machine(900, seed=6) + 40
    assert detector.score(changed)["is_anomaly"].iloc[:300].mean() > 0.9
    again = anomaly.rebaselined(detector, changed.iloc[:600])
    assert (again.method, again.false_alarms_per_week) == ("ewma", 0.5)
    assert again.score(changed.iloc[600:])["is_anomaly"].mean() < 0.05
