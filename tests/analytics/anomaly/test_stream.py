"""Scores of rows as they come: the same as over the whole, kept and brought back, silent where not known."""

import numpy as np
import orjson
import pandas as pd
import pytest

from analytics import anomaly


def signals(rows: int, seed: int = 3, step: str = "1min") -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    speed = 1_000 + 50 * np.sin(np.arange(rows) / 40) + chance.normal(0, 2, rows)
    index = pd.date_range("2026-03-01", periods=rows, freq=step, tz="UTC")
    return pd.DataFrame({"speed": speed, "load": 0.1 * speed + chance.normal(0, 0.2, rows)}, index=index)


@pytest.fixture(scope="module")
def detector() -> anomaly.Detector:
    return anomaly.fit(signals(2_000))


def test_a_stream_that_is_cut_kept_and_restored_scores_as_one_that_is_not(
    detector: anomaly.Detector,
) -> None:
    frame = signals(400, seed=5)
    frame.iloc[200:230] = np.nan
    frame = frame.dropna(how="all")
    whole, _ = anomaly.live_scores(detector, anomaly.fresh_memory(detector), frame)
    memory, parts = anomaly.fresh_memory(detector), []
    for begin, end in ((0, 1), (1, 1), (1, 199), (199, 201), (201, 370)):
        part, after = anomaly.live_scores(detector, memory, frame.iloc[begin:end])
        memory = anomaly.Memory.from_json(orjson.loads(orjson.dumps(after.as_json())))
        parts.append(part)
    pd.testing.assert_frame_equal(pd.concat(parts), whole, check_exact=True)
    pd.testing.assert_frame_equal(whole.drop(columns="is_sure"), detector.score(frame), check_exact=True)


def test_there_is_no_sure_score_before_a_window_is_full_and_after_a_silence(
    detector: anomaly.Detector,
) -> None:
    lags = detector.plan.lags
    frame = signals(200, seed=5)
    frame = frame.drop(frame.index[100:160])
    scored, memory = anomaly.live_scores(detector, anomaly.fresh_memory(detector), frame)
    sure = scored["is_sure"].to_numpy()
    assert not sure[: lags - 1].any()
    assert sure[lags - 1 : 100].all()
    assert not sure[100 : 100 + lags - 1].any()
    assert sure[100 + lags - 1 :].all()
    assert memory.rows == 40


def test_a_row_that_measured_less_than_half_of_the_channels_is_not_judged() -> None:
    wide = signals(1_000)
    wide["third"] = wide["load"] * 2 + np.random.default_rng(1).normal(0, 0.1, len(wide))
    detector = anomaly.fit(wide)
    frame = wide.iloc[:100].copy()
    frame.iloc[60, :2] = np.nan
    frame.iloc[70, 0] = np.nan
    scored, _ = anomaly.live_scores(detector, anomaly.fresh_memory(detector), frame)
    assert not scored["is_sure"].iloc[60]
    assert scored["is_sure"].iloc[70]


@pytest.mark.parametrize("method", ["isolation_forest", "robust_z", "ewma"])
def test_every_method_streams(method: anomaly.fitting.Method) -> None:
    detector = anomaly.fit(signals(300), method)
    frame = signals(50, seed=9)
    whole, _ = anomaly.live_scores(detector, anomaly.fresh_memory(detector), frame)
    first, memory = anomaly.live_scores(detector, anomaly.fresh_memory(detector), frame.iloc[:20])
    memory = anomaly.Memory.from_json(orjson.loads(orjson.dumps(memory.as_json())))
    second, _ = anomaly.live_scores(detector, memory, frame.iloc[20:])
    pd.testing.assert_frame_equal(pd.concat([first, second]), whole, check_exact=True)
