"""Alerts out of service."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.alerts import out_of_service as service
from app.alerts.out_of_service import OutDraft, OutShown
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import BasedOn, TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Message, Moment, Strict, or_none

router = APIRouter(prefix="/out-of-service", tags=["alerts"], route_class=TaggedRoute, responses=LOGGED_IN)
EXAMPLE: Final[dict[str, Any]] = {
    "id": 4, "rule_id": 10, "rule_name": "Spindle Overheat", "device_id": 5,
    "device_name": "CNC Mill - Station A", "reason": "The sensor is being changed",
    "since": "2026-02-19T14:00:00Z", "by": "lan@vpc.example", "until": "2026-02-20T14:00:00Z",
    "ended_at": "2026-02-20T09:00:00Z", "ended_by": "lan@vpc.example",
}  # fmt: skip
Number = Annotated[int, Field(ge=1, le=2**53)]


class OutAnswered(BaseModel):
    """Alerts of a rule, of a machine, or of a rule on a machine, that tell nobody until an end."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    id: int
    rule_id: int | None
    rule_name: str | None
    device_id: int | None
    device_name: str | None
    reason: str
    since: datetime
    by: str
    until: datetime
    ended_at: datetime | None
    ended_by: str | None


class OutGiven(Strict):
    """What to take out of service: name a rule, a machine, or both."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"rule_id": 10, "until": "2026-03-05T06:00:00Z", "reason": "The sensor is changed"}]
        }
    )
    rule_id: Number | None = None
    device_id: Number | None = None
    until: Moment
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class OutMade(BaseModel):
    """The id of the entry."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 4}]})
    id: int


@router.get("", summary="List what is out of service", response_model=Listed[OutAnswered],
            responses=NOT_MODIFIED)  # fmt: skip
def list_out_of_service(
    caller: Caller,
    page: Paging,
    ended: Annotated[bool, Query(description="Also what is in service again.")] = False,
) -> dict[str, Any]:
    """What is out of service now, with who took it out, why and until when."""
    keys = {"since": lambda one: one.begun_at, "until": lambda one: one.until}
    return one_page(service.out_of_service(caller, with_ended=ended), page, keys, "-since", _shown)


@router.post("", summary="Take alerts out of service", response_model=OutMade, status_code=201,
             responses={**FOUND, **CHANGING})  # fmt: skip
def take_out_of_service(caller: Caller, given: OutGiven) -> dict[str, int]:
    """Its alerts are listed, told to nobody, and no part of the alarm load."""
    draft = OutDraft(given.rule_id, given.device_id, given.until, given.reason)
    return {"id": service.remove_from_service(caller, draft)}


@router.delete("/{out_id}", summary="Return alerts to service", response_model=Message,
               responses={**FOUND, **CHANGING})  # fmt: skip
def return_to_service(caller: Caller, out_id: Id, version: BasedOn) -> dict[str, str]:
    """What is still active is told now."""
    service.return_to_service(caller, out_id, version)
    return {"message": "Returned to service"}


def _shown(one: OutShown) -> dict[str, Any]:
    return {
        "id": one.id, "rule_id": one.rule_id, "rule_name": or_none(one.rule_name),
        "device_id": one.machine_id, "device_name": or_none(one.machine_name), "reason": one.reason,
        "since": one.begun_at, "by": one.begun_by, "until": one.until, "ended_at": one.ended_at,
        "ended_by": or_none(one.ended_by),
    }  # fmt: skip
