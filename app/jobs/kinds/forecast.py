"""Forecasts: energy as the reference has it, and any parameter or KPI; tested before they are told."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final, get_args

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput
from analytics.vocabulary import MICROSECONDS
from app.bootstrap import Access
from app.jobs.context import Effect, JobContext
from app.jobs.kinds.ranges import machine_keys, moment, number, refuse_unknown
from app.jobs.registry import job
from app.predict.forecasts import COLLECTION, HISTORY_KEPT
from app.predict.scorecards import LOSES_DAYS, NAIVE, is_off
from app.predict.series import DAY_S, ENERGY, KPI, PARAMETER, Subject, history, refuse_wrong, unit_of
from app.production.plant import plant
from app.production.terms.rates import rates
from data.documents.document import Document
from data.models import ForecastRun, Prediction, to_us

HISTORY_DAYS: Final = 42
KPI_DAYS: Final = 120
LONGEST_H: Final = 24 * 60
MOST_STEPS: Final = 2_000
PARAMETERS: Final = frozenset(
    {"machines", "device_ids", "mode", "horizon_h", "step_s", "history_days", "start_us", "end_us", "method"}
)
HOUR_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: the subject, how far, by which model, learned from [start_us, end_us)."""

    subject: Subject
    steps: int
    method: str
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: `told` has the stamps to come as index and yhat with its bounds as columns."""

    past: "pd.Series[Any]"
    told: pd.DataFrame
    summary: dict[str, Any]


def _checked_energy(access: Access, given: dict[str, Any]) -> dict[str, Any]:
    refuse_unknown(given, PARAMETERS)
    return _checked(access, given)


def _checked_any(access: Access, given: dict[str, Any]) -> dict[str, Any]:
    refuse_unknown(given, PARAMETERS | {"parameter", "kpi"})
    if bool(given.get("parameter")) == bool(given.get("kpi")):
        raise InvalidInput.at("parameter", "Name a parameter of a machine, or a KPI, and not both.")
    return _checked(access, given)


def _checked(access: Access, given: dict[str, Any]) -> dict[str, Any]:
    """Refuse what cannot be forecast; the history is given whole, or `history_days` counts back."""
    from analytics.forecast import Method

    if given.get("method", "median") not in get_args(Method):
        raise InvalidInput.at("method", f"A method is one of {', '.join(get_args(Method))}.")
    for name in ("parameter", "kpi"):
        if not isinstance(given.get(name, ""), str):
            raise InvalidInput.at(name, f"{name} is a text.")
    number(given, "horizon_h", 24, 0.25, LONGEST_H)
    number(given, "history_days", HISTORY_DAYS, 1, 800)
    number(given, "step_s", HOUR_S, 900, DAY_S)
    first, last = moment(given, "start_us"), moment(given, "end_us")
    if (first is None) != (last is None) or (first is not None and last is not None and first >= last):
        raise InvalidInput.at("end_us", "Give start_us and a later end_us, or neither.")
    kept = {name: value for name, value in given.items() if value is not None}
    asked = _asked(access, kept)
    refuse_wrong(access, asked.subject)
    if not 1 <= asked.steps <= MOST_STEPS:
        raise InvalidInput.at("horizon_h", f"The horizon has 1 to {MOST_STEPS} steps.")
    return kept


def _asked(access: Access, given: dict[str, Any]) -> Asked:
    is_all = not given.get("machines") and not given.get("device_ids")
    keys = () if is_all else tuple(machine_keys(access, given))
    name = given.get("parameter") or given.get("kpi") or ""
    target = PARAMETER if given.get("parameter") else KPI if given.get("kpi") else ENERGY
    subject = Subject(target, keys, name, int(given.get("step_s", DAY_S if target == KPI else HOUR_S)))
    now_us = to_us(access.now)
    end = min(given.get("end_us", now_us), now_us)
    days = given.get("history_days", KPI_DAYS if target == KPI else HISTORY_DAYS)
    start = given.get("start_us", end - int(days * DAY_S * MICROSECONDS))
    steps = round(given.get("horizon_h", 24) * HOUR_S / subject.step_s)
    return Asked(subject, steps, given.get("method", "median"), start, end)


@job("energy_forecast", title="Energy forecast", check=_checked_energy, time_limit_s=1_800, memory_mb=3_072)
def forecast_energy(context: JobContext) -> dict[str, Any]:
    """Energy of the chosen machines together, its cost and its peak."""
    return _run(context)


@job("forecast", title="Forecast of a parameter or KPI", check=_checked_any, time_limit_s=1_800,
     memory_mb=3_072)  # fmt: skip
def forecast_anything(context: JobContext) -> dict[str, Any]:
    """Any parameter of a machine, or any KPI by production day."""
    return _run(context)


def _run(context: JobContext) -> dict[str, Any]:
    from analytics import forecast
    from analytics.forecast import Method

    access = context.access
    asked = _asked(access, context.parameters)
    context.progress(0.02, "reading the history")
    past = history(access, asked.subject, asked.start_us, asked.end_us)
    context.progress(0.1, f"testing models on {int(past.notna().sum())} values")
    is_stopped = is_off(access, asked.method, _whose(asked.subject), _what(asked.subject))
    chosen = NAIVE if is_stopped else asked.method
    method = next(one for one in get_args(Method) if one == chosen)
    country = _country(access)
    told = forecast.forecast(past, asked.steps, country=country, method=method)
    context.progress(0.95, "writing what was found")
    if is_stopped:
        why = f"{asked.method} lost to the naive rule for {LOSES_DAYS} days and is off."
        told.attrs["told"] = f"{why} {told.attrs['told']}"
    found = Told(past, told, _summary(access, asked, past, told))
    key = context.document_key
    body = {**found.summary, "past": _points(past.tail(HISTORY_KEPT).to_frame("value"))}
    access.gemba.documents.put(access.factory.slug, COLLECTION, [Document(key, to_us(access.now), body)])
    context.finish(_effect(access, context.claim.key, asked, found, f"{COLLECTION}/{key}"))
    return found.summary


def _country(access: Access) -> str | None:
    """Whose holidays the plant keeps: `DE` or `DE-BY`; None where nobody has said it."""
    setting = plant(access).rows.setting
    if setting is None or not setting.holiday_country:
        return None
    return "-".join(part for part in (setting.holiday_country, setting.holiday_region) if part)


def _summary(access: Access, asked: Asked, past: "pd.Series[Any]", told: pd.DataFrame) -> dict[str, Any]:
    subject, tested = asked.subject, dict(told.attrs)
    return {
        "what": subject.target, "machines": list(subject.machines), "name": subject.name,
        "unit": unit_of(access, subject), "step_s": subject.step_s, "steps": len(told),
        "method": tested["method"], "models": tested["models"], "mase": _finite(tested["mase"]),
        "naive_mase": _finite(tested["naive_mase"]), "beats_naive": tested["beats_naive"],
        "origins": tested["origins"], "season": tested["season"], "told": tested["told"],
        "history_start_us": _us(past.index[0]), "history_values": int(past.notna().sum()),
        "start_us": _us(told.index[0]), "end_us": _us(told.index[-1]) + subject.step_us,
        "ranking": [{"model": name, "mase": _finite(mase)} for name, mase in tested["ranking"].items()],
        **(_money(access, asked, told) if subject.target == ENERGY else {}),
        "points": _points(told),
    }  # fmt: skip


def _money(access: Access, asked: Asked, told: pd.DataFrame) -> dict[str, Any]:
    """Energy, cost and peak demand; the highest mean power of an interval, at least a quarter of an hour."""
    price, hours = rates(access).energy_price, asked.subject.step_s / HOUR_S
    kw = told["yhat"].to_numpy(np.float64) / hours
    at = int(kw.argmax())
    total = float(told["yhat"].sum())
    return {
        "energy_kwh": total, "cost": None if price is None else total * price,
        "currency": access.factory.currency, "peak_kw": float(kw[at]), "peak_at_us": _us(told.index[at]),
        "peak_upper_95_kw": float(told["upper_95"].iloc[at]) / hours,
    }  # fmt: skip


def _points(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns of values by their times, None for what is missing."""
    columns: dict[str, list[Any]] = {"time_us": [_us(one) for one in frame.index]}
    for name in frame.columns:
        columns[str(name)] = [_finite(one) for one in frame[name].to_numpy(np.float64)]
    return columns


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _us(stamp: Any) -> int:
    return to_us(pd.Timestamp(stamp).to_pydatetime())


def _effect(access: Access, job_key: str, asked: Asked, found: Told, document: str) -> Effect:
    return partial(_write, access, job_key, asked, found.summary, document)


def _write(
    access: Access, job_key: str, asked: Asked, told: dict[str, Any], document: str, session: Session
) -> None:
    row = ForecastRun(
        job_key=job_key, target=asked.subject.target, machines=list(asked.subject.machines),
        name=asked.subject.name, unit=told["unit"], step_s=asked.subject.step_s, steps=told["steps"],
        method=told["method"], models=told["models"], mase=told["mase"], naive_mase=told["naive_mase"],
        beats_naive=told["beats_naive"], total=told.get("energy_kwh"), cost=told.get("cost"),
        peak=told.get("peak_kw"), peak_at_us=told.get("peak_at_us"),
        history_start_us=told["history_start_us"], start_us=told["start_us"], end_us=told["end_us"],
        made_us=to_us(access.now), document=document, asked_by=access.principal.email,
    )  # fmt: skip
    session.add(row)
    session.flush()
    after = {
        name: told[name] for name in ("what", "machines", "name", "method", "mase", "start_us", "end_us")
    }
    access.audit(session, "forecast.run", ("forecast", row.id), after={**after, "job": job_key})
    if told["start_us"] > row.made_us - asked.subject.step_us:
        session.add(_logged(row, asked.subject, document))


def _logged(row: ForecastRun, subject: Subject, document: str) -> Prediction:
    """The row of the log, for a forecast that was made before the fact."""
    return Prediction(
        job_key=row.job_key, kind="forecast", machine_key=_whose(subject), model=row.method,
        made_us=row.made_us, until_us=row.end_us, naive=row.naive_mase,
        detail={"of": _what(subject), "document": document.partition("/")[2], "forecast": row.id},
    )  # fmt: skip


def _whose(subject: Subject) -> str:
    return subject.machines[0] if len(subject.machines) == 1 else ""


def _what(subject: Subject) -> str:
    """What is scored together: `energy`, `parameter spindle_speed`, of several machines their keys too."""
    keys = subject.machines if len(subject.machines) > 1 else ()
    return " ".join((subject.target, subject.name, *keys)).strip()
