"""The risk of each machine now, with its reasons and what would change it; logged before the fact."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import select

from analytics.errors import NotEvaluable
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.predict.failure.hourly import HOUR_US, REMEMBERED_H, failures_of, features
from app.predict.failure.models import ModelShown
from app.predict.model_files import kept_model
from data.models import Prediction, to_us

FAILURE: Final = "failure"
REASONS: Final = 6
VARIED: Final = 3
FRESH_H: Final = 3
"""Readings older than three hours say nothing about now."""


@dataclass(frozen=True, slots=True)
class Teller:
    """What of a version tells a risk."""

    machine: str
    digest: str
    threshold: float
    horizon_h: float
    least_stop_min: float
    ranges: dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Risk:
    """The chance that a failure begins in [made_us, until_us), told by `model` before the fact."""

    id: int
    machine: str
    model: str
    model_id: int | None
    made_us: int
    until_us: int
    chance: float
    threshold: float
    base_rate: float
    detail: dict[str, Any]
    has_happened: bool | None
    lead_h: float | None

    @property
    def is_high(self) -> bool:
        """Whether a failure is predicted."""
        return self.chance >= self.threshold

    @property
    def is_trusted(self) -> bool:
        """Whether the model that told it beat the naive rule in its test."""
        return bool(self.detail.get("beats_naive"))


def teller(one: ModelShown) -> Teller:
    """The teller of a kept version."""
    return Teller(one.machine, one.digest, one.threshold, one.horizon_h, one.least_stop_min, one.ranges)


def tell(access: Access, one: Teller) -> tuple[float, dict[str, Any]]:
    """The chance by this version from the machine's last full hour, and its reasons.

    Reasons: per column its value, what is typical, and by how much the chance would fall if it alone were
    typical. `curves`: the chance over values of the first columns. NotEvaluable without fresh readings.
    """
    now_us = to_us(access.now)
    model = kept_model(access, one.digest)
    known = failures_of(access, one.machine, now_us - REMEMBERED_H * HOUR_US, now_us, one.least_stop_min)
    frame = features(access, one.machine, (now_us - (FRESH_H + 1) * HOUR_US, now_us), known)
    if frame.empty:
        raise NotEvaluable("It has sent nothing for three hours, or it is down now.")
    row = frame.reindex(columns=list(model.features.columns)).tail(1)
    chance = float(model.predict_proba(row)[0])
    reasons = _reasons(model, row, chance)
    curves = _curves(model, row, one, [str(reason["feature"]) for reason in reasons[:VARIED]])
    return chance, {"reasons": reasons, "curves": curves, "at_us": _at(row)}


def _at(row: pd.DataFrame) -> int:
    return int(row.index[0])


def _reasons(model: Any, row: pd.DataFrame, chance: float) -> list[dict[str, Any]]:
    """As `FailureModel.reasons`, in one call: a row per column, that column alone being typical."""
    names = [name for name in model.typical if name in row.columns]
    many = _repeated(row, len(names))
    for place, name in enumerate(names):
        many.loc[place, name] = model.typical[name]
    falls = dict(zip(names, chance - model.predict_proba(many), strict=True))
    ranked = sorted(names, key=lambda name: (-abs(float(falls[name])), str(name)))
    return [
        {"feature": str(name), "value": _number(row.iloc[0][name]), "typical": _number(model.typical[name]),
         "adds": float(falls[name])}
        for name in ranked[:REASONS] if float(falls[name]) != 0.0
    ]  # fmt: skip


def _curves(
    model: Any, row: pd.DataFrame, one: Teller, names: list[str]
) -> dict[str, dict[str, list[float]]]:
    """The chance if a column had other values that it has had before, the others staying as they are."""
    curves = {}
    for name in names:
        values = one.ranges.get(name)
        if values:
            many = _repeated(row, len(values))
            many[name] = values
            curves[name] = {"value": list(values), "chance": [float(p) for p in model.predict_proba(many)]}
    return curves


def _repeated(row: pd.DataFrame, times: int) -> pd.DataFrame:
    return pd.concat([row] * times, ignore_index=True)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float | np.number) and np.isfinite(value) else None


def logged(job_key: str, one: ModelShown, chance: float, detail: dict[str, Any], now_us: int) -> Prediction:
    """The row of the log: written before the fact."""
    return Prediction(
        job_key=job_key, kind=FAILURE, machine_key=one.machine, model=one.name, model_id=one.id,
        made_us=now_us, until_us=now_us + int(one.horizon_h * HOUR_US), chance=chance,
        threshold=one.threshold, naive=one.base_rate,
        detail={**detail, "state": one.state, "beats_naive": one.beats_naive, "horizon_h": one.horizon_h,
                "least_stop_min": one.least_stop_min},
    )  # fmt: skip


def newest_risks(access: Access) -> list[Risk]:
    """The last risk told of each machine, the highest first, those by models that beat guessing on top."""
    found: dict[str, Risk] = {}
    for one in risks(access, limit=1_000):
        found.setdefault(one.machine, one)
    return sorted(found.values(), key=lambda one: (not one.is_trusted, -one.chance, one.machine))


def risks(access: Access, machine: str = "", *, limit: int = 500) -> list[Risk]:
    """The risks told, the newest first."""
    access.require(Permission.SEE_PLANT)
    asked = select(Prediction).where(Prediction.kind == FAILURE)
    if machine:
        asked = asked.where(Prediction.machine_key == machine)
    newest = asked.order_by(Prediction.made_us.desc(), Prediction.id.desc()).limit(limit)
    with access.read() as session:
        return [_shown(row) for row in session.scalars(newest)]


def _shown(row: Prediction) -> Risk:
    return Risk(
        row.id, row.machine_key, row.model, row.model_id, row.made_us, row.until_us, row.chance or 0.0,
        row.threshold or 1.0, row.naive or 0.0, row.detail, row.has_happened, row.lead_h,
    )  # fmt: skip
