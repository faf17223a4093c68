"""A failure model of one machine: taught by its past hours, tested on its last ones."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.errors import NotEvaluable
from app.bootstrap import Access
from app.predict.failure.hourly import HOUR_US, REMEMBERED_H, Failures, failures_of, features, soon

TESTED: Final = 0.25
"""The last quarter of the hours tests; the horizon before it teaches nothing, its outcome reaches in."""
LEAST_FAILURES: Final = 3
MINIMUM_HOURS: Final = 5
MEAN: Final = ", mean"
LEAST_GAIN: Final = 0.05
"""A Brier score less than a twentieth better than that of the naive rule may be luck."""
LEVELS: Final = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be told: failures of at least so many minutes that begin within the horizon."""

    machine: str
    start_us: int
    end_us: int
    horizon_h: float
    least_stop_min: float
    method: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taught:
    """The model (`analytics.failure.FailureModel`) and what it was taught and tested by.

    `threshold`: that of the model, but never below the usual share of hours before a failure (`base_rate`).
    """

    model: Any
    hours: int
    failures: int
    features: tuple[str, ...]
    ranges: dict[str, list[float]]
    metrics: dict[str, Any]
    threshold: float
    base_rate: float
    beats_naive: bool
    fingerprint: str


def teach(access: Access, asked: Asked) -> Taught:
    """Fit a model and test one like it on the last quarter of the hours.

    NotEvaluable where there are too few failures; InvalidInput where a parameter tells the failure itself.
    """
    from analytics import failure
    from analytics.failure.risk import Method

    before = REMEMBERED_H * HOUR_US
    known = failures_of(access, asked.machine, asked.start_us - before, asked.end_us, asked.least_stop_min)
    inside = int((known.start_us >= asked.start_us).sum())
    if inside < LEAST_FAILURES:
        raise NotEvaluable(
            f"Only {inside} failures of {asked.least_stop_min:g} minutes or more; {LEAST_FAILURES} are needed"
            " at least."
        )
    frame, outcome = _rows(access, asked, known)
    method: Method = (
        "both" if asked.method == "both" else "forest" if asked.method == "forest" else "boosting"
    )
    metrics = _tested(frame, outcome, method, asked.horizon_h)
    model = failure.fit(frame, outcome, roles=_roles(frame), method=method, times=pd.Series(frame.index))
    if not metrics:
        metrics = _inner(model)
    is_ranked = metrics["average_precision"] > metrics["naive_average_precision"]
    beats = bool(is_ranked and metrics["brier"] < (1 - LEAST_GAIN) * metrics["naive_brier"])
    rate = float(outcome.mean())
    return Taught(
        model, len(frame), inside, model.features.names, _ranges(frame), metrics, max(model.threshold, rate),
        rate, beats, _fingerprint(frame, outcome),
    )  # fmt: skip


def _rows(access: Access, asked: Asked, known: Failures) -> tuple[pd.DataFrame, "pd.Series[Any]"]:
    """Hours of which the outcome is known: their horizon has passed."""
    until = asked.end_us - int(asked.horizon_h * HOUR_US)
    if until - asked.start_us < HOUR_US:
        raise NotEvaluable("The range is shorter than the horizon.")
    frame = features(access, asked.machine, (asked.start_us, until), known, asked.parameters)
    happened = soon(frame.index.to_numpy(np.int64), known, asked.horizon_h)
    outcome = pd.Series(happened, index=frame.index)
    few = min(int(happened.sum()), int((~happened).sum()))
    if len(frame) < 50 or few < MINIMUM_HOURS:
        raise NotEvaluable("There are too few hours before a failure, or too few without one.")
    return frame, outcome


def _tested(frame: pd.DataFrame, outcome: "pd.Series[Any]", method: Any, horizon_h: float) -> dict[str, Any]:
    """How a model of the early hours did on the late ones; empty where either part has too few failures."""
    from sklearn.metrics import average_precision_score

    from analytics import failure
    from analytics.errors import InvalidInput

    at = frame.index.to_numpy(np.int64)
    cut = at[int(len(at) * (1 - TESTED))]
    early, late = at < cut - int(horizon_h * HOUR_US), at >= cut
    truth = outcome[late].to_numpy(bool)
    if not truth.any() or truth.all():
        return {}
    try:
        model = failure.fit(
            frame[early],
            outcome[early],
            roles=_roles(frame[early]),
            method=method,
            times=pd.Series(at[early]),
        )
    except InvalidInput:
        return {}
    chance, rate = model.predict_proba(frame[late]), float(outcome[early].mean())
    called = chance >= max(model.threshold, rate)
    hits = float((called & truth).sum())
    return {
        "is_held_out": True, "tested_hours": int(late.sum()), "hours_before_failures": int(truth.sum()),
        "average_precision": float(average_precision_score(truth, chance)),
        "naive_average_precision": float(truth.mean()),
        "precision": hits / max(float(called.sum()), 1.0), "recall": hits / float(truth.sum()),
        "brier": float(((chance - truth) ** 2).mean()), "naive_brier": float(((rate - truth) ** 2).mean()),
    }  # fmt: skip


def _roles(frame: pd.DataFrame) -> dict[str, str]:
    """Which hourly means are torque, speed, temperatures and wear, for the features of physics."""
    from analytics.failure.features import recognised

    means = {name.removesuffix(MEAN): name for name in map(str, frame.columns) if name.endswith(MEAN)}
    found = {role: means[name] for role, name in recognised(list(means)).items()}
    return {role: name for role, name in found.items() if frame[name].nunique() > 1}


def _inner(model: Any) -> dict[str, Any]:
    """The figures of the inner folds, where the last hours cannot test: each fold by the hours before it."""
    found = model.quality
    return {
        "is_held_out": False, "tested_hours": None, "hours_before_failures": None,
        "average_precision": found.average_precision,
        "naive_average_precision": found.naive_average_precision, "precision": found.precision,
        "recall": found.recall, "brier": found.brier, "naive_brier": found.naive_brier,
    }  # fmt: skip


def _ranges(frame: pd.DataFrame) -> dict[str, list[float]]:
    """Seven values of each column from rare low to rare high ones; columns without any are left out."""
    levels = frame.quantile(list(LEVELS))
    return {str(name): [float(one) for one in levels[name]] for name in frame if levels[name].notna().all()}


def _fingerprint(frame: pd.DataFrame, outcome: "pd.Series[Any]") -> str:
    """SHA-256 over the columns, times, values and outcomes: the same rows, the same fingerprint."""
    digest = hashlib.sha256("\x1f".join(map(str, frame.columns)).encode())
    digest.update(frame.index.to_numpy(np.int64).tobytes())
    digest.update(np.ascontiguousarray(frame.to_numpy(np.float64)).tobytes())
    digest.update(outcome.to_numpy(bool).tobytes())
    return digest.hexdigest()


def card(asked: Asked, taught: Taught) -> str:
    """The model card: what it tells, of what, how it was tested, and what it is not for."""
    metrics = taught.metrics
    tested = (
        "the last quarter of the hours, which taught nothing"
        if metrics["is_held_out"]
        else ("parts of the hours, each by those before it")
    )
    verdict = "beats" if taught.beats_naive else "does not beat"
    return (
        f"Tells whether a failure of {asked.least_stop_min:g} minutes or more begins within "
        f"{asked.horizon_h:g} hours. Taught by {taught.hours} hours with {taught.failures} failures; "
        f"{100 * taught.base_rate:.0f} % of the hours lay that close before one; features are hourly values "
        f"of {len(taught.ranges)} columns. Tested on {tested}: average precision "
        f"{metrics['average_precision']:.2f} against {metrics['naive_average_precision']:.2f} of guessing, "
        f"Brier score {metrics['brier']:.3f} against {metrics['naive_brier']:.3f}: it {verdict} the naive "
        "rule. It knows only failures like those of its time, and not what causes them: a high risk is a "
        "reason to look, not to replace a part."
    )  # fmt: skip
