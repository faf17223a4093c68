"""The KPI registry, and what each KPI is worth."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from analytics.kpis import KPIS, Kpi, Result
from app.api.caller import Caller
from app.api.errors import LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, WidePaging, one_page
from app.api.plant.questions import Asked
from app.auth.permissions import Permission
from app.kpis.values import kpi_values

router = APIRouter(
    prefix="/kpis", tags=["kpis"], route_class=TaggedRoute, responses={**LOGGED_IN, **NOT_MODIFIED}
)
EXAMPLE: Final[dict[str, Any]] = {
    "id": "oee", "name": "OEE", "group": "Effectiveness", "formula": "APT/PBT x min(ITT/APT, 1) x GQ/PQ",
    "inputs": ["APT", "PBT", "ITT", "GQ", "PQ"], "unit": "%", "low": 0.0, "high": 1.0, "better": "up",
    "audience": "all", "source": "ISO 22400-2:2014", "note": "",
}  # fmt: skip


class KpiShown(BaseModel):
    """What a KPI is. `low` and `high` bound its values, null where there is no bound."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    id: str
    name: str
    group: str
    formula: str
    inputs: list[str]
    unit: str
    low: float | None
    high: float | None
    better: str
    audience: str
    source: str
    note: str


class KpiValue(BaseModel):
    """What a KPI is worth; a null value comes with what is missing for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "oee", "unit": "%", "value": 0.7479, "lower": 0.7479, "upper": 0.7479, "coverage": 1.0,
                 "missing": [], "reason": ""}
            ]
        }
    )  # fmt: skip
    id: str
    unit: str
    value: float | None
    lower: float | None
    upper: float | None
    coverage: float | None
    missing: list[str]
    reason: str


@router.get("", summary="All KPIs", response_model=Listed[KpiShown])
def list_kpis(caller: Caller, page: WidePaging) -> dict[str, Any]:
    """The registry: every KPI with its formula, in its order or by id or name."""
    caller.require(Permission.SEE_PLANT)
    keys = {"id": lambda kpi: kpi.id, "name": lambda kpi: kpi.name}
    return one_page(list(KPIS), page, keys, "id", _shown)


@router.get("/values", summary="What KPIs are worth", response_model=Listed[KpiValue])
def kpi_values_of(
    caller: Caller,
    asked: Asked,
    page: WidePaging,
    kpi: Annotated[list[str], Query(max_length=100, description="Only these, by id.")] = [],  # noqa: B006
) -> dict[str, Any]:
    """Every KPI for a part of the plant and a range, with bounds and coverage."""
    found = kpi_values(caller, asked, kpi)
    keys = {"id": lambda one: one.kpi.id, "name": lambda one: one.kpi.name}
    return one_page(found, page, keys, "id", _worth)


def _shown(kpi: Kpi) -> dict[str, Any]:
    return {name: getattr(kpi, name) for name in KpiShown.model_fields}


def _worth(found: Result) -> dict[str, Any]:
    return {
        "id": found.kpi.id, "unit": found.kpi.unit, "value": found.value, "lower": found.lower,
        "upper": found.upper, "coverage": found.coverage, "missing": list(found.missing),
        "reason": found.reason,
    }  # fmt: skip
