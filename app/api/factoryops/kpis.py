"""The live and past values of a device's chosen parameters."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from app.api.caller import Caller
from app.api.errors import FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.values import Id, Moment
from app.production.measured import kpis
from data.models import from_us, to_us

router = APIRouter(
    prefix="/devices/{device_id}/kpis",
    tags=["kpis"],
    route_class=TaggedRoute,
    responses={**LOGGED_IN, **FOUND, **NOT_MODIFIED},
)


class LiveValue(BaseModel):
    """The newest value of one parameter; stale when it is older than five minutes."""

    parameter_key: str
    display_name: str
    unit: str
    value: float | int | bool | str | None
    is_stale: bool


class LiveValues(BaseModel):
    """The chosen parameters of a device now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "device_id": 5,
                    "timestamp": "2026-02-19T10:30:00Z",
                    "kpis": [
                        {
                            "parameter_key": "voltage",
                            "display_name": "Voltage",
                            "unit": "V",
                            "value": 231.4,
                            "is_stale": False,
                        }
                    ],
                }
            ]
        }
    )
    device_id: int
    timestamp: datetime
    kpis: list[LiveValue]


class HistoryPoint(BaseModel):
    """The mean of one interval, at its start."""

    timestamp: datetime
    value: float


class History(BaseModel):
    """A parameter over time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "parameter_key": "voltage",
                    "display_name": "Voltage",
                    "unit": "V",
                    "interval": "5m",
                    "points": [{"timestamp": "2026-02-19T10:00:00Z", "value": 231.2}],
                }
            ]
        }
    )
    parameter_key: str
    display_name: str
    unit: str
    interval: str
    points: list[HistoryPoint]


@router.get("/live", summary="Get live KPIs", response_model=LiveValues)
def live_kpis(caller: Caller, device_id: Id) -> dict[str, Any]:
    """The newest values of all chosen parameters; `timestamp` is that of the newest, or now without any."""
    found = kpis.live(caller, device_id)
    newest = max((one.time_us for one in found if one.time_us is not None), default=to_us(caller.now))
    return {
        "device_id": device_id,
        "timestamp": from_us(newest),
        "kpis": [
            {
                "parameter_key": one.parameter.key,
                "display_name": one.parameter.display_name or one.parameter.key,
                "unit": one.parameter.unit,
                "value": one.value,
                "is_stale": one.is_stale,
            }
            for one in found
        ],
    }


@router.get("/history", summary="Get KPI history", response_model=History)
def kpi_history(
    caller: Caller,
    device_id: Id,
    parameter: Annotated[str, Query(min_length=1, max_length=100, description="Parameter key.")],
    start: Annotated[Moment, Query()],
    end: Annotated[Moment, Query()],
    interval: Annotated[
        Literal["1m", "5m", "1h", "1d"], Query(description="Length of an interval; days are local.")
    ] = "5m",
) -> dict[str, Any]:
    """The means of a parameter per interval; intervals without a value are left out."""
    row, means = kpis.history(caller, device_id, parameter, to_us(start), to_us(end), interval)
    times, values = means["time_us"].tolist(), means["value"].tolist()
    return {
        "parameter_key": row.key,
        "display_name": row.display_name or row.key,
        "unit": row.unit,
        "interval": interval,
        "points": [
            {"timestamp": from_us(at), "value": value} for at, value in zip(times, values, strict=True)
        ],
    }
