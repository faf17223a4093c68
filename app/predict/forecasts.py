"""The forecasts that were made: the list, and one with its points."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from analytics.errors import NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import ForecastRun, from_us

COLLECTION: Final = "forecasts"
HISTORY_KEPT: Final = 672
"""So many of the last values are kept beside the forecast, to be drawn before it."""


@dataclass(frozen=True, slots=True)
class ForecastShown:
    """One forecast; see `data.models.predict.ForecastRun`."""

    id: int
    job_key: str
    target: str
    machines: tuple[str, ...]
    name: str
    unit: str
    step_s: int
    steps: int
    method: str
    models: tuple[str, ...]
    mase: float | None
    naive_mase: float | None
    beats_naive: bool | None
    total: float | None
    cost: float | None
    peak: float | None
    peak_at_us: int | None
    start_us: int
    end_us: int
    made_at: datetime
    document: str
    asked_by: str


def forecasts(access: Access, *, limit: int = 100) -> list[ForecastShown]:
    """The last forecasts, the newest first."""
    access.require(Permission.SEE_PLANT)
    newest = select(ForecastRun).order_by(ForecastRun.made_us.desc(), ForecastRun.id.desc()).limit(limit)
    with access.read() as session:
        return [_shown(row) for row in session.scalars(newest)]


def one_forecast(access: Access, forecast_id: int) -> ForecastShown:
    """One forecast; NotFound for another factory's."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.get(ForecastRun, forecast_id)
        if row is None:
            raise NotFound("There is no such forecast in this factory.")
        return _shown(row)


def forecast_body(access: Access, one: ForecastShown) -> dict[str, Any]:
    """The whole of a forecast: `points` and `past` as columns, `ranking` of the models; NotFound."""
    access.require(Permission.SEE_PLANT)
    collection, _, key = one.document.partition("/")
    found = access.gemba.documents.get(access.factory.slug, collection, key)
    if found is None:
        raise NotFound("The points of this forecast are no longer kept.")
    return found.body


def _shown(row: ForecastRun) -> ForecastShown:
    return ForecastShown(
        row.id, row.job_key, row.target, tuple(row.machines), row.name, row.unit, row.step_s, row.steps,
        row.method, tuple(row.models), row.mase, row.naive_mase, row.beats_naive, row.total, row.cost,
        row.peak, row.peak_at_us, row.start_us, row.end_us, from_us(row.made_us), row.document, row.asked_by,
    )  # fmt: skip
