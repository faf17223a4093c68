"""OEE, losses and stops: the figures of the pages, from the same functions."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.plant.questions import Asked, as_rows
from app.production import figures

router = APIRouter(tags=["figures"], route_class=TaggedRoute, responses={**LOGGED_IN, **NOT_MODIFIED})

Dimension = Literal["area", "line", "machine", "shift", "day", "product"]
By = Annotated[
    list[Dimension],
    Query(max_length=6, description="One row per value of these; without any, one row for everything."),
]
KEYS: Final = ("area", "line", "machine", "shift", "day", "product")


class Part(BaseModel):
    """Which part a row is about; null where the rows are not broken down by it."""

    area: str | None = Field(None, examples=["Hall 2"])
    line: str | None = Field(None, examples=["line-3"])
    machine: str | None = Field(None, examples=["M01"])
    shift: str | None = Field(None, examples=["early"])
    day: date | None = None
    product: str | None = None


class OeeRow(Part):
    """Ratios from 0 to 1, null where not evaluable (`missing` says why); times in microseconds."""

    model_config = ConfigDict(
        json_schema_extra={"description": "ISO 22400-2 ratios and the sums that they are made of."}
    )
    availability: float | None
    performance: float | None
    performance_raw: float | None
    over_speed: bool
    quality: float | None
    oee: float | None
    oee_raw: float | None
    oee_lower: float | None
    oee_upper: float | None
    ooe: float | None
    teep: float | None
    coverage: float | None
    missing: str
    note: str
    calendar_us: int
    unknown_us: int
    producing_us: int
    minor_stop_us: int
    setup_us: int
    unplanned_stop_us: int
    planned_stop_us: int
    not_scheduled_us: int
    ideal_us: int
    overlap_us: int
    record_us: int
    total: float
    good: float
    scrap: float
    rework: float
    startup_scrap: float
    total_without_ideal: float


class FlowRow(Part):
    """Where the time went, in microseconds; the first is the sum of those down to fully productive."""

    calendar_us: int
    not_scheduled_us: int
    unknown_us: int
    planned_stop_us: int
    unplanned_stop_us: int
    setup_us: int
    minor_stop_us: int
    speed_us: int
    defect_us: int
    startup_us: int
    undivided_us: int
    fully_productive_us: int
    scheduled_us: int
    planned_production_us: int
    run_us: int
    net_run_us: int
    over_speed_us: int


class LossRow(Part):
    """One of the six big losses."""

    loss: str = Field(examples=["breakdown"])
    loss_us: int
    share: float | None = Field(description="Of planned production time.")


class StopRow(BaseModel):
    """What one reason cost; the reason 0 stands for stops without one."""

    reason: int | None = Field(description="The id of the reason, null for stops without one.")
    name: str
    category: str
    is_operator_error: bool
    machine: str | None = None
    time_us: int
    minutes: float
    stops: int
    share: float
    cumulative_share: float


def _by_keys(by: list[Dimension]) -> dict[str, Any]:
    return {name: lambda row, name=name: row.get(name) for name in (by or KEYS)}


@router.get("/oee", summary="OEE and what it is made of", response_model=Listed[OeeRow])
def oee(caller: Caller, asked: Asked, page: Paging, by: By = []) -> dict[str, Any]:  # noqa: B006
    """Availability, performance, quality, OEE, OOE and TEEP, by area, line, machine, shift, day, product."""
    table = (
        figures.broken_down(caller, asked, list(dict.fromkeys(by))) if by else figures.totals(caller, asked)
    )
    names = ("oee", "availability", "performance", "quality", "total", "good", "coverage")
    keys = {**_by_keys(by), **{name: lambda row, name=name: row[name] for name in names}}
    return one_page(as_rows(table), page, keys, by[0] if by else "oee", lambda row: row)


@router.get("/losses", summary="The waterfall of losses", response_model=Listed[FlowRow])
def losses(caller: Caller, asked: Asked, page: Paging, by: By = []) -> dict[str, Any]:  # noqa: B006
    """From calendar time down to fully productive time."""
    table = figures.loss_flow(caller, asked, list(dict.fromkeys(by)))
    names = ("planned_production_us", "fully_productive_us", "unplanned_stop_us", "speed_us", "defect_us")
    keys = {**_by_keys(by), **{name: lambda row, name=name: row[name] for name in names}}
    return one_page(as_rows(table), page, keys, by[0] if by else "fully_productive_us", lambda row: row)


@router.get("/losses/six-big", summary="The six big losses", response_model=Listed[LossRow])
def six_big_losses(caller: Caller, asked: Asked, page: Paging, by: By = []) -> dict[str, Any]:  # noqa: B006
    """How much time each of the six big losses took, the largest first."""
    table = figures.big_losses(caller, asked, list(dict.fromkeys(by)))
    keys = {
        **_by_keys(by),
        **{name: lambda row, name=name: row[name] for name in ("loss", "loss_us", "share")},
    }
    return one_page(as_rows(table), page, keys, "-loss_us", lambda row: row)


@router.get("/stops", summary="Stops by reason", response_model=Listed[StopRow])
def stops(
    caller: Caller,
    asked: Asked,
    page: Paging,
    by: Annotated[
        Literal["reason", "machine"], Query(description="One row per reason, or per machine and reason.")
    ] = "reason",
) -> dict[str, Any]:
    """Which reasons cost the most, the longest first; records and measured stops together."""
    wanted = ("reason",) if by == "reason" else ("machine", "reason")
    rows = as_rows(figures.stops_by_reason(caller, asked, wanted))
    for row in rows:
        row["reason"] = row["reason"] if row["reason"] >= 0 else None
    names = ("time_us", "stops", "name", "category", "machine")
    keys = {name: lambda row, name=name: row.get(name) for name in names}
    return one_page(rows, page, keys, "-time_us", lambda row: row)
