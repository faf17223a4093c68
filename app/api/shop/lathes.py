"""How the lathes compare."""

from operator import itemgetter
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.plant.questions import End, Start, as_rows, range_us
from app.shop.report import FIGURES, lathe_report

router = APIRouter(
    prefix="/lathes",
    tags=["production jobs"],
    route_class=TaggedRoute,
    responses={**LOGGED_IN, **NOT_MODIFIED},
)
SORTED_BY = (
    "machine", *FIGURES, "run_min", "stop_min", "kwh", "kwh_per_part", "jobs", "late_jobs", "tool_changes",
)  # fmt: skip
SHOWN: dict[str, Any] = {
    "machine": "lathe-1", "oee": 0.71, "availability": 0.86, "performance": 0.84, "quality": 0.983,
    "good": 412.0, "scrap": 7.0, "coverage": 0.99, "run_min": 412.5, "stop_min": 48.0, "kwh": 57.2,
    "kwh_per_part": 0.139, "jobs": 6, "late_jobs": 1, "tool_changes": 4,
}  # fmt: skip


class LathePerformance(BaseModel):
    """One lathe over the range; ratios from 0 to 1, null where not evaluable."""

    model_config = ConfigDict(json_schema_extra={"examples": [SHOWN]})
    machine: str = Field(description="The device key.")
    oee: float | None
    availability: float | None
    performance: float | None
    quality: float | None
    good: float | None
    scrap: float | None
    coverage: float | None
    run_min: float | None = Field(description="Minutes of running, minor stops among them.")
    stop_min: float | None = Field(description="Minutes of unplanned stops and of set-up.")
    kwh: float | None = Field(description="Null where the lathe reports no power.")
    kwh_per_part: float | None = Field(description="Energy by good parts.")
    jobs: int = Field(description="Jobs that finished in the range.")
    late_jobs: int = Field(description="Those of them that took longer than estimated.")
    tool_changes: int


@router.get("/performance", summary="How the lathes compare", response_model=Listed[LathePerformance])
def list_lathe_performance(caller: Caller, page: Paging, start: Start, end: End) -> dict[str, Any]:
    """The performance report of the lathes, the best OEE first; of all machines where none is a lathe."""
    rows = as_rows(lathe_report(caller, *range_us(start, end)))
    return one_page(rows, page, {name: itemgetter(name) for name in SORTED_BY}, "-oee", lambda row: row)
