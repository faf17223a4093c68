"""How right each model was, by what it told before the fact; and which lose to the naive rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.predict.failure.hourly import HOUR_US
from data.models import Prediction, to_us

FAILURE: Final = "failure"
FORECAST: Final = "forecast"
LIFE: Final = "life"
NAIVE: Final = "seasonal_naive"
LOSES_DAYS: Final = 14
LEAST: Final = {FAILURE: 20, LIFE: 20, FORECAST: 5}
MEASURES: Final = {FAILURE: "brier", LIFE: "error_h", FORECAST: "mase"}
"""A model is judged by at least so many matched predictions of the last 14 days, and not before 14 days."""
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One model on one machine. Of failures: precision, recall, hours of warning, Brier scores; of remaining
    lives the mean error in hours and the share inside the band; of forecasts: MASE and the share of values
    inside the bands. `money`: of failures that were foreseen, or by how much the
    energy cost more than told. `is_losing`: for 14 days it was no better than the naive rule."""

    kind: str
    model: str
    machine: str
    of: str
    predictions: int
    precision: float | None
    recall: float | None
    lead_h: float | None
    score: float | None
    naive_score: float | None
    coverage_80: float | None
    coverage_95: float | None
    money: float | None
    is_losing: bool


def key_of(row: Prediction) -> Key:
    """What is scored together."""
    return row.kind, row.model, row.machine_key, str(row.detail.get("of", ""))


def scorecards(access: Access, *, days: int = 90) -> list[Scorecard]:
    """Every model on every machine over the last days, by kind, model and machine."""
    groups: dict[Key, list[Prediction]] = {}
    for row in matched(access, days=days):
        groups.setdefault(key_of(row), []).append(row)
    now_us = to_us(access.now)
    return [_card(key, rows, now_us) for key, rows in sorted(groups.items())]


def matched(access: Access, *, days: int = 90) -> list[Prediction]:
    """The predictions of the last days that were matched with what happened."""
    access.require(Permission.SEE_PLANT)
    since = to_us(access.now) - days * 24 * HOUR_US
    asked = select(Prediction).where(Prediction.matched_us.is_not(None), Prediction.made_us >= since)
    with access.read() as session:
        return list(session.scalars(asked.order_by(Prediction.made_us)))


def is_losing(rows: Sequence[Prediction], now_us: int) -> bool:
    """Whether these predictions of one model were no better than the naive rule for 14 days."""
    rows = [row for row in rows if "problem" not in row.scores]
    since = now_us - LOSES_DAYS * 24 * HOUR_US
    late = [row for row in rows if row.made_us >= since]
    if not late or late[0].model == NAIVE or len(late) < LEAST[late[0].kind]:
        return False
    if late[-1].made_us - min(row.made_us for row in rows) < (LOSES_DAYS - 1) * 24 * HOUR_US:
        return False
    own, naive = _scores(late)
    return own is not None and naive is not None and own >= naive


def is_off(access: Access, method: str, machine: str, of: str) -> bool:
    """Whether this method of forecasts lost on this subject for 14 days; it is tried anew 14 days later."""
    rows = [row for row in matched(access, days=2 * LOSES_DAYS + 1)
            if key_of(row) == (FORECAST, method, machine, of)]  # fmt: skip
    return is_losing(rows, to_us(access.now))


def _scores(rows: Sequence[Prediction]) -> tuple[float | None, float | None]:
    measure = MEASURES[rows[0].kind]
    return _mean(rows, measure), _mean(rows, f"naive_{measure}")


def _mean(rows: Sequence[Prediction], name: str) -> float | None:
    found = [float(row.scores[name]) for row in rows if row.scores.get(name) is not None]
    return sum(found) / len(found) if found else None


def _card(key: Key, rows: list[Prediction], now_us: int) -> Scorecard:
    own, naive = _scores(rows)
    kind, model, machine, of = key
    precision = recall = lead = None
    if kind == FAILURE:
        precision, recall, lead = _calls(rows)
    relevant = [row for row in rows if kind == FORECAST or row.scores.get("is_called")]
    money = [float(row.scores["money"]) for row in relevant if row.scores.get("money") is not None]
    return Scorecard(
        kind, model, machine, of, len(rows), precision, recall, lead, own, naive, _mean(rows, "coverage_80"),
        _mean(rows, "coverage_95"), sum(money) if money else None, is_losing(rows, now_us),
    )  # fmt: skip


def _calls(rows: Sequence[Prediction]) -> tuple[float | None, float | None, float | None]:
    called = [row for row in rows if row.scores.get("is_called")]
    happened = [row for row in rows if row.has_happened]
    hits = [row for row in called if row.has_happened]
    leads = [row.lead_h for row in hits if row.lead_h is not None]
    return (
        len(hits) / len(called) if called else None, len(hits) / len(happened) if happened else None,
        sum(leads) / len(leads) if leads else None,
    )  # fmt: skip


def as_dict(one: Scorecard) -> dict[str, Any]:
    """For the result of a job."""
    return {name: getattr(one, name) for name in Scorecard.__dataclass_fields__}
