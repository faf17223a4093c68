"""What was predicted beside what happened, once its time has passed."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import select

from analytics.errors import GembaError, NotFound, StoreUnavailable
from analytics.vocabulary import MICROSECONDS
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.predict.failure.hourly import HOUR_US, failures_of
from app.predict.failure.runs import runs_of
from app.predict.forecasts import COLLECTION
from app.predict.series import Subject, history
from app.production.terms.rates import rates
from data.models import Prediction, to_us

AT_ONCE: Final = 1_000
LATE_US: Final = 15 * 60 * MICROSECONDS
"""Readings and stops of the last minutes may still be on their way."""

AROUND_US: Final = 14 * 24 * HOUR_US
"""The failures before and after a run must be seen whole, or they count as shorter than they were."""


@dataclass(frozen=True, slots=True)
class Match:
    """What came of one prediction; `problem` where nobody can tell."""

    prediction: Prediction
    has_happened: bool | None
    lead_h: float | None
    scores: dict[str, Any]


def due(access: Access) -> list[Prediction]:
    """The predictions whose time has passed and that nobody has matched, the oldest first.

    A failure that begins at the very end must last its least time first, before anybody can tell.
    """
    access.require(Permission.RUN_ANALYTICS)
    settled_us = to_us(access.now) - LATE_US
    asked = (
        select(Prediction)
        .where(Prediction.matched_us.is_(None), Prediction.until_us <= settled_us)
        .order_by(Prediction.until_us, Prediction.id)
        .limit(AT_ONCE)
    )
    with access.read() as session:
        return [one for one in session.scalars(asked) if one.until_us + _least_us(one) <= settled_us]


def _least_us(one: Prediction) -> int:
    """How long a stop must last to count as a failure in this prediction; 0 for what is no failure."""
    return round(float(one.detail.get("least_stop_min", 0.0)) * 60 * MICROSECONDS)


def match(access: Access, one: Prediction) -> Match:
    """Look what happened. StoreUnavailable is raised; anything else that hinders is the answer."""
    try:
        return _HAPPENED[one.kind](access, one)
    except StoreUnavailable:
        raise
    except GembaError as error:
        return Match(one, None, None, {"problem": str(error)[:300]})


def _failure(access: Access, one: Prediction) -> Match:
    """Did a failure begin in [made_us, until_us), how long after, and what did it cost?"""
    least = float(one.detail.get("least_stop_min", 0.0))
    end_us = max(one.until_us, min(one.until_us + AROUND_US, to_us(access.now)))
    found = failures_of(access, one.machine_key, one.made_us, end_us, least)
    inside = (found.start_us >= one.made_us) & (found.start_us < one.until_us)
    has_happened = bool(inside.any())
    chance, naive = one.chance or 0.0, one.naive or 0.0
    scores = {
        "is_called": chance >= (one.threshold or 1.0), "brier": (chance - has_happened) ** 2,
        "naive_brier": (naive - has_happened) ** 2,
    }  # fmt: skip
    if not has_happened:
        return Match(one, False, None, scores)
    first = int(np.flatnonzero(inside)[0])
    lost_h = float(found.end_us[first] - found.start_us[first]) / HOUR_US
    hour_rate = rates(access).hour_rate
    money = None if hour_rate is None else lost_h * hour_rate
    lead_h = float(found.start_us[first] - one.made_us) / HOUR_US
    return Match(one, True, lead_h, {**scores, "lost_h": lost_h, "money": money})


def _life(access: Access, one: Prediction) -> Match:
    """How many hours until a failure began, at most the cap? NotFound where a service came before it."""
    least, tools = float(one.detail["least_stop_min"]), bool(one.detail["counts_tools"])
    end_us = max(one.until_us, min(one.until_us + AROUND_US, to_us(access.now)))
    span = (int(one.detail["since_us"]) - AROUND_US, end_us)
    found = runs_of(access, one.machine_key, span, least, count_tools=tools)
    every = (*found.finished, *([found.now] if found.now else []))
    run = next((run for run in every if run.start_us <= one.made_us < run.end_us), None)
    failures = {run.end_us for run in found.finished}
    cap_h = float(one.detail["cap_h"])
    if run is None or (run.end_us < one.until_us and run.end_us not in failures):
        raise NotFound("Work that was done before a failure began ended this run.")
    actual_h = min((run.end_us - one.made_us) / HOUR_US, cap_h)
    told = {name: float(one.detail[name]) for name in ("left_h", "lower_h", "upper_h")}
    scores = {
        "actual_h": actual_h, "error_h": abs(told["left_h"] - actual_h),
        "naive_error_h": abs((one.naive or 0.0) - actual_h),
        "coverage_80": float(told["lower_h"] <= actual_h <= told["upper_h"]),
    }  # fmt: skip
    has_happened = run.end_us in failures and run.end_us < one.until_us
    return Match(one, has_happened, actual_h if has_happened else None, scores)


def _forecast(access: Access, one: Prediction) -> Match:
    """The error against what was measured, in units of the history's own naive error, and what bands held."""
    found = access.gemba.documents.get(access.factory.slug, COLLECTION, str(one.detail["document"]))
    if found is None:
        raise NotFound("The points of this forecast are no longer kept.")
    body = found.body
    subject = Subject(body["what"], tuple(body["machines"]), body["name"], body["step_s"])
    margin = _margin(subject)
    measured = history(access, subject, body["start_us"] - margin, body["end_us"] + margin)
    stamps = pd.DatetimeIndex(measured.index).tz_convert("UTC").as_unit("us").asi8.tolist()
    at = dict(zip(stamps, measured.to_numpy(np.float64).tolist(), strict=True))
    points = body["points"]
    actual = np.array([at.get(us, np.nan) for us in points["time_us"]])
    if np.isnan(actual).all():
        raise NotFound("Nothing was measured in the time that was forecast.")
    return Match(one, None, None, _errors(access, body, actual))


def _margin(subject: Subject) -> int:
    """A KPI's history leaves out the days on its edges."""
    return 2 * subject.step_us if subject.target == "kpi" else 0


def _errors(access: Access, body: dict[str, Any], actual: Any) -> dict[str, Any]:
    """The errors of the forecast and of the naive rule, over the same points wherever the rule has any."""
    points, season = body["points"], int(body["season"])
    past = _numbers(body["past"]["value"])
    told = _numbers(points["yhat"])
    season = min(season, len(past))
    repeated = past[-season:][np.arange(len(told)) % season]
    scale = float(np.nanmean(np.abs(past[season:] - past[:-season]))) if len(past) > season else float("nan")
    both = np.isfinite(told - actual) & np.isfinite(repeated - actual)
    counted = both if both.any() else np.isfinite(told - actual)
    error, naive = _mean(np.abs(told - actual)[counted]), _mean(np.abs(repeated - actual)[both])
    scores: dict[str, Any] = {"mae": error, "naive_mae": naive, "mase": None, "naive_mase": None}
    if np.isfinite(scale) and scale > 0 and error is not None and naive is not None:
        scores |= {"mase": error / scale, "naive_mase": naive / scale}
    for level in ("80", "95"):
        held = (actual >= _numbers(points[f"lower_{level}"])) & (actual <= _numbers(points[f"upper_{level}"]))
        scores[f"coverage_{level}"] = float(held[~np.isnan(actual)].mean())
    price = rates(access).energy_price
    if body["what"] == "energy" and price is not None:
        scores["money"] = float(np.nansum(actual - told)) * price
    return scores


def _numbers(values: list[float | None]) -> Any:
    return np.array([np.nan if one is None else one for one in values], np.float64)


def _mean(values: Any) -> float | None:
    return float(np.nanmean(values)) if np.isfinite(values).any() else None


_HAPPENED: Final = {"failure": _failure, "life": _life, "forecast": _forecast}
