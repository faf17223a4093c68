"""The parameters of a device."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import BasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Search, has_words
from app.api.values import Id, Name, Strict
from app.production.measured import parameters
from app.production.measured.parameters import LARGEST_LIMIT, Keep, ParameterChange
from data.models import Parameter

router = APIRouter(
    prefix="/devices/{device_id}/parameters",
    tags=["parameters"],
    route_class=TaggedRoute,
    responses={**LOGGED_IN, **FOUND},
)
Limit = Annotated[float, Field(allow_inf_nan=False, ge=-LARGEST_LIMIT, le=LARGEST_LIMIT)]


class ParameterShown(BaseModel):
    """One metric that a machine sends."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 15,
                    "parameter_key": "voltage",
                    "display_name": "Voltage",
                    "unit": "V",
                    "data_type": "float",
                    "is_kpi_selected": True,
                    "low_limit": 380.0,
                    "high_limit": 420.0,
                    "discovered_at": "2026-01-15T10:00:00Z",
                    "updated_at": "2026-02-19T08:00:00Z",
                }
            ]
        }
    )
    id: int
    parameter_key: str
    display_name: str
    unit: str
    data_type: str
    is_kpi_selected: bool
    low_limit: float | None = Field(description="What lies below is out of limits; null: no limit.")
    high_limit: float | None = Field(description="What lies above is out of limits; null: no limit.")
    discovered_at: datetime | None
    updated_at: datetime | None


class ParametersShown(BaseModel):
    """The parameters of a machine."""

    data: list[ParameterShown]


class ParameterUpdate(Strict):
    """What to change; what is left out stays. A limit is taken away with null."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "display_name": "Line Voltage", "unit": "Volts", "is_kpi_selected": True,
                    "low_limit": 380, "high_limit": 420,
                }
            ]
        }
    )  # fmt: skip
    display_name: Name | None = None
    unit: Annotated[str, Field(max_length=30, pattern=r"^[^\x00]*$")] | None = None
    is_kpi_selected: bool | None = None
    low_limit: Limit | None = None
    high_limit: Limit | None = None


def _shown(row: Parameter) -> dict[str, Any]:
    return {
        "id": row.id,
        "parameter_key": row.key,
        "display_name": row.display_name or row.key,
        "unit": row.unit,
        "data_type": row.data_type,
        "is_kpi_selected": row.is_kpi,
        "low_limit": row.low_limit,
        "high_limit": row.high_limit,
        "discovered_at": row.discovered_at,
        "updated_at": row.updated_at or row.discovered_at,
    }


@router.get("", summary="List parameters", response_model=ParametersShown, responses=NOT_MODIFIED)
def list_parameters(
    caller: Caller,
    device_id: Id,
    search: Search = None,
    is_kpi_selected: Annotated[bool | None, Query(description="Only those chosen as KPIs, or not.")] = None,
) -> dict[str, Any]:
    """All parameters of a device by key, those included that it has sent and nobody has named yet."""
    rows = parameters.listed(caller, device_id)
    return {
        "data": [
            _shown(row)
            for row in rows
            if (is_kpi_selected is None or row.is_kpi == is_kpi_selected)
            and has_words(search, row.key, row.display_name)
        ]
    }


@router.get("/{param_id}", summary="Get a parameter", response_model=ParameterShown, responses=NOT_MODIFIED)
def get_parameter(caller: Caller, device_id: Id, param_id: Id, request: Request) -> dict[str, Any]:
    """One parameter with the ETag that a change needs."""
    row = parameters.one(caller, device_id, param_id)
    mark_version(request, row.version)
    return _shown(row)


@router.patch("/{param_id}", summary="Update a parameter", response_model=ParameterShown, responses=CHANGING)
def update_parameter(
    caller: Caller, device_id: Id, param_id: Id, given: ParameterUpdate, version: BasedOn, request: Request
) -> dict[str, Any]:
    """Name it, give its unit and its limits, choose it as a KPI."""
    named = given.model_fields_set
    wanted = ParameterChange(
        given.display_name,
        given.unit,
        given.is_kpi_selected,
        given.low_limit if "low_limit" in named else Keep.KEEP,
        given.high_limit if "high_limit" in named else Keep.KEEP,
    )
    if version is not None:
        require_version(version, parameters.for_change(caller, device_id, param_id).version)
    row = parameters.change(caller, device_id, param_id, version, wanted)
    mark_version(request, row.version)
    return _shown(row)
