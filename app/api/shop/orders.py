"""Work orders of maintenance."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Listed, Machines, Paging, Search, as_page
from app.api.values import LARGEST_ID, Id, Key, Moment, Name, Strict, Words, moment
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.maintenance import working
from app.maintenance.orders import (
    SORTED_BY,
    OrderDraft,
    OrderSearch,
    Part,
    StoredOrder,
    one_order,
    orders,
    sees_names,
)
from data.models import to_us

router = APIRouter(
    prefix="/maintenance/orders", tags=["maintenance"], route_class=TaggedRoute, responses=LOGGED_IN
)
Kind = Literal["planned", "preventive", "corrective"]
State = Literal["open", "in_progress", "done", "cancelled"]
Money = Annotated[float, Field(ge=0, lt=1e12)]
PARTS: Any = [{"name": "Seal", "quantity": 2, "cost": 12.5}]
EXAMPLE: dict[str, Any] = {
    "machine": "M01", "title": "Change the seal", "kind": "corrective", "note": "leaks",
    "person": "Olga", "due": "2026-02-20T14:00:00Z", "labour_cost": 90, "parts": PARTS,
}  # fmt: skip
STORED: dict[str, Any] = {
    "id": 7, "version": 3, "state": "done", "start": "2026-02-19T10:00:00Z", "end": "2026-02-19T12:00:00Z",
    "cost": 115, "opened_at": "2026-02-18T08:00:00Z",
}  # fmt: skip


class PartUsed(Strict):
    """A part and what one of it costs, in the factory's currency."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    quantity: float = Field(1.0, gt=0, lt=1e9)
    cost: Money | None = None


class OrderGiven(Strict):
    """What is to be done; behind it may stand a stop (`stop`: its start), an alert or a prediction."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    machine: Key = Field(description="The device key.")
    title: Name = Field(min_length=1)
    kind: Kind = "corrective"
    note: Words = ""
    person: Name = ""
    due: Moment | None = None
    labour_cost: Money | None = None
    parts: list[PartUsed] = Field([], max_length=100)
    stop: Moment | None = None
    alert_id: int | None = Field(None, ge=1, le=LARGEST_ID)
    plan_id: int | None = Field(None, ge=1, le=LARGEST_ID, description="Kept as it is by a change.")
    prediction_id: int | None = Field(None, ge=1, le=LARGEST_ID)


class OrderFinished(Strict):
    """What is known when the work is done; left out: the start of the order, now, and what stands there."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"start": "2026-02-19T10:00:00Z", "labour_cost": 90, "parts": PARTS}]}
    )
    start: Moment | None = None
    end: Moment | None = None
    person: Name | None = None
    note: Words | None = None
    labour_cost: Money | None = None
    parts: list[PartUsed] | None = Field(None, max_length=100)


class OrderShown(BaseModel):
    """A work order as it is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**STORED, **EXAMPLE}]})
    id: int
    version: int
    state: State
    machine: str
    title: str
    kind: Kind
    note: str
    person: str | None = Field(description="Null without the permission to see people by name.")
    due: datetime | None
    start: datetime | None
    end: datetime | None
    labour_cost: float | None
    parts: list[PartUsed]
    cost: float = Field(description="Parts and labour, in the factory's currency.")
    stop: datetime | None = None
    alert_id: int | None = None
    plan_id: int | None = None
    prediction_id: int | None = None
    opened_at: datetime


@router.get("", summary="List work orders", response_model=Listed[OrderShown], responses=NOT_MODIFIED)
def list_work_orders(
    caller: Caller,
    page: Paging,
    search: Search = None,
    state: Annotated[list[State], Query(description="Only in these states.")] = [],  # noqa: B006
    kind: Annotated[list[Kind], Query(description="Only of these kinds.")] = [],  # noqa: B006
    machine: Machines = [],  # noqa: B006
) -> dict[str, Any]:
    """Orders, the soonest due first; `search` looks into title, note and person."""
    wanted = OrderSearch(state, kind, machine, search or "")
    found, total = orders(caller, wanted, page.order(SORTED_BY, "due"), page.start, page.per_page)
    return as_page([_shown(caller, one) for one in found], total, page)


@router.get(
    "/{order_id}", summary="Get a work order", response_model=OrderShown, responses={**FOUND, **NOT_MODIFIED}
)
def get_work_order(caller: Caller, order_id: Id, request: Request) -> dict[str, Any]:
    """One order with the ETag that a change needs."""
    return _answer(caller, order_id, request)


@router.post("", summary="Open a work order", response_model=OrderShown, status_code=201, responses=CHANGING)
def open_work_order(caller: Caller, given: OrderGiven, request: Request) -> dict[str, Any]:
    """Plan work, or report what must be repaired."""
    return _answer(caller, working.open_order(caller, _draft(given)), request)


@router.put(
    "/{order_id}", summary="Change a work order", response_model=OrderShown, responses={**FOUND, **CHANGING}
)
def change_work_order(
    caller: Caller, order_id: Id, given: OrderGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace what is written in an order; If-Match must name the version that the change is based on."""
    caller.require(Permission.ENTER_PRODUCTION)
    require_version(version, one_order(caller, order_id).version)
    working.change_order(caller, order_id, version, _draft(given))
    return _answer(caller, order_id, request)


@router.post(
    "/{order_id}/start",
    summary="Start a work order",
    response_model=OrderShown,
    responses={**FOUND, **CHANGING},
)
def start_work_order(caller: Caller, order_id: Id, request: Request) -> dict[str, Any]:
    """The work begins now."""
    caller.require(Permission.ENTER_PRODUCTION)
    working.start_order(caller, order_id, one_order(caller, order_id).version)
    return _answer(caller, order_id, request)


@router.post(
    "/{order_id}/finish",
    summary="Finish a work order",
    response_model=OrderShown,
    responses={**FOUND, **CHANGING},
)
def finish_work_order(caller: Caller, order_id: Id, given: OrderFinished, request: Request) -> dict[str, Any]:
    """The work is done; its plan counts from its end on."""
    caller.require(Permission.ENTER_PRODUCTION)
    parts = None if given.parts is None else _parts(given.parts)
    done = working.Finish(
        None if given.start is None else to_us(given.start),
        None if given.end is None else to_us(given.end),
        given.person,
        given.note,
        given.labour_cost,
        parts,
    )
    working.finish_order(caller, order_id, one_order(caller, order_id).version, done)
    return _answer(caller, order_id, request)


@router.post(
    "/{order_id}/cancel",
    summary="Cancel a work order",
    response_model=OrderShown,
    responses={**FOUND, **CHANGING},
)
def cancel_work_order(caller: Caller, order_id: Id, request: Request) -> dict[str, Any]:
    """The work is not done; its plan counts on as before."""
    caller.require(Permission.ENTER_PRODUCTION)
    working.cancel_order(caller, order_id, one_order(caller, order_id).version)
    return _answer(caller, order_id, request)


def _parts(given: list[PartUsed]) -> tuple[Part, ...]:
    return tuple(Part(one.name, one.quantity, one.cost) for one in given)


def _draft(given: OrderGiven) -> OrderDraft:
    due, stop = (None if one is None else to_us(one) for one in (given.due, given.stop))
    return OrderDraft(
        given.machine, given.title, given.kind, given.note, given.person, due, given.labour_cost,
        _parts(given.parts), stop, given.alert_id, given.plan_id, given.prediction_id,
    )  # fmt: skip


def _shown(access: Access, one: StoredOrder) -> dict[str, Any]:
    draft = one.draft
    names = ("machine", "title", "kind", "note", "labour_cost", "alert_id", "plan_id", "prediction_id")
    return {name: getattr(draft, name) for name in names} | {
        "id": one.id,
        "version": one.version,
        "state": one.state,
        "person": draft.person if sees_names(access) else None,
        "due": moment(draft.due_us),
        "start": moment(one.start_us),
        "end": moment(one.end_us),
        "parts": [{"name": part.name, "quantity": part.quantity, "cost": part.cost} for part in draft.parts],
        "cost": one.cost,
        "stop": moment(draft.stop_us),
        "opened_at": moment(one.opened_us),
    }


def _answer(caller: Access, order_id: int, request: Request) -> dict[str, Any]:
    stored = one_order(caller, order_id)
    mark_version(request, stored.version)
    return _shown(caller, stored)
