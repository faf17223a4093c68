"""Measured values: the newest ones, and lines that are thinned for drawing."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from analytics.errors import InvalidInput
from app.api.caller import Caller
from app.api.errors import FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Machines, WidePaging, one_page
from app.api.values import Moment, Short
from app.production.measured import signals
from app.production.measured.readings import latest_values
from data.models import from_us, to_us

router = APIRouter(
    prefix="/telemetry",
    tags=["telemetry"],
    route_class=TaggedRoute,
    responses={**LOGGED_IN, **NOT_MODIFIED},
)


class Latest(BaseModel):
    """The newest value of one signal."""

    machine: str
    parameter: str
    time: datetime
    value: float | int | bool | str


class Line(BaseModel):
    """One signal: times and values side by side; a null breaks the line where no value came."""

    parameter: str
    times: list[datetime]
    values: list[float | None]


class Lines(BaseModel):
    """Signals of one machine, every peak kept."""

    machine: str
    data: list[Line]


@router.get("/latest", summary="The newest values", response_model=Listed[Latest])
def latest(
    caller: Caller,
    page: WidePaging,
    machine: Machines = [],  # noqa: B006
    parameter: Annotated[list[Short], Query(max_length=200, description="Only these parameters.")] = [],  # noqa: B006
) -> dict[str, Any]:
    """The newest value of each signal, by machine and parameter."""
    found = latest_values(caller, machine or None, parameter or None)
    rows = list(
        zip(
            found["machine"].tolist(),
            found["parameter"].tolist(),
            found["time_us"].tolist(),
            found["value"].tolist(),
            strict=True,
        )
    )
    keys = {"machine": lambda r: r[:2], "parameter": lambda r: (r[1], r[0]), "time": lambda r: r[2]}
    return one_page(
        rows,
        page,
        keys,
        "machine",
        lambda r: {"machine": r[0], "parameter": r[1], "time": from_us(r[2]), "value": r[3]},
    )


@router.get("/series", summary="Signals over time", response_model=Lines, responses=FOUND)
def series(
    caller: Caller,
    machine: Annotated[str, Query(max_length=100, description="The device key.")],
    parameter: Annotated[list[Short], Query(min_length=1, max_length=20, description="Which signals.")],
    start: Annotated[Moment, Query()],
    end: Annotated[Moment, Query()],
) -> dict[str, Any]:
    """The smallest and largest value of every bucket with their own times, at most 2,000 points a signal."""
    if end <= start:
        raise InvalidInput.at("end", "The end must lie after the start.")
    found = signals.lines(caller, machine, parameter, to_us(start), to_us(end))
    data = []
    for key in dict.fromkeys(parameter):
        mine = found[found["parameter"] == key]
        values = [None if value != value else value for value in mine["value"].tolist()]  # noqa: PLR0124
        times = [from_us(int(at)) for at in mine["time_us"].tolist()]
        data.append({"parameter": key, "times": times, "values": values})
    return {"machine": machine, "data": data}
