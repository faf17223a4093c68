"""The kinds of job, and the schedules that ask for them by the clock."""

from datetime import datetime
from typing import Any, Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Listed, WidePaging, one_page
from app.api.values import Id, Message, Short, Strict
from app.auth.permissions import Permission
from app.jobs import schedules
from app.jobs.registry import Kind, kinds
from app.jobs.rhythm import Rhythm
from app.jobs.schedules import ScheduleDraft
from data.models import JobSchedule, from_us

router = APIRouter(prefix="/analytics", tags=["analytics"], route_class=TaggedRoute, responses=LOGGED_IN)

Every = Literal["hourly", "daily", "weekly", "monthly", "shiftly"]
Scalar = bool | int | float | Short
EXAMPLE: Final[dict[str, Any]] = {
    "id": 3, "name": "Monday scan", "job_type": "anomaly", "options": {"days": 7.0}, "rhythm": "weekly",
    "at_min": 390, "weekday": 0, "said": "Mondays at 06:30", "is_on": True, "is_built_in": False,
    "next_run": "2026-02-23T05:30:00Z", "last_run": "2026-02-16T05:30:00Z", "created_by": "lan@vpc.example",
}  # fmt: skip


class ScheduleShown(BaseModel):
    """A schedule; its times are the factory's, `next_run` and `last_run` are slots."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    id: int
    name: str
    job_type: str
    options: dict[str, Any]
    rhythm: Every
    at_min: int
    weekday: int
    said: str
    is_on: bool
    is_built_in: bool
    next_run: datetime
    last_run: datetime | None
    created_by: str


class ScheduleGiven(Strict):
    """A job and when it is asked for: the minute of the hour, day or shift, weekday 0 for Monday."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Monday scan", "job_type": "anomaly", "options": {"days": 7.0}, "rhythm": "weekly",
                 "at_min": 390, "weekday": 0}
            ]
        }
    )  # fmt: skip
    name: Short
    job_type: Short
    options: dict[Short, Scalar | list[Scalar]] = Field({}, max_length=20)
    rhythm: Every
    at_min: int = Field(ge=0, lt=1_440)
    weekday: int = Field(0, ge=0, le=6)


class ScheduleSwitch(Strict):
    """On or off."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_on": False}]})
    is_on: bool


class KindShown(BaseModel):
    """A kind of job: who may ask for it, what it may use, how often errors are tried again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"job_type": "anomaly", "title": "Anomaly scan", "permission": "run_analytics",
                 "time_limit_s": 1800.0, "memory_mb": 3072, "attempts": 3}
            ]
        }
    )  # fmt: skip
    job_type: str
    title: str
    permission: str
    time_limit_s: float
    memory_mb: int
    attempts: int


@router.get("/kinds", summary="List kinds of job", response_model=Listed[KindShown], responses=NOT_MODIFIED)
def list_job_kinds(caller: Caller, page: WidePaging) -> dict[str, Any]:
    """What can be asked for."""
    caller.require(Permission.RUN_ANALYTICS)
    return one_page(kinds(), page, {"job_type": lambda one: one.name}, "job_type", _kind)


@router.get(
    "/schedules", summary="List schedules", response_model=Listed[ScheduleShown], responses=NOT_MODIFIED
)
def list_schedules(caller: Caller, page: WidePaging) -> dict[str, Any]:
    """What is asked for by the clock, by name or by what comes next."""
    keys = {"name": lambda one: one.name, "next_run": lambda one: one.next_run_us}
    return one_page(schedules.schedules(caller), page, keys, "name", _shown)


@router.post(
    "/schedules", summary="Add a schedule", response_model=ScheduleShown, status_code=201, responses=CHANGING
)
def create_schedule(caller: Caller, given: ScheduleGiven, request: Request) -> dict[str, Any]:
    """Ask for a job again and again; it may do what you may do now."""
    rhythm = Rhythm(given.rhythm, given.at_min, given.weekday)
    row = schedules.add_schedule(
        caller, ScheduleDraft(given.name, given.job_type, rhythm, dict(given.options))
    )
    mark_version(request, row.version)
    return _shown(row)


@router.get(
    "/schedules/{schedule_id}", summary="Get a schedule", response_model=ScheduleShown,
    responses={**FOUND, **NOT_MODIFIED},
)  # fmt: skip
def get_schedule(caller: Caller, schedule_id: Id, request: Request) -> dict[str, Any]:
    """One schedule with its next slot."""
    row = schedules.one_schedule(caller, schedule_id)
    mark_version(request, row.version)
    return _shown(row)


@router.patch(
    "/schedules/{schedule_id}", summary="Switch a schedule", response_model=ScheduleShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def switch_schedule(
    caller: Caller, schedule_id: Id, given: ScheduleSwitch, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """On or off; switched on it begins with the next slot."""
    require_version(version, schedules.one_schedule(caller, schedule_id).version)
    row = schedules.switch(caller, schedule_id, given.is_on, version)
    mark_version(request, row.version)
    return _shown(row)


@router.delete(
    "/schedules/{schedule_id}", summary="Delete a schedule", response_model=Message,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def delete_schedule(caller: Caller, schedule_id: Id, version: SurelyBasedOn) -> dict[str, str]:
    """Delete one that people made; those that every factory has are switched off."""
    require_version(version, schedules.one_schedule(caller, schedule_id).version)
    schedules.remove_schedule(caller, schedule_id)
    return {"message": "Schedule deleted"}


def _kind(one: Kind) -> dict[str, Any]:
    return {
        "job_type": one.name,
        "title": one.title,
        "permission": one.permission.value,
        "time_limit_s": one.time_limit_s,
        "memory_mb": one.memory_mb,
        "attempts": one.most_attempts,
    }


def _shown(row: JobSchedule) -> dict[str, Any]:
    names = ("id", "name", "rhythm", "at_min", "weekday", "is_on", "is_built_in")
    return {
        **{name: getattr(row, name) for name in names},
        "job_type": row.kind,
        "options": row.parameters,
        "said": schedules.rhythm_of(row).said(),
        "next_run": from_us(row.next_run_us),
        "last_run": None if row.last_run_us is None else from_us(row.last_run_us),
        "created_by": row.asked_by,
    }
