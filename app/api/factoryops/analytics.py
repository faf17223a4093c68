"""Analytics jobs in FactoryOps' form: asked for, listed, followed, cancelled; their results."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, as_page
from app.api.values import NO_NUL, Message, Moment, Short, Strict, or_none
from app.bootstrap import Access
from app.jobs import asking, listing
from app.jobs.asking import Asked
from app.jobs.listing import JobFilter, JobShown
from data.models import from_us, to_us

router = APIRouter(prefix="/analytics/jobs", tags=["analytics"], route_class=TaggedRoute, responses=LOGGED_IN)

STATUS: Final = {
    "waiting": "pending", "running": "running", "done": "complete", "failed": "failed",
    "cancelled": "cancelled",
}  # fmt: skip
STATES: Final = {status: state for state, status in STATUS.items()}
Status = Literal["pending", "running", "complete", "failed", "cancelled"]
JobId = Annotated[str, Path(max_length=64, pattern=NO_NUL, description="The id of a job.")]
Scalar = bool | int | float | Short
ID: Final = "550e8400-e29b-41d4-a716-446655440000"
EXAMPLE: Final[dict[str, Any]] = {
    "job_id": ID,
    "status": "complete",
    "job_type": "anomaly",
    "mode": "standard",
    "device_ids": [5, 6, 7],
    "date_range_start": "2026-02-01T00:00:00Z",
    "date_range_end": "2026-02-19T00:00:00Z",
    "result_url": f"/api/v1/analytics/jobs/{ID}/result",
    "error_message": "The store did not answer.",
    "created_by": "lan@vpc.example",
    "created_at": "2026-02-19T10:00:00Z",
    "started_at": "2026-02-19T10:00:05Z",
    "completed_at": "2026-02-19T10:05:30Z",
    "options": {"method": "pca"},
    "priority": 0,
    "progress": 1.0,
    "stage": "M01 (1 of 3)",
    "expected_at": "2026-02-19T10:05:00Z",
    "cancel_requested": False,
    "error_attempts": 1,
    "crash_attempts": 0,
}
RANGE: Final = {"date_range_start": "start_us", "date_range_end": "end_us"}


class JobGiven(Strict):
    """What to do; `options` are the kind's own parameters."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"job_type": "anomaly", "mode": "standard", "device_ids": [],
                 "date_range_start": "2026-02-01T00:00:00Z", "date_range_end": "2026-02-19T00:00:00Z"}
            ]
        }
    )  # fmt: skip
    job_type: Short = Field(description="The kind of job, for example anomaly.")
    mode: Literal["standard"] = "standard"
    device_ids: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(
        [], max_length=500, description="The machines; none: all."
    )
    date_range_start: Moment | None = None
    date_range_end: Moment | None = None
    options: dict[Short, Scalar | list[Scalar]] = Field({}, max_length=20)
    priority: int = Field(0, ge=-100, le=100, description="Higher comes first within the factory.")


class JobMade(BaseModel):
    """The id of a job and how it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"job_id": ID, "status": "pending"}]})
    job_id: str
    status: Status


class JobMadeAnswer(BaseModel):
    """The envelope of a job that was asked for."""

    data: JobMade


class JobAnswered(BaseModel):
    """A job; `expected_at` estimates its end while it runs, `result_url` answers once it is complete."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    job_id: str
    status: Status
    job_type: str
    mode: str
    device_ids: list[int]
    date_range_start: datetime | None
    date_range_end: datetime | None
    result_url: str | None
    error_message: str | None
    created_by: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    options: dict[str, Any]
    priority: int
    progress: float = Field(ge=0, le=1)
    stage: str
    expected_at: datetime | None
    cancel_requested: bool
    error_attempts: int
    crash_attempts: int


class JobAnswer(BaseModel):
    """The envelope of one job."""

    data: JobAnswered


class ResultAnswer(BaseModel):
    """The envelope of a result; what is in it depends on the kind."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": {"machines": 3, "anomalies": 12}}]})
    data: dict[str, Any]


@router.post("", summary="Create an analytics job", response_model=JobMadeAnswer, status_code=201,
             responses=CHANGING)  # fmt: skip
def create_job(
    caller: Caller,
    given: JobGiven,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1, max_length=120, pattern=r"^[!-~]+$", description="The same key gives the same job."
        ),
    ] = None,
) -> dict[str, Any]:
    """Put a job into the queue; it runs when its turn comes."""
    parameters: dict[str, Any] = {**given.options}
    parameters |= {"device_ids": given.device_ids} if given.device_ids else {}
    for name, inner in RANGE.items():
        value = getattr(given, name)
        parameters |= {} if value is None else {inner: to_us(value)}
    asked = Asked(given.job_type, parameters, given.priority, idempotency_key=idempotency_key)
    return _made(caller, asking.ask(caller, asked))


@router.get("", summary="List analytics jobs", response_model=Listed[JobAnswered], responses=NOT_MODIFIED)
def list_analytics_jobs(
    caller: Caller,
    page: Paging,
    status: Annotated[Status | None, Query(description="Only those that stand so.")] = None,
    job_type: Annotated[
        str | None, Query(max_length=60, pattern=NO_NUL, description="Only those of this kind.")
    ] = None,
) -> dict[str, Any]:
    """The jobs of the factory, the newest first."""
    page.order(("created_at",), "-created_at")
    chosen = JobFilter((STATES[status],) if status else (), (job_type,) if job_type else ())
    rows = listing.list_jobs(caller, chosen, limit=page.per_page, offset=page.start)
    return as_page([_shown(one) for one in rows], listing.count_jobs(caller, chosen), page)


@router.get("/{job_id}", summary="Get an analytics job", response_model=JobAnswer,
            responses={**FOUND, **NOT_MODIFIED})  # fmt: skip
def get_analytics_job(caller: Caller, job_id: JobId) -> dict[str, Any]:
    """How a job stands: its progress, its attempts, what went wrong."""
    return {"data": _shown(listing.get_job(caller, job_id))}


@router.get("/{job_id}/result", summary="Get the result of a job", response_model=ResultAnswer,
            responses={**FOUND, **CHANGING, **NOT_MODIFIED})  # fmt: skip
def get_job_result(caller: Caller, job_id: JobId) -> dict[str, Any]:
    """What a job found; 409 before it is complete."""
    return {"data": listing.result_of(caller, job_id)}


@router.post("/{job_id}/cancel", summary="Cancel a job", response_model=JobMadeAnswer,
             responses={**FOUND, **CHANGING})  # fmt: skip
def cancel_job(caller: Caller, job_id: JobId) -> dict[str, Any]:
    """One that waits is cancelled at once; one that runs is asked to end and killed if it does not."""
    asking.cancel(caller, job_id)
    return _made(caller, job_id)


@router.post("/{job_id}/retry", summary="Try a job again", response_model=JobMadeAnswer, status_code=201,
             responses={**FOUND, **CHANGING})  # fmt: skip
def retry_job(caller: Caller, job_id: JobId) -> dict[str, Any]:
    """Ask for a failed or cancelled job once more; the answer names the new one."""
    return _made(caller, asking.retry(caller, job_id))


@router.delete("/{job_id}", summary="Delete an analytics job", response_model=Message,
               responses={**FOUND, **CHANGING})  # fmt: skip
def delete_job(caller: Caller, job_id: JobId) -> dict[str, str]:
    """Cancel and forget one that waits, or forget one that failed or was cancelled; 409 for others."""
    asking.remove(caller, job_id)
    return {"message": "Job deleted"}


def _made(caller: Access, key: str) -> dict[str, Any]:
    return {"data": {"job_id": key, "status": STATUS[listing.get_job(caller, key).state]}}


def _shown(one: JobShown) -> dict[str, Any]:
    given = dict(one.parameters)
    begin, end = given.pop("start_us", None), given.pop("end_us", None)
    is_done = one.state == "done"
    return {
        "job_id": one.key,
        "status": STATUS[one.state],
        "job_type": one.kind,
        "mode": given.pop("mode", "standard"),
        "device_ids": given.pop("device_ids", []),
        "date_range_start": None if begin is None else from_us(begin),
        "date_range_end": None if end is None else from_us(end),
        "result_url": f"/api/v1/analytics/jobs/{one.key}/result" if is_done else None,
        "error_message": or_none(one.problem),
        "created_by": one.asked_by,
        "created_at": one.created_at,
        "started_at": one.started_at,
        "completed_at": one.finished_at,
        "options": given,
        "priority": one.priority,
        "progress": one.share,
        "stage": one.stage,
        "expected_at": one.ends_at,
        "cancel_requested": one.is_cancel_asked,
        "error_attempts": one.error_attempts,
        "crash_attempts": one.crash_attempts,
    }
