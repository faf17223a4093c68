"""Productivity's endpoints, at the paths and in the shapes that its clients know, below `/api`."""

from collections.abc import Mapping
from datetime import datetime
from math import isnan
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from analytics.errors import InvalidInput, NotFound
from app.api.caller import Caller
from app.api.errors import FOUND, LOGGED_IN
from app.api.values import Message, Moment, Strict
from app.bootstrap import Access
from app.production.camera import directory, figures, posted, sample
from app.production.camera.figures import ActivityQuestion
from app.production.cells import DAY_US
from data.contracts.messages import ActivityMessage
from data.models import to_us

router = APIRouter(tags=["productivity"], responses=LOGGED_IN)

MOST: Final = 10_000
PLAIN: Final = r"^[^\x00-\x1f]*$"
EVENT: Final[dict[str, Any]] = {
    "timestamp": "2026-01-15T10:15:00Z",
    "worker_id": "W1",
    "workstation_id": "S3",
    "event_type": "working",
    "confidence": 0.93,
    "count": 1,
    "event_id": "cam-3-000817",
    "model_id": "activity-2.1",
}
WORKER: Final[dict[str, Any]] = {
    "worker_id": "W1",
    "name": "Worker 01",
    "total_active_time_hours": 16.2,
    "total_idle_time_hours": 2.1,
    "utilization_percentage": 88.5,
    "total_units_produced": 195.0,
    "units_per_hour": 12.04,
    "event_count": 72,
}
STATION: Final[dict[str, Any]] = {
    "station_id": "S1",
    "name": "Assembly Line 1",
    "type": "assembly",
    "occupancy_time_hours": 32.5,
    "utilization_percentage": 85.0,
    "total_units_produced": 325.0,
    "throughput_rate": 10.0,
    "event_count": 72,
}
FACTORY: Final[dict[str, Any]] = {
    "total_productive_time_hours": 96.5,
    "total_production_count": 1245.0,
    "average_production_rate": 12.9,
    "average_utilization_percentage": 87.3,
    "worker_count": 6,
    "station_count": 6,
    "total_events": 432,
}
Text = Annotated[str, Field(min_length=1, max_length=120, pattern=PLAIN)]


class EventGiven(Strict):
    """What a camera saw. `station_id` means the same as `workstation_id`."""

    model_config = ConfigDict(json_schema_extra={"examples": [EVENT]})
    timestamp: Moment
    worker_id: Text
    workstation_id: Text = ""
    station_id: Text = ""
    event_type: Literal["working", "idle", "absent", "product_count"]
    confidence: float | None = Field(None, ge=0, le=1)
    count: float | None = Field(None, ge=0, le=1e9)
    event_id: Annotated[str, Field(max_length=120, pattern=PLAIN)] = ""
    model_id: Annotated[str, Field(max_length=60, pattern=PLAIN)] = ""
    model_version: Annotated[str, Field(max_length=59, pattern=PLAIN)] = ""

    @model_validator(mode="after")
    def _one_station(self) -> "EventGiven":
        if not (self.workstation_id or self.station_id):
            raise ValueError("name the workstation in workstation_id")
        return self

    def message(self) -> ActivityMessage:
        """The event in the house's form."""
        return ActivityMessage(
            machine=self.workstation_id or self.station_id,
            time_us=to_us(self.timestamp),
            event_type=self.event_type,
            worker=self.worker_id,
            confidence=self.confidence,
            count=self.count,
            event_id=self.event_id,
            model=" ".join(word for word in (self.model_id, self.model_version) if word),
        )


class EventTaken(BaseModel):
    """What became of one event."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"message": "Event ingested successfully", "event_id": "cam-3-000817", "is_duplicate": False}
            ]
        }
    )
    message: str
    event_id: str = Field(description="The event's own id or, where it had none, the hash of its content.")
    is_duplicate: bool


class EventFailed(BaseModel):
    """Why an event was not taken."""

    index: int
    message: str


class EventsTaken(BaseModel):
    """What became of a batch. Repeats count as successes: they are there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "message": "5/5 events ingested successfully",
                    "success_count": 5,
                    "failed_count": 0,
                    "duplicate_count": 0,
                    "total_count": 5,
                    "failed_indices": [],
                    "errors": [],
                }
            ]
        }
    )
    message: str
    success_count: int
    failed_count: int
    duplicate_count: int
    total_count: int
    failed_indices: list[int]
    errors: list[EventFailed]


class WorkerShown(BaseModel):
    """A worker; the name is a pseudonym unless a reason is given and the caller may see names."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"worker_id": "W1", "name": "Worker 01"}]})
    worker_id: str
    name: str


class StationShown(BaseModel):
    """A workstation."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"station_id": "S1", "name": "Assembly Line 1", "type": "assembly"}]}
    )
    station_id: str
    name: str
    type: str


class WorkerMetrics(BaseModel):
    """How a worker's time was spent; a ratio over no time is 0, as the contract has it."""

    model_config = ConfigDict(json_schema_extra={"examples": [WORKER]})
    worker_id: str
    name: str
    total_active_time_hours: float
    total_idle_time_hours: float
    utilization_percentage: float
    total_units_produced: float
    units_per_hour: float
    event_count: int


class StationMetrics(BaseModel):
    """How much a workstation was used."""

    model_config = ConfigDict(json_schema_extra={"examples": [STATION]})
    station_id: str
    name: str
    type: str
    occupancy_time_hours: float
    utilization_percentage: float
    total_units_produced: float
    throughput_rate: float
    event_count: int


class FactoryMetrics(BaseModel):
    """What everybody together did."""

    model_config = ConfigDict(json_schema_extra={"examples": [FACTORY]})
    total_productive_time_hours: float
    total_production_count: float
    average_production_rate: float
    average_utilization_percentage: float
    worker_count: int
    station_count: int
    total_events: int


Start = Annotated[Moment | None, Query(description="From when on; without it, 31 days before the end.")]
End = Annotated[Moment | None, Query(description="Until when; without it, now.")]
Least = Annotated[
    float | None, Query(ge=0, le=1, description="Events less confident than this count for nothing.")
]
Reason = Annotated[
    str | None,
    Query(max_length=300, pattern=PLAIN, description="Why real names are needed; each look is audited."),
]
KeyPath = Annotated[str, Field(max_length=120)]


@router.post(
    "/events", summary="Ingest one camera event", response_model=EventTaken, status_code=201, responses=FOUND
)
def ingest_event(caller: Caller, given: EventGiven, response: Response) -> dict[str, Any]:
    """Keep an event of a worker and a workstation that are listed; 200 where it was kept before."""
    message = given.message()
    kept = posted.post_activities(caller, [message])
    if kept.refused:
        raise InvalidInput.at("event", kept.refused[0][1])
    if kept.unchanged:
        response.status_code = 200
    return {
        "message": "Event ingested successfully" if kept.stored else "Event was ingested before",
        "event_id": posted.event_key(message),
        "is_duplicate": bool(kept.unchanged),
    }


@router.post("/events/batch", summary="Ingest camera events", response_model=EventsTaken, status_code=201)
def ingest_events(
    caller: Caller, given: Annotated[list[EventGiven], Field(max_length=MOST)]
) -> dict[str, Any]:
    """Keep events in any order; those of unknown workers or workstations are named by their place."""
    kept = posted.post_activities(caller, [one.message() for one in given])
    good = kept.stored + kept.unchanged
    return {
        "message": f"{good}/{len(given)} events ingested successfully",
        "success_count": good,
        "failed_count": len(kept.refused),
        "duplicate_count": kept.unchanged,
        "total_count": len(given),
        "failed_indices": [place for place, _ in kept.refused],
        "errors": [{"index": place, "message": said} for place, said in kept.refused],
    }


@router.get("/workers", summary="List workers", response_model=list[WorkerShown])
def list_workers(caller: Caller, reason: Reason = None) -> list[dict[str, str]]:
    """The workers, by key, under pseudonyms; with `reason`, for those who may, under their names."""
    rows = directory.workers(caller)
    names = directory.real_names(caller, reason) if reason is not None else {}
    return [{"worker_id": row.key, "name": names.get(row.key) or row.pseudonym} for row in rows]


@router.get("/workstations", summary="List workstations", response_model=list[StationShown])
def list_workstations(caller: Caller) -> list[dict[str, str]]:
    """The workstations, by key."""
    return [
        {"station_id": row.key, "name": row.name or row.key, "type": row.type}
        for row in directory.stations(caller)
    ]


@router.get("/metrics/factory", summary="Get factory metrics", response_model=FactoryMetrics)
def factory_metrics(
    caller: Caller, start: Start = None, end: End = None, least_confidence: Least = None
) -> dict[str, Any]:
    """The figures of everybody together; the counts are of all that are listed."""
    [row] = figures.factory(caller, _question(caller, start, end, least_confidence)).to_dict("records")
    return {
        "total_productive_time_hours": _number(row["productive_h"]),
        "total_production_count": _number(row["units"]),
        "average_production_rate": _number(row["units_per_h"]),
        "average_utilization_percentage": _number(100 * row["utilisation"]),
        "worker_count": len(directory.workers(caller)),
        "station_count": len(directory.stations(caller)),
        "total_events": int(row["events"]),
    }


@router.get("/metrics/workers", summary="Get worker metrics", response_model=list[WorkerMetrics])
def worker_metrics(
    caller: Caller, start: Start = None, end: End = None, least_confidence: Least = None
) -> list[dict[str, Any]]:
    """The figures of all workers, by key, also of those without an event."""
    return _workers(caller, _question(caller, start, end, least_confidence))


@router.get(
    "/metrics/workers/{worker_id}",
    summary="Get one worker's metrics",
    response_model=WorkerMetrics,
    responses=FOUND,
)
def one_worker_metrics(
    caller: Caller, worker_id: KeyPath, start: Start = None, end: End = None, least_confidence: Least = None
) -> dict[str, Any]:
    """The figures of one worker; 404 for another factory's."""
    rows = _workers(caller, _question(caller, start, end, least_confidence))
    return _one(rows, "worker_id", worker_id, "worker")


@router.get("/metrics/workstations", summary="Get workstation metrics", response_model=list[StationMetrics])
def station_metrics(
    caller: Caller, start: Start = None, end: End = None, least_confidence: Least = None
) -> list[dict[str, Any]]:
    """The figures of all workstations, by key."""
    return _stations(caller, _question(caller, start, end, least_confidence))


@router.get(
    "/metrics/workstations/{station_id}",
    summary="Get one workstation's metrics",
    response_model=StationMetrics,
    responses=FOUND,
)
def one_station_metrics(
    caller: Caller, station_id: KeyPath, start: Start = None, end: End = None, least_confidence: Least = None
) -> dict[str, Any]:
    """The figures of one workstation; 404 for another factory's."""
    rows = _stations(caller, _question(caller, start, end, least_confidence))
    return _one(rows, "station_id", station_id, "workstation")


@router.post("/seed", summary="Make sample data (demo mode)", response_model=Message, responses=FOUND)
def seed(caller: Caller) -> dict[str, str]:
    """Add the reference's six workers, six workstations and two days of events; 404 outside demo mode."""
    sample.seed(caller)
    return {"message": "Database seeded successfully"}


def _question(
    caller: Access, start: datetime | None, end: datetime | None, least: float | None
) -> ActivityQuestion:
    until = to_us(end or caller.now)
    begin = to_us(start) if start else until - figures.DEFAULT_DAYS * DAY_US
    if begin >= until:
        raise InvalidInput.at("end", "The end must lie after the start.")
    if until - begin > figures.MOST_RANGE_DAYS * DAY_US:
        raise InvalidInput.at("start", f"Ask for at most {figures.MOST_RANGE_DAYS} days.")
    return ActivityQuestion(begin, until, least_confidence=least)


def _workers(caller: Access, question: ActivityQuestion) -> list[dict[str, Any]]:
    found = {row["worker"]: row for row in figures.people(caller, question).to_dict("records")}
    return [
        {
            "worker_id": one.key,
            "name": one.pseudonym,
            "total_active_time_hours": _of(found.get(one.key), "active_h"),
            "total_idle_time_hours": _of(found.get(one.key), "idle_h"),
            "utilization_percentage": 100 * _of(found.get(one.key), "utilisation"),
            "total_units_produced": _of(found.get(one.key), "units"),
            "units_per_hour": _of(found.get(one.key), "units_per_h"),
            "event_count": int(_of(found.get(one.key), "events")),
        }
        for one in directory.workers(caller)
    ]


def _stations(caller: Access, question: ActivityQuestion) -> list[dict[str, Any]]:
    found = {row["station"]: row for row in figures.places(caller, question).to_dict("records")}
    return [
        {
            "station_id": one.key,
            "name": one.name or one.key,
            "type": one.type,
            "occupancy_time_hours": _of(found.get(one.key), "occupied_h"),
            "utilization_percentage": 100 * _of(found.get(one.key), "utilisation"),
            "total_units_produced": _of(found.get(one.key), "units"),
            "throughput_rate": _of(found.get(one.key), "units_per_h"),
            "event_count": int(_of(found.get(one.key), "events")),
        }
        for one in directory.stations(caller)
    ]


def _one(rows: list[dict[str, Any]], name: str, key: str, noun: str) -> dict[str, Any]:
    for row in rows:
        if row[name] == key:
            return row
    raise NotFound(f"There is no such {noun} in this factory.")


def _of(row: Mapping[Any, Any] | None, name: str) -> float:
    return 0.0 if row is None else _number(row[name])


def _number(value: float) -> float:
    return 0.0 if isnan(value) else float(value)
