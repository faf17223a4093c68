"""Production jobs: so many parts on one machine."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Listed, Machines, Paging, Search, as_page
from app.api.values import Id, Key, Moment, Short, Strict, Words, moment
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.shop import planning, working
from app.shop.figures import JobFigures, job_figures
from app.shop.jobs import SORTED_BY, JobDraft, JobSearch, StoredJob, jobs, one_job
from data.models import to_us

router = APIRouter(
    prefix="/production-jobs", tags=["production jobs"], route_class=TaggedRoute, responses=LOGGED_IN
)
State = Literal["open", "planned", "running", "paused", "finished", "cancelled"]
Number = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Word = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]
GIVEN: dict[str, Any] = {
    "machine": "lathe-1", "material": "mild_steel", "operation": "turning", "tool": 5, "quantity": 40,
    "cutting": {"speed_m_min": 180}, "planned_start": "2026-02-20T14:00:00Z", "note": "urgent",
}  # fmt: skip
SHOWN: dict[str, Any] = {
    **GIVEN, "id": 7, "version": 3, "key": "JOB_20260220_001", "state": "finished", "product": "shaft",
    "tool_name": "Turning insert CNMG 12 04 08", "cycle_s": 92.4, "cycle_from": "twin", "estimated_s": 3816.0,
    "start": "2026-02-20T14:00:00Z", "end": "2026-02-20T15:10:00Z", "worked_s": 4080.0, "good": 39.0,
    "scrap": 1.0, "energy_kwh": 5.2, "kwh_per_part": 0.133, "made_at": "2026-02-19T10:00:00Z",
}  # fmt: skip


class JobGiven(Strict):
    """A job. On a lathe material, operation and tool are known ones, cutting values within its limits."""

    model_config = ConfigDict(json_schema_extra={"examples": [GIVEN]})
    machine: Key = Field(description="The device key.")
    material: Word = ""
    operation: Word = Field(
        "", description="On a lathe: turning, facing, threading, drilling, boring, knurling."
    )
    tool: int | None = Field(None, ge=-(2**31), le=2**31, description="A number of the tool store.")
    quantity: Number | None = Field(None, description="How many parts.")
    product: Short = Field("", description="The key of a product.")
    cutting: dict[Word, Number] = Field({}, max_length=20, description="speed_m_min, feed_mm, depth_mm, ...")
    cycle_s: Number | None = Field(None, description="Ideal seconds per part; left out, it is worked out.")
    estimated_s: Number | None = Field(None, description="How long it takes; left out, it is worked out.")
    planned_start: Moment | None = None
    note: Words = ""
    key: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = Field(
        "", description="The job's own name; left out, JOB_YYYYMMDD_NNN. Kept as it is by a change."
    )


class PlanGiven(Strict):
    """When a job begins; null takes the time away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"planned_start": "2026-02-20T14:00:00Z"}]})
    planned_start: Moment | None


class StartGiven(Strict):
    """How a job begins."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"fit_tool": True}]})
    fit_tool: bool = Field(False, description="Take its tool from the store first, if it is not fitted.")


class PartsGiven(Strict):
    """Parts made since the last entry."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"good": 12, "scrap": 1}]})
    good: Number = 0.0
    scrap: Number = 0.0


class JobShown(BaseModel):
    """A job as it is stored, with what it came to so far."""

    model_config = ConfigDict(json_schema_extra={"examples": [SHOWN]})
    id: int
    version: int
    key: str
    state: State
    machine: str
    material: str
    operation: str
    tool: int | None
    tool_name: str
    quantity: float | None
    product: str
    cutting: dict[str, float]
    cycle_s: float | None
    cycle_from: str = Field(description="given, twin or machine; empty where no cycle is known.")
    estimated_s: float | None
    planned_start: datetime | None
    start: datetime | None
    end: datetime | None
    worked_s: float = Field(description="How long it ran, pauses left out.")
    good: float
    scrap: float
    energy_kwh: float | None = Field(description="Null where the machine reports no power.")
    kwh_per_part: float | None
    note: str
    made_at: datetime


@router.get("", summary="List production jobs", response_model=Listed[JobShown], responses=NOT_MODIFIED)
def list_production_jobs(
    caller: Caller,
    page: Paging,
    search: Search = None,
    state: Annotated[list[State], Query(description="Only in these states.")] = [],  # noqa: B006
    machine: Machines = [],  # noqa: B006
) -> dict[str, Any]:
    """Jobs, the first planned first; `search` looks into key, material, operation and note."""
    wanted = JobSearch(state, machine, search or "")
    found, total = jobs(caller, wanted, page.order(SORTED_BY, "planned_start"), page.start, page.per_page)
    figures = job_figures(caller, found)
    return as_page([_shown(one, figures[one.id]) for one in found], total, page)


@router.get(
    "/{production_job_id}", summary="Get a production job", response_model=JobShown,
    responses={**FOUND, **NOT_MODIFIED},
)  # fmt: skip
def get_production_job(caller: Caller, production_job_id: Id, request: Request) -> dict[str, Any]:
    """One job with the ETag that a change needs."""
    return _answer(caller, production_job_id, request)


@router.post(
    "", summary="Make a production job", response_model=JobShown, status_code=201, responses=CHANGING
)
def make_production_job(caller: Caller, given: JobGiven, request: Request) -> dict[str, Any]:
    """Make a job; what is wrong is refused at its field with the reason and what is allowed."""
    return _answer(caller, planning.make_job(caller, _draft(given)), request)


@router.put(
    "/{production_job_id}", summary="Change a production job", response_model=JobShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def change_production_job(
    caller: Caller, production_job_id: Id, given: JobGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace what is written in a job; If-Match must name the version that the change is based on."""
    require_version(version, _version(caller, production_job_id))
    planning.change_job(caller, production_job_id, version, _draft(given))
    return _answer(caller, production_job_id, request)


@router.post(
    "/{production_job_id}/plan", summary="Plan a production job", response_model=JobShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def plan_production_job(
    caller: Caller, production_job_id: Id, given: PlanGiven, request: Request
) -> dict[str, Any]:
    """Give a job its time on the machine; refused where another job has the machine then."""
    start = None if given.planned_start is None else to_us(given.planned_start)
    planning.plan_job(caller, production_job_id, _version(caller, production_job_id), start)
    return _answer(caller, production_job_id, request)


@router.post(
    "/{production_job_id}/start", summary="Start a production job", response_model=JobShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def start_production_job(
    caller: Caller, production_job_id: Id, given: StartGiven, request: Request
) -> dict[str, Any]:
    """The job begins now; refused for a tool that is missing or worn out, or while another job runs there."""
    working.start_job(caller, production_job_id, _version(caller, production_job_id), fit=given.fit_tool)
    return _answer(caller, production_job_id, request)


@router.post(
    "/{production_job_id}/pause", summary="Pause a production job", response_model=JobShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def pause_production_job(caller: Caller, production_job_id: Id, request: Request) -> dict[str, Any]:
    """The job stands still; another one may run meanwhile."""
    working.pause_job(caller, production_job_id, _version(caller, production_job_id))
    return _answer(caller, production_job_id, request)


@router.post(
    "/{production_job_id}/resume", summary="Resume a production job", response_model=JobShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def resume_production_job(caller: Caller, production_job_id: Id, request: Request) -> dict[str, Any]:
    """The paused job goes on."""
    working.resume_job(caller, production_job_id, _version(caller, production_job_id))
    return _answer(caller, production_job_id, request)


@router.post(
    "/{production_job_id}/parts", summary="Enter parts of a production job", response_model=JobShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def enter_production_job_parts(
    caller: Caller, production_job_id: Id, given: PartsGiven, request: Request
) -> dict[str, Any]:
    """Enter parts by hand; refused on a machine that counts its parts itself."""
    version = _version(caller, production_job_id)
    working.enter_parts(caller, production_job_id, version, given.good, given.scrap)
    return _answer(caller, production_job_id, request)


@router.post(
    "/{production_job_id}/finish", summary="Finish a production job", response_model=JobShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def finish_production_job(
    caller: Caller, production_job_id: Id, given: PartsGiven, request: Request
) -> dict[str, Any]:
    """The job is done; the last parts can be entered with it."""
    version = _version(caller, production_job_id)
    working.finish_job(caller, production_job_id, version, good=given.good, scrap=given.scrap)
    return _answer(caller, production_job_id, request)


@router.post(
    "/{production_job_id}/cancel", summary="Cancel a production job", response_model=JobShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def cancel_production_job(caller: Caller, production_job_id: Id, request: Request) -> dict[str, Any]:
    """The job is given up; what it made stays counted."""
    working.cancel_job(caller, production_job_id, _version(caller, production_job_id))
    return _answer(caller, production_job_id, request)


def _version(caller: Access, job_id: int) -> int:
    caller.require(Permission.ENTER_PRODUCTION)
    return one_job(caller, job_id).version


def _draft(given: JobGiven) -> JobDraft:
    start = None if given.planned_start is None else to_us(given.planned_start)
    return JobDraft(
        given.machine, given.material, given.operation, given.tool, given.quantity, given.product,
        given.cutting, given.cycle_s, given.estimated_s, start, given.note, given.key,
    )  # fmt: skip


def _shown(one: StoredJob, figures: JobFigures) -> dict[str, Any]:
    names = (
        "key", "machine", "material", "operation", "tool", "quantity", "product", "cutting", "cycle_s",
        "estimated_s", "note",
    )  # fmt: skip
    return {name: getattr(one.draft, name) for name in names} | {
        "id": one.id,
        "version": one.version,
        "state": one.state,
        "tool_name": one.tool_name,
        "cycle_from": one.cycle_source,
        "planned_start": moment(one.draft.planned_us),
        "start": moment(one.start_us),
        "end": moment(one.end_us),
        "worked_s": figures.worked_s,
        "good": figures.parts.good,
        "scrap": figures.parts.scrap,
        "energy_kwh": figures.kwh,
        "kwh_per_part": figures.kwh_per_part,
        "made_at": moment(one.made_us),
    }


def _answer(caller: Access, job_id: int, request: Request) -> dict[str, Any]:
    stored = one_job(caller, job_id)
    mark_version(request, stored.version)
    return _shown(stored, job_figures(caller, [stored])[stored.id])
