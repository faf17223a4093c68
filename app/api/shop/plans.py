"""Maintenance plans, and when each is due."""

from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Key, Moment, Name, Strict, Words, moment
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.maintenance import plans
from app.maintenance.due import PlanDue, due_plans
from app.maintenance.plans import PlanDraft, StoredPlan, one_plan
from data.models import to_us

router = APIRouter(
    prefix="/maintenance/plans", tags=["maintenance"], route_class=TaggedRoute, responses=LOGGED_IN
)
Every = Literal["day", "week", "month", "hour"]
EXAMPLE: dict[str, Any] = {
    "machine": "M01", "name": "Grease the bearings", "every": 500, "unit": "hour",
    "begins": "2026-01-15T08:00:00Z", "lead_days": 7, "note": "", "is_active": True,
}  # fmt: skip


class PlanGiven(Strict):
    """Work that comes again; `unit` hour counts the hours that the machine ran."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    machine: Key = Field(description="The device key.")
    name: Name = Field(min_length=1)
    every: int = Field(ge=1, le=100_000)
    unit: Every
    begins: Moment | None = Field(None, description="When it was last done before orders were kept.")
    lead_days: int = Field(7, ge=0, le=365, description="So many days before, its order is opened.")
    note: Words = ""
    is_active: bool = True


class PlanShown(BaseModel):
    """A plan as it is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 3, "version": 1, **EXAMPLE}]})
    id: int
    version: int
    machine: str
    name: str
    every: int
    unit: Every
    begins: datetime | None
    lead_days: int
    note: str
    is_active: bool


class PlanDueShown(BaseModel):
    """When a plan is due; by running hours `due` is a forecast. Without a date nobody can say."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"plan_id": 3, "machine": "M01", "name": "Grease the bearings", "standing": "due",
                 "due": "2026-02-22", "last": "2026-01-15T08:00:00Z", "order_id": 7, "run_h": 455.5,
                 "remaining_h": 44.5}
            ]
        }
    )  # fmt: skip
    plan_id: int
    machine: str
    name: str
    standing: Literal["overdue", "due", "later", "unknown"]
    due: date | None
    last: datetime
    order_id: int | None
    run_h: float | None
    remaining_h: float | None


@router.get("", summary="List maintenance plans", response_model=Listed[PlanShown], responses=NOT_MODIFIED)
def list_maintenance_plans(caller: Caller, page: Paging) -> dict[str, Any]:
    """All plans, by machine or name."""
    keys = {
        "machine": lambda one: (one.draft.machine, one.draft.name, one.id),
        "name": lambda one: (one.draft.name, one.id),
        "id": lambda one: one.id,
    }
    return one_page(plans.plans(caller), page, keys, "machine", _shown)


@router.get("/due", summary="When maintenance is due", response_model=Listed[PlanDueShown])
def list_due_maintenance(caller: Caller, page: Paging) -> dict[str, Any]:
    """The plans in use with the date on which each is due, the soonest first."""
    found = due_plans(caller)
    place = {one.plan.id: number for number, one in enumerate(found)}
    keys = {
        "due": lambda one: place[one.plan.id],
        "machine": lambda one: (one.plan.draft.machine, one.plan.id),
    }
    return one_page(found, page, keys, "due", _due)


@router.get(
    "/{plan_id}",
    summary="Get a maintenance plan",
    response_model=PlanShown,
    responses={**FOUND, **NOT_MODIFIED},
)
def get_maintenance_plan(caller: Caller, plan_id: Id, request: Request) -> dict[str, Any]:
    """One plan with the ETag that a change needs."""
    return _answer(caller, plan_id, request)


@router.post(
    "", summary="Make a maintenance plan", response_model=PlanShown, status_code=201, responses=CHANGING
)
def create_maintenance_plan(caller: Caller, given: PlanGiven, request: Request) -> dict[str, Any]:
    """Plan work that comes again."""
    return _answer(caller, plans.add_plan(caller, _draft(given)), request)


@router.put(
    "/{plan_id}",
    summary="Change a maintenance plan",
    response_model=PlanShown,
    responses={**FOUND, **CHANGING},
)
def change_maintenance_plan(
    caller: Caller, plan_id: Id, given: PlanGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace a plan; If-Match must name the version that the change is based on."""
    caller.require(Permission.MANAGE_MACHINES)
    require_version(version, one_plan(caller, plan_id).version)
    plans.change_plan(caller, plan_id, version, _draft(given))
    return _answer(caller, plan_id, request)


def _draft(given: PlanGiven) -> PlanDraft:
    begins = None if given.begins is None else to_us(given.begins)
    return PlanDraft(
        given.machine,
        given.name,
        given.every,
        given.unit,
        begins,
        given.lead_days,
        given.note,
        given.is_active,
    )


def _shown(one: StoredPlan) -> dict[str, Any]:
    names = ("machine", "name", "every", "unit", "lead_days", "note", "is_active")
    return {name: getattr(one.draft, name) for name in names} | {
        "id": one.id, "version": one.version, "begins": moment(one.draft.begins_us),
    }  # fmt: skip


def _due(one: PlanDue) -> dict[str, Any]:
    return {
        "plan_id": one.plan.id,
        "machine": one.plan.draft.machine,
        "name": one.plan.draft.name,
        "standing": one.standing.value,
        "due": one.due,
        "last": moment(one.last_us),
        "order_id": one.order_id,
        "run_h": one.run_h,
        "remaining_h": one.remaining_h,
    }


def _answer(caller: Access, plan_id: int, request: Request) -> dict[str, Any]:
    stored = one_plan(caller, plan_id)
    mark_version(request, stored.version)
    return _shown(stored)
