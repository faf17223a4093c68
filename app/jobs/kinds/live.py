"""Fits the detectors by which machines are scored while they run."""

from typing import Any, Final, get_args

from sqlalchemy.orm import Session

from analytics.errors import Conflict, InvalidInput, NotEvaluable
from analytics.vocabulary import ANOMALY_SCORE, MICROSECONDS
from app.bootstrap import Access
from app.jobs.context import Effect, JobContext
from app.jobs.kinds.anomaly import METHODS
from app.jobs.kinds.findings import without
from app.jobs.kinds.ranges import machine_keys, moment, number, refuse_unknown, texts
from app.jobs.registry import job
from app.predict.anomaly.labels import labels
from app.predict.anomaly.live import Fitted, put_detector, refuse_foreign_score
from app.predict.anomaly.rows import signal_rows
from app.predict.model_files import keep_model
from data.models import to_us

DAY_US: Final = 86_400 * MICROSECONDS
NORMAL_DAYS: Final = 14
ENDED_DAYS: Final = 1
PARAMETERS: Final = frozenset(
    {"machines", "device_ids", "mode", "method", "step_s", "false_alarms_per_week", "parameters",
     "normal_days", "ended_days", "normal_start_us", "normal_end_us"}
)  # fmt: skip


def _checked(access: Access, given: dict[str, Any]) -> dict[str, Any]:
    """Refuse what cannot be fitted; the normal range is given whole, or days count back."""
    refuse_unknown(given, PARAMETERS)
    if given.get("method", "pca") not in METHODS:
        raise InvalidInput.at("method", f"A method is one of {', '.join(METHODS)}.")
    if ANOMALY_SCORE in texts(given, "parameters"):
        raise InvalidInput.at("parameters", f"{ANOMALY_SCORE} is what comes out: leave it out.")
    number(given, "step_s", 60, 10, 900)
    number(given, "false_alarms_per_week", 1.0, 0.001, 1_000)
    number(given, "normal_days", NORMAL_DAYS, 0.1, 366)
    number(given, "ended_days", ENDED_DAYS, 0, 366)
    machine_keys(access, given)
    first, last = moment(given, "normal_start_us"), moment(given, "normal_end_us")
    if (first is None) != (last is None) or (first is not None and last is not None and first >= last):
        raise InvalidInput.at("normal_end_us", "Give normal_start_us and a later normal_end_us, or neither.")
    return {name: value for name, value in given.items() if value is not None}


@job("live_scores", title="Live anomaly scores", check=_checked, time_limit_s=1_800, memory_mb=3_072)
def fit_detectors(context: JobContext) -> dict[str, Any]:
    """Fit a detector per machine and score the machine by it from the end of its normal time on."""
    access, given = context.access, context.parameters
    keys = machine_keys(access, given)
    told: list[dict[str, Any]] = []
    for place, key in enumerate(keys):
        context.progress(place / len(keys), f"{key} ({place + 1} of {len(keys)})")
        try:
            fitted = _fitted(access, given, key)
        except (InvalidInput, NotEvaluable, Conflict) as error:
            told.append({"machine": key, "status": "not_evaluable", "problem": str(error)[:500]})
            continue
        context.finish(_effect(access, fitted, context.claim.key))
        told.append(
            {"machine": key, "status": "complete", "rows": fitted.rows, "parameters": list(fitted.parameters)}
        )
    live = sum(one["status"] == "complete" for one in told)
    if not live:
        raise NotEvaluable(f"No machine can be scored. {told[0]['machine']}: {told[0]['problem']}")
    return {"machines": len(keys), "live": live, "detectors": told}


def _fitted(access: Access, given: dict[str, Any], key: str) -> Fitted:
    from analytics import anomaly
    from analytics.anomaly.fitting import Method

    refuse_foreign_score(access, key)
    step_us = int(given.get("step_s", 60) * MICROSECONDS)
    ended = to_us(access.now) - int(given.get("ended_days", ENDED_DAYS) * DAY_US)
    end = given.get("normal_end_us", ended) // step_us * step_us
    start = given.get("normal_start_us", end - int(given.get("normal_days", NORMAL_DAYS) * DAY_US))
    start = start // step_us * step_us
    if start >= end:
        raise NotEvaluable("The normal range is shorter than a row.")
    frame = signal_rows(access, key, given.get("parameters", ()), start, end, step_us)
    normal = without(frame.dropna(axis=1, how="all"), labels(access, key))
    if normal.empty:
        raise NotEvaluable("There are no readings in the normal range.")
    method = next(one for one in get_args(Method) if one == given.get("method", "pca"))
    budget = float(given.get("false_alarms_per_week", 1.0))
    detector = anomaly.fit(normal, method, budget)
    names = tuple(map(str, detector.names))
    digest = keep_model(access, detector)
    return Fitted(key, method, step_us, budget, names, start, end, detector.rows, digest)


def _effect(access: Access, fitted: Fitted, job_key: str) -> Effect:
    def effect(session: Session) -> None:
        put_detector(access, session, fitted, job_key)

    return effect
