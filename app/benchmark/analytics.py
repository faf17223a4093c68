"""Predictive analytics on public data sets, under their protocols, each score beside its naive baseline."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics import anomaly, failure, forecast
from analytics.errors import ConfigurationError
from app.settings import load

PROBATION: Final = 750
ALARM_EVERY: Final = pd.Timedelta(days=1)
AI4I_LABELS: Final = ["Machine failure", "TWF", "HDF", "PWF", "OSF", "RNF"]
CHANNELS: Final = 10
DAY: Final = 96
TEST_WEEKS: Final = 8
ORIGIN_DAYS: Final = 3


def run(rows: int) -> Iterator[str]:
    """Yields one line per figure; `rows` of ten channels are fitted and scored for the speed."""
    folder = public_data()
    for part in (speed, machine_temperature, milling_failures, steel_energy):
        yield from part(folder, rows)


def public_data() -> Path:
    """The folder of public data sets; raises `ConfigurationError` if the variable names none."""
    folder = load().public_data
    if folder is None or not folder.is_dir():
        raise ConfigurationError("Set GEMBA_PUBLIC_DATA to the folder of the public data sets.")
    return folder


def speed(_folder: Path, rows: int) -> Iterator[str]:
    """Fits and scores noise of ten channels."""
    values = np.random.default_rng(7).normal(size=(rows, CHANNELS))
    index = pd.date_range("2025-01-01", periods=rows, freq="1min", tz="UTC")
    frame = pd.DataFrame(values, index=index, columns=[f"p{at}" for at in range(CHANNELS)])
    begun, busy = time.perf_counter(), time.process_time()
    anomaly.fit(frame).score(frame)
    took, used = time.perf_counter() - begun, time.process_time() - busy
    yield f"anomaly: fit, score {rows:,} rows x {CHANNELS} channels: {took:.2f} s ({used:.2f} s processor)"


def machine_temperature(folder: Path, _rows: int) -> Iterator[str]:
    """NAB's machine temperature: fitted on the probation period, one alarm a day, NAB's raw score."""
    series, windows = nab(folder)
    normal = series.iloc[:PROBATION]
    methods: tuple[Any, ...] = ("pca", "ewma", "robust_z", "isolation_forest")
    for method in methods:
        detected = anomaly.fit(normal, method).score(series)["is_anomaly"].to_numpy(dtype=bool)
        yield f"NAB machine temperature, {method}: {_told(detected, series, windows)}"
    value, usual = series["value"], normal["value"]
    naive = (np.abs(value - usual.mean()) > 3 * usual.std()).to_numpy(dtype=bool)
    yield f"NAB machine temperature, naive (three standard deviations): {_told(naive, series, windows)}"
    yield "NAB machine temperature, no alarm at all: raw score -4.00 of 4"


def nab(folder: Path) -> tuple[pd.DataFrame, list[tuple[pd.Timestamp, pd.Timestamp]]]:
    """The series by time, the last of repeated stamps, and the labelled windows."""
    name = "machine_temperature_system_failure.csv"
    series = pd.read_csv(folder / "nab" / f"{name}.gz", parse_dates=[0], index_col=0).sort_index()
    bounds = json.loads((folder / "nab" / "windows.json").read_text())[name]["windows"]
    windows = [(pd.Timestamp(begin), pd.Timestamp(end)) for begin, end in bounds]
    return series[~series.index.duplicated(keep="last")], windows


def _told(detected: Any, series: pd.DataFrame, windows: list[tuple[pd.Timestamp, pd.Timestamp]]) -> str:
    score, hits, false = nab_score(alarms(detected, series.index), series.index, windows)
    return f"raw score {score:.2f} of {len(windows)}, {hits} windows found, {false} false alarms"


def alarms(detected: Any, index: pd.Index) -> list[int]:
    """Rows after the probation period at which an alarm is raised: anomalous, and a day since the last
    alarm."""
    found: list[int] = []
    for row in np.flatnonzero(detected).tolist():
        if row >= PROBATION and (not found or index[row] - index[found[-1]] >= ALARM_EVERY):
            found.append(row)
    return found


def nab_score(
    raised: list[int], index: pd.Index, windows: list[tuple[pd.Timestamp, pd.Timestamp]]
) -> tuple[float, int, int]:
    """NAB's raw score (standard profile), windows found, and alarms outside of windows.

    The first alarm in a window earns up to 1, the earlier the more; a window without one costs 1; an alarm
    outside costs up to 0.11, less shortly after a window (Lavin and Ahmad, Evaluating Real-Time Anomaly
    Detection, 2015).
    """
    bounds = [
        (int(index.searchsorted(begin)), int(index.searchsorted(end, side="right")) - 1)
        for begin, end in windows
    ]
    score, found, false = 0.0, set(), 0
    for row in raised:
        inside = next((at for at, (begin, end) in enumerate(bounds) if begin <= row <= end), None)
        if inside is None:
            false += 1
            score += _cost(row, bounds)
        elif inside not in found:
            found.add(inside)
            begin, end = bounds[inside]
            score += _sigmoid(-(end - row + 1) / (end - begin + 1)) / _sigmoid(-1.0)
    return score - (len(windows) - len(found)), len(found), false


def _cost(row: int, bounds: list[tuple[int, int]]) -> float:
    before = [(begin, end) for begin, end in bounds if end < row]
    if not before:
        return -0.11
    begin, end = before[-1]
    after = (row - end) / max(end - begin, 1)
    return 0.11 * (_sigmoid(after) if after <= 3 else -1.0)


def _sigmoid(position: float) -> float:
    return float(2 / (1 + np.exp(5 * position)) - 1)


def milling_failures(folder: Path, _rows: int) -> Iterator[str]:
    """AI4I 2020: stratified five folds three times, thresholds from inner folds of what was learned from."""
    from sklearn.ensemble import RandomForestClassifier

    features, failed = ai4i(folder)
    plain = pd.get_dummies(features.drop(columns=["UDI", "Product ID"])).astype(float)

    def ours(seen: Any, unseen: Any) -> tuple[Any, float]:
        model = failure.fit(features.iloc[seen], failed.iloc[seen])
        return model.predict_proba(features.iloc[unseen]), model.threshold

    def naive(seen: Any, unseen: Any) -> tuple[Any, float]:
        model = RandomForestClassifier(random_state=42).fit(plain.iloc[seen], failed.iloc[seen])
        return model.predict_proba(plain.iloc[unseen])[:, 1], 0.5

    yield _folded("AI4I", ours, failed)
    yield _folded("AI4I, naive (random forest with defaults on the columns as they are)", naive, failed)
    yield f"AI4I, guessing: PR-AUC {failed.mean():.3f}"


def ai4i(folder: Path) -> tuple[pd.DataFrame, "pd.Series[int]"]:
    """The features without any label, and whether the machine failed."""
    table = pd.read_csv(folder / "ai4i" / "ai4i2020.csv.gz", sep="\t")
    return table.drop(columns=AI4I_LABELS), table["Machine failure"]


def _folded(name: str, told: Callable[[Any, Any], tuple[Any, float]], failed: "pd.Series[int]") -> str:
    from sklearn.metrics import average_precision_score, f1_score, matthews_corrcoef
    from sklearn.model_selection import RepeatedStratifiedKFold

    figures = []
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=3, random_state=0)
    for seen, unseen in folds.split(failed, failed):
        chances, threshold = told(seen, unseen)
        truth, called = failed.iloc[unseen], chances >= threshold
        figures.append(
            (
                average_precision_score(truth, chances),
                f1_score(truth, called),
                matthews_corrcoef(truth, called),
            )
        )
    area, f1, mcc = np.mean(figures, axis=0)
    warning = " - more than the rules behind the data allow: a leak" if f1 > 0.92 else ""
    return f"{name}: PR-AUC {area:.3f}, F1 {f1:.3f}, MCC {mcc:.3f}{warning}"


def steel_energy(folder: Path, _rows: int) -> Iterator[str]:
    """A steel plant's quarter-hours: the last eight weeks told from every third midnight, a day and a week
    ahead, knowing the energy before it and nothing else."""
    load = steel(folder)
    for horizon in (DAY, 7 * DAY):
        yield _forecast_told(load, horizon)


def steel(folder: Path) -> "pd.Series[float]":
    """Energy by the beginning of its quarter-hour; 24:00 is written as 00:00 of the same date."""
    table = pd.read_csv(folder / "steel_energy" / "steel_2018_h1.csv.gz")
    ends = pd.to_datetime(table["date"], format="%d/%m/%Y %H:%M")
    ends = ends.where(ends != ends.dt.normalize(), ends + pd.Timedelta(days=1))
    index = pd.DatetimeIndex(ends - pd.Timedelta(minutes=15))
    return pd.Series(table["Usage_kWh"].to_numpy(dtype=float), index=index).sort_index()


def _forecast_told(load: "pd.Series[float]", horizon: int) -> str:
    begin = len(load) - TEST_WEEKS * 7 * DAY
    scale = float(np.abs(load.to_numpy()[DAY:begin] - load.to_numpy()[: begin - DAY]).mean())
    ours, weeks, days, prophets, inside = [], [], [], [], []
    values = load.to_numpy()
    for at in range(begin, len(load) - horizon + 1, ORIGIN_DAYS * DAY):
        history, came = load.iloc[:at], values[at : at + horizon]
        told = forecast.forecast(history, horizon)
        ours.append(np.abs(told["yhat"].to_numpy() - came).mean())
        inside.append([_share_inside(told, came, level) for level in (80, 95)])
        weeks.append(np.abs(values[at - 7 * DAY : at - 7 * DAY + horizon] - came).mean())
        days.append(np.abs(np.resize(values[at - DAY : at], horizon) - came).mean())
        prophets.append(np.abs(_plain_prophet(history, horizon) - came).mean())
    mase = [float(np.mean(errors)) / scale for errors in (ours, weeks, days, prophets)]
    held = np.mean(inside, axis=0)
    return (
        f"Steel energy, {horizon // 4} h, {len(ours)} origins: MASE {mase[0]:.3f}, 80 % intervals hold "
        f"{held[0]:.1%}, 95 % {held[1]:.1%}; naive: last week {mase[1]:.3f}, yesterday {mase[2]:.3f}; "
        f"default Prophet {mase[3]:.3f}"
    )


def _share_inside(told: pd.DataFrame, came: Any, level: int) -> float:
    return float(np.mean((came >= told[f"lower_{level}"]) & (came <= told[f"upper_{level}"])))


def _plain_prophet(history: "pd.Series[float]", horizon: int) -> Any:
    """Prophet as it comes, on hourly means of the last 12 weeks: on all quarter-hours it takes minutes."""
    from prophet import Prophet

    hourly = history.iloc[-12 * 7 * DAY :].resample("1h").mean()
    model = Prophet(uncertainty_samples=0)
    model.fit(pd.DataFrame({"ds": hourly.index, "y": hourly.to_numpy()}), seed=42)
    ahead = pd.date_range(history.index[-1], periods=horizon + 1, freq="15min")[1:]
    return model.predict(pd.DataFrame({"ds": ahead}))["yhat"].to_numpy()
