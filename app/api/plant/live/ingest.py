"""What machines and gateways send in their own forms: one message, many, or lines."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Body, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import FOUND, LOGGED_IN
from app.api.values import Key, Strict
from app.bootstrap import Access
from app.ingest.formats import lines, topics
from app.ingest.formats.refused import Limits, RefusedMessage, Why
from app.ingest.items import EVENT_ID, Item, Outcome, take_items, take_one
from app.ingest.refusals import Refused
from app.ingest.storing import Sent, Storing
from data.models import to_us

router = APIRouter(tags=["ingest"], responses=LOGGED_IN)

MOST = 10_000
EventId = Annotated[str, Field(max_length=EVENT_ID, description="The sender's own id of the event.")]


class Measured(Strict):
    """What a machine measured at one time, as FactoryOps' devices send it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"timestamp": "2026-02-19T10:30:00Z", "metrics": {"voltage": 231.4, "current": 3.2}}]
        }
    )
    timestamp: str | int | float
    metrics: dict[str, Any]
    event_id: EventId = ""


class ItemGiven(Strict):
    """One message: `data` is the payload that the machine would publish under the topic of its kind."""

    machine: Key
    kind: Literal["telemetry", "state", "count", "activity"]
    data: dict[str, Any]
    event_id: EventId = ""


class Items(Strict):
    """Messages of machines."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "machine": "M01",
                            "kind": "telemetry",
                            "data": {"timestamp": "2026-02-19T10:30:00Z", "metrics": {"voltage": 231.4}},
                            "event_id": "7f9c",
                        }
                    ]
                }
            ]
        }
    )
    items: list[ItemGiven] = Field(max_length=MOST)


class OutcomeShown(BaseModel):
    """What became of one message."""

    position: int
    status: int = Field(
        description="201 stored, 200 seen before, 202 in quarantine, 4xx refused, 503 send it again."
    )
    code: str
    message: str


class Outcomes(BaseModel):
    """What became of each message, in the order in which they were sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"items": [{"position": 0, "status": 201, "code": "stored", "message": ""}]}]
        }
    )
    items: list[OutcomeShown]


@router.post(
    "/devices/{device_key}/telemetry",
    summary="Send what a machine measured",
    response_model=OutcomeShown,
    status_code=201,
    responses=FOUND,
)
def send_measured(caller: Caller, device_key: Key, given: Measured) -> dict[str, Any]:
    """Keep the values of one time; an event id that was seen before changes nothing."""
    data = {"timestamp": given.timestamp, "metrics": given.metrics}
    item = _item(caller, device_key, "telemetry", data, given.event_id)
    outcome = take_one(caller, Storing(caller.gemba), device_key, item)
    return _shown(0, outcome)


@router.post("/ingest/batch", summary="Send messages of machines", response_model=Outcomes, status_code=207)
def send_batch(caller: Caller, given: Items) -> dict[str, Any]:
    """Keep messages of all kinds, each with an outcome of its own."""
    items = [_item(caller, one.machine, one.kind, one.data, one.event_id) for one in given.items]
    outcomes = take_items(caller, Storing(caller.gemba), items)
    return {"items": [_shown(place, one) for place, one in enumerate(outcomes)]}


@router.post(
    "/ingest/lines",
    summary="Send InfluxDB lines",
    response_model=Outcomes,
    status_code=207,
    responses={204: {"description": "Every line was stored."}},
)
def send_lines(
    caller: Caller,
    given: Annotated[bytes, Body(media_type="text/plain")] = b"",
    precision: Annotated[Literal["ns", "us", "ms", "s"], Query(description="The unit of the times.")] = "ns",
) -> Response:
    """Keep values in line protocol; the tag `device_id` or `machine` names the machine.

    204 when every line was stored, otherwise the outcome of each line.
    """
    now_us, limits = to_us(caller.now), _limits(caller)
    items = []
    for raw in given.split(b"\n"):
        line = raw.decode(errors="replace").strip("\r")
        if line.strip() and not line.startswith("#"):
            try:
                sent = Sent(lines.reading(line, precision, now_us, limits), "telemetry", "HTTP lines", raw)
                items.append(Item(sent))
            except RefusedMessage as error:
                items.append(Item(Refused(error.why, "telemetry", "HTTP lines", str(error), raw)))
    outcomes = take_items(caller, Storing(caller.gemba), items)
    if all(one.status < 202 for one in outcomes):
        return Response(status_code=204)
    return JSONResponse({"items": [_shown(place, one) for place, one in enumerate(outcomes)]}, 207)


def _item(caller: Access, machine: str, kind: str, data: dict[str, Any], event_id: str) -> Item:
    try:
        raw = msgspec.json.encode(data)
    except UnicodeEncodeError:
        sentence = "A text holds half a character (a lone surrogate)."
        return Item(Refused(Why.INVALID_JSON, kind, f"HTTP {machine}", sentence, b""), event_id)
    try:
        message = topics.READERS[topics.Kind(kind)](machine, raw, _limits(caller))
    except RefusedMessage as error:
        return Item(Refused(error.why, kind, f"HTTP {machine}", str(error), raw), event_id)
    return Item(Sent(message, kind, f"HTTP {machine}", raw), event_id)


def _limits(caller: Access) -> Limits:
    settings = caller.gemba.settings
    return Limits(settings.ingest_max_bytes, settings.ingest_max_depth, settings.ingest_max_parameters)


def _shown(place: int, outcome: Outcome) -> dict[str, Any]:
    return {
        "position": place,
        "status": outcome.status,
        "code": outcome.code,
        "message": outcome.message,
    }
