"""Learning what is normal, and where an alarm begins, from rows that are known to be normal."""

from dataclasses import replace
from itertools import pairwise
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

from analytics.anomaly.detector import Detector, Plan, statistics
from analytics.anomaly.frames import Floats, Readings, readings, without_repeats
from analytics.anomaly.limits import WEEK_US, limit, usual
from analytics.anomaly.measures import (
    EWMA_WEIGHT,
    Measure,
    fit_each_channel,
    fit_forest,
    fit_subspace,
)
from analytics.errors import InvalidInput

Method = Literal["pca", "isolation_forest", "robust_z", "ewma"]

MINIMUM_ROWS: Final = 60
BLOCKS: Final = 5
LAGS: Final = 10
SHORTEST_LAGS: Final = 5
ROWS_PER_FEATURE: Final = 8
MEMORY: Final = 3.0
REACH: Final = 2.0
SMOOTHING: Final = 8
SILENCE: Final = 10
WIDEST: Final = 8.0
REACHABLE: Final = 0.99


def fit(
    normal: pd.DataFrame, method: Method = "pca", false_alarms_per_week: float = 1.0, lags: int | None = None
) -> Detector:
    """A detector that knows the rows of `normal`, numeric columns over a time index, as normal.

    `method`: `pca` (T² and Q of lagged windows), `isolation_forest`, `robust_z` or `ewma`;
    `false_alarms_per_week`: episodes that may begin in a week of normal data, whatever the sampling;
    `lags`: rows of a window (1 to 20), by default 10, and down to 5 for few rows of many channels.
    Of rows with the same time the last one counts; columns that do not vary are left out; the rows may be
    unsorted and have gaps. A channel's level may wander: it follows by a third of a row's share of the normal
    data, and by two standard deviations over three times its length at most.
    The isolation forest's score is bounded, so its limit is no higher than what 1 % of the held-out rows
    exceed, and its budget may be overdrawn.
    The limit comes from five contiguous blocks of `normal`, each scored by what the other four teach.
    Raises `InvalidInput` below 60 rows with values, for columns that are not numeric, and where nothing
    varies.
    """
    if method not in get_args(Method):
        raise InvalidInput.at("method", f"There is no method '{method}': {', '.join(get_args(Method))}.")
    if not 0 < false_alarms_per_week < float("inf"):
        raise InvalidInput.at("false_alarms_per_week", "The budget of false alarms must be above 0.")
    if lags is not None and not 1 <= lags <= 20:
        raise InvalidInput.at("lags", "A window has 1 to 20 rows.")
    taken = without_repeats(readings(normal))
    known = ~np.isnan(taken.values)
    if int(known.any(axis=1).sum()) < MINIMUM_ROWS:
        raise InvalidInput.at("normal", f"At least {MINIMUM_ROWS} rows of normal data are needed.")
    used = _varying(taken.values)
    if not used.any():
        raise InvalidInput.at("normal", "No column varies: there is nothing to learn.")
    own = replace(taken, values=taken.values[:, used])
    cadence_us = int(np.median(np.diff(own.times_us)))
    plan = _plan(own, method, lags, cadence_us)
    measure = _measure(plan, method, [own])
    units, edge = _limit(plan, method, own, cadence_us, false_alarms_per_week)
    return Detector(
        method, taken.names, tuple(used.tolist()), plan, measure, units, edge, false_alarms_per_week,
        cadence_us, len(own.times_us), int(own.times_us[-1]),
    )  # fmt: skip


def _varying(values: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which columns change by more than rounding."""
    found = []
    for column in values.T:
        known = column[~np.isnan(column)]
        size = float(np.abs(known).max(initial=0.0))
        found.append(len(known) > 1 and bool(np.ptp(known) > 1e-9 * size) and size < 1e150)
    return np.array(found, dtype=bool)


def _plan(own: Readings, method: str, lags: int | None, cadence_us: int) -> Plan:
    rows, channels = own.values.shape
    wide = rows // (ROWS_PER_FEATURE * channels)
    chosen = lags or (int(np.clip(wide, SHORTEST_LAGS, LAGS)) if method == "pca" else 1)
    gaps = np.diff(own.times_us)
    centre = np.nanmean(own.values, axis=0)
    span = np.nanmax(own.values, axis=0) - np.nanmin(own.values, axis=0)
    scale = np.maximum(np.nanstd(own.values, axis=0), span / WIDEST)
    apart = np.nan_to_num((own.values - centre) / scale)
    is_forest = method == "isolation_forest"
    return Plan(
        lags=chosen if method == "pca" else 1,
        centre=centre,
        scale=scale,
        covariance=apart.T @ apart / rows,
        rate=np.full(channels, 0.0 if is_forest else 1 / (MEMORY * rows)),
        reach=REACH,
        gap_us=int(max(SILENCE * cadence_us, 2 * float(np.quantile(gaps, 0.99)))),
        entry_weight=EWMA_WEIGHT if method == "ewma" else 1.0,
        exit_weight=2 / (SMOOTHING * chosen + 1) if method == "pca" else 1.0,
    )


def _measure(plan: Plan, method: str, pieces: list[Readings]) -> Measure:
    prepared = [
        rows for piece in pieces for rows, _ in plan.prepared(plan.fresh(), piece.times_us, piece.values)
    ]
    rows = np.vstack(prepared)
    if method == "pca":
        return fit_subspace(rows, plan.lags)
    return fit_forest(rows) if method == "isolation_forest" else fit_each_channel(rows)


def _limit(plan: Plan, method: str, own: Readings, cadence_us: int, per_week: float) -> tuple[Floats, float]:
    """The usual size of each statistic and the limit, from five contiguous blocks, each scored unseen."""
    cuts = np.linspace(0, len(own.times_us), BLOCKS + 1).astype(np.int64)
    found = []
    for begin, end in pairwise(cuts):
        rest = [_piece(own, 0, int(begin)), _piece(own, int(end), len(own.times_us))]
        measure = _measure(plan, method, [piece for piece in rest if len(piece.times_us)])
        block = _piece(own, int(begin), int(end))
        found.append(statistics(plan.measured(measure, plan.fresh(), block)[0], measure))
    held_out = np.vstack(found)
    units = np.array([usual(column) for column in held_out.T])
    ratio = np.asarray((held_out / units).max(axis=1))
    weeks = max(len(ratio) * cadence_us, 1) / WEEK_US
    edge = limit(ratio, weeks, per_week, 2 * SMOOTHING * plan.lags)
    if method == "isolation_forest":  # its score is bounded: an extrapolated limit could be out of its reach
        edge = min(edge, float(np.quantile(ratio, REACHABLE)))
    return units, edge


def _piece(own: Readings, begin: int, end: int) -> Readings:
    part = slice(begin, end)
    return Readings(own.names, own.times_us[part], own.values[part], own.order[part])


def rebaselined(detector: Detector, normal: pd.DataFrame) -> Detector:
    """The same detector for a machine that has changed: fitted on rows since then, with its method and
    budget."""
    method: Method = detector.method  # type: ignore[assignment]
    lags = detector.plan.lags if detector.method == "pca" else None
    return fit(normal, method, detector.false_alarms_per_week, lags)
