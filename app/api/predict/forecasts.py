"""Forecasts with their points and bands."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from analytics.errors import NotFound
from app.api.caller import Caller
from app.api.errors import FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Short, moment
from app.predict.forecasts import ForecastShown, forecast_body, forecasts, one_forecast
from data.models import from_us

router = APIRouter(
    prefix="/forecasts",
    tags=["predictions"],
    route_class=TaggedRoute,
    responses={**LOGGED_IN, **NOT_MODIFIED},
)
MOST: Final = 1_000
Target = Literal["energy", "parameter", "kpi"]
LISTED: Final[dict[str, Any]] = {
    "id": 12, "target": "energy", "machines": ["eaf-1"], "name": "energy", "unit": "kWh", "step_s": 3600,
    "steps": 24, "method": "median", "models": ["profile", "theta", "boosting"], "mase": 0.61,
    "naive_mase": 0.83, "beats_naive": True, "total": 41210.5, "cost": 6181.6, "peak": 2410.0,
    "peak_at": "2026-02-20T09:00:00Z", "start": "2026-02-20T00:00:00Z", "end": "2026-02-21T00:00:00Z",
    "made_at": "2026-02-19T23:58:00Z",
}  # fmt: skip
POINT: Final[dict[str, Any]] = {
    "time": "2026-02-20T00:00:00Z", "yhat": 1720.4, "lower_80": 1510.0, "upper_80": 1910.2,
    "lower_95": 1400.9, "upper_95": 2055.1,
}  # fmt: skip


class ForecastListed(BaseModel):
    """A forecast and how it was tested; `machines` is empty for the whole plant."""

    model_config = ConfigDict(json_schema_extra={"examples": [LISTED]})
    id: int
    target: Target
    machines: list[str]
    name: str = Field(description="The key of the parameter, or the KPI.")
    unit: str
    step_s: int
    steps: int
    method: str
    models: list[str]
    mase: float | None = Field(description="Of the backtest on the series itself, at this horizon.")
    naive_mase: float | None
    beats_naive: bool | None
    total: float | None = Field(description="kWh, of energy.")
    cost: float | None = Field(description="In the factory's currency.")
    peak: float | None
    peak_at: datetime | None
    start: datetime
    end: datetime
    made_at: datetime


class Point(BaseModel):
    """One step with its 80 % and 95 % bands."""

    time: datetime
    yhat: float | None
    lower_80: float | None
    upper_80: float | None
    lower_95: float | None
    upper_95: float | None


class ForecastWhole(ForecastListed):
    """A forecast with its points."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**LISTED, "points": [POINT]}]})
    points: list[Point]


@router.get("", summary="List forecasts", response_model=Listed[ForecastListed])
def list_forecasts(
    caller: Caller,
    page: Paging,
    target: Annotated[Target | None, Query(description="Only of this kind.")] = None,
    machine: Annotated[Short | None, Query(description="Only those of this device key.")] = None,
) -> dict[str, Any]:
    """The last thousand forecasts, the newest first."""
    found = [
        one for one in forecasts(caller, limit=MOST)
        if target in (None, one.target) and (machine is None or machine in one.machines)
    ]  # fmt: skip
    keys = {
        "made_at": lambda one: (one.made_at, one.id), "start": lambda one: (one.start_us, one.id),
        "mase": lambda one: one.mase, "total": lambda one: one.total,
    }  # fmt: skip
    return one_page(found, page, keys, "-made_at", _listed)


@router.get("/{forecast_id}", summary="Get a forecast", response_model=ForecastWhole, responses=FOUND)
def get_forecast(caller: Caller, forecast_id: Id) -> dict[str, Any]:
    """One forecast with its points; none where they are no longer kept."""
    one = one_forecast(caller, forecast_id)
    try:
        columns = forecast_body(caller, one)["points"]
    except NotFound:
        return {**_listed(one), "points": []}
    times = [from_us(us) for us in columns["time_us"]]
    bands = [name for name in Point.model_fields if name != "time"]
    points = [
        {"time": time, **{name: columns[name][place] for name in bands}} for place, time in enumerate(times)
    ]
    return {**_listed(one), "points": points}


def _listed(one: ForecastShown) -> dict[str, Any]:
    same = set(ForecastListed.model_fields) - {"peak_at", "start", "end"}
    return {name: getattr(one, name) for name in same} | {
        "peak_at": moment(one.peak_at_us), "start": from_us(one.start_us), "end": from_us(one.end_us)
    }  # fmt: skip
