"""The tool store, and the tools that are on machines."""

from dataclasses import asdict
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Listed, Paging, Search, has_words, one_page
from app.api.values import Id, Key, Name, Short, Strict, moment
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.shop import fittings as fitted
from app.shop import tools as store
from app.shop.life import ToolLife, tool_lives

router = APIRouter(tags=["tools"], route_class=TaggedRoute, responses=LOGGED_IN)
Kind = Literal["insert", "drill", "boring_bar", "wheel", "mill", "die", "other"]
Why = Literal["worn", "broken", "other_job", "other"]
Number = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
GIVEN: dict[str, Any] = {
    "number": 5, "name": "Turning insert CNMG 12 04 08", "kind": "insert", "holder": "PCLNR 2525",
    "material": "carbide", "cuts_like": 5, "life_min": 30, "limit_mm": 0.3, "price": 3, "stock": 20,
    "reorder_level": 5, "is_active": True,
}  # fmt: skip
FITTED: dict[str, Any] = {
    "id": 9, "version": 2, "machine": "lathe-1", "tool": 5, "tool_name": "Turning insert CNMG 12 04 08",
    "fitted_at": "2026-02-20T13:50:00Z", "removed_at": "2026-02-20T16:00:00Z", "why": "worn", "wear_mm": 0.31,
    "measured_at": "2026-02-20T15:58:00Z", "spent": 1.02,
}  # fmt: skip
LIFE: dict[str, Any] = {
    "id": 9, "version": 2, "machine": "lathe-1", "tool": 5, "tool_name": "Turning insert CNMG 12 04 08",
    "standing": "soon", "spent": 0.85, "wear_mm": 0.23, "known_from": "twin",
    "change_in_job": "JOB_20260220_001", "change_after_parts": 7, "change_at": "2026-02-20T16:05:00Z",
}  # fmt: skip


class ToolGiven(Strict):
    """A tool of the store."""

    model_config = ConfigDict(json_schema_extra={"examples": [GIVEN]})
    number: Whole
    name: Name
    kind: Kind = "insert"
    holder: Name = ""
    material: Name = Field("", description="What the edge is made of.")
    cuts_like: Whole | None = Field(None, description="The twin's tool whose life law holds for it.")
    life_min: Number | None = Field(None, description="A life in minutes of cutting that is known better.")
    limit_mm: Number = Field(0.3, description="The flank wear at which it is used up.")
    price: Number | None = None
    stock: Whole = Field(0, description="How many are ready to be fitted.")
    reorder_level: Whole = 0
    is_active: bool = True


class ToolShown(BaseModel):
    """A tool as it is stored."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": 3, "version": 1, **GIVEN, "fitted": 1, "is_low": False}]}
    )
    id: int
    version: int
    number: int
    name: str
    kind: Kind
    holder: str
    material: str
    cuts_like: int | None
    life_min: float | None
    limit_mm: float
    price: float | None
    stock: int
    reorder_level: int
    is_active: bool
    fitted: int = Field(description="On how many machines it is now.")
    is_low: bool = Field(description="Whether it should be reordered.")


class Received(Strict):
    """How many were delivered; a negative number takes out what was counted too many."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"count": 10}]})
    count: Whole


class FitGiven(Strict):
    """Which tool goes where."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"machine": "lathe-1", "tool": 5}]})
    machine: Key
    tool: Whole


class RemoveGiven(Strict):
    """Why a tool is taken out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"why": "worn"}]})
    why: Why = "worn"


class WearGiven(Strict):
    """A measured flank wear."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"wear_mm": 0.18}]})
    wear_mm: Number


class FittedShown(BaseModel):
    """A tool on a machine, now or in the past."""

    model_config = ConfigDict(json_schema_extra={"examples": [FITTED]})
    id: int
    version: int
    machine: str
    tool: int
    tool_name: str
    fitted_at: datetime
    removed_at: datetime | None
    why: str | None
    wear_mm: float | None = Field(description="The last measured flank wear.")
    measured_at: datetime | None
    spent: float | None = Field(description="The share of its life at removal; null while it is fitted.")


class LifeShown(BaseModel):
    """A fitted tool with its life and the proposal for its next change."""

    model_config = ConfigDict(json_schema_extra={"examples": [LIFE]})
    id: int
    version: int
    machine: str
    tool: int
    tool_name: str
    standing: Literal["good", "soon", "worn", "unknown"]
    spent: float | None
    wear_mm: float | None
    known_from: str | None = Field(description="signal, measured or twin.")
    change_in_job: str | None = Field(description="The job in which it will be used up.")
    change_after_parts: float | None
    change_at: datetime | None


@router.get("/tools", summary="List tools", response_model=Listed[ToolShown], responses=NOT_MODIFIED)
def list_tools(
    caller: Caller,
    page: Paging,
    search: Search = None,
    is_low: Annotated[bool | None, Query(description="Only those to reorder, or only the others.")] = None,
) -> dict[str, Any]:
    """The store by number; `search` looks into name, holder and material."""
    rows = [
        one
        for one in store.tools(caller)
        if has_words(search, one.draft.name, one.draft.holder, one.draft.material)
        and is_low in {None, one.is_low}
    ]
    keys = {name: attrgetter(f"draft.{name}") for name in ("number", "name", "kind", "stock")}
    return one_page(rows, page, keys, "number", _tool)


@router.get("/tools/life", summary="How worn fitted tools are", response_model=list[LifeShown])
def list_tool_lives(
    caller: Caller,
    machine: Annotated[Short, Query(description="Only on this device key.")] = "",
) -> list[dict[str, Any]]:
    """Every fitted tool with the life that is left and when to change it, the most worn first."""
    return [_life(one) for one in tool_lives(caller, machine)]


@router.get(
    "/tools/{tool_id}", summary="Get a tool", response_model=ToolShown, responses={**FOUND, **NOT_MODIFIED}
)
def get_tool(caller: Caller, tool_id: Id, request: Request) -> dict[str, Any]:
    """One tool with the ETag that a change needs."""
    return _answer(caller, tool_id, request)


@router.post("/tools", summary="Add a tool", response_model=ToolShown, status_code=201, responses=CHANGING)
def add_tool(caller: Caller, given: ToolGiven, request: Request) -> dict[str, Any]:
    """Put a tool into the store."""
    return _answer(caller, store.add_tool(caller, _draft(given)), request)


@router.put(
    "/tools/{tool_id}", summary="Change a tool", response_model=ToolShown, responses={**FOUND, **CHANGING}
)
def change_tool(
    caller: Caller, tool_id: Id, given: ToolGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace what is written of a tool; If-Match must name the version that the change is based on."""
    caller.require(Permission.MANAGE_MACHINES)
    require_version(version, store.one_tool(caller, tool_id).version)
    store.change_tool(caller, tool_id, version, _draft(given))
    return _answer(caller, tool_id, request)


@router.post(
    "/tool-stock/{tool_id}", summary="Receive tools", response_model=ToolShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def receive_tools(caller: Caller, tool_id: Id, given: Received, request: Request) -> dict[str, Any]:
    """Add delivered tools to the stock."""
    caller.require(Permission.ENTER_PRODUCTION)
    store.receive(caller, tool_id, store.one_tool(caller, tool_id).version, given.count)
    return _answer(caller, tool_id, request)


@router.get(
    "/fitted-tools", summary="List tool changes", response_model=Listed[FittedShown], responses=NOT_MODIFIED
)
def list_fitted_tools(
    caller: Caller,
    page: Paging,
    machine: Annotated[Short, Query(description="Only on this device key.")] = "",
    is_fitted: Annotated[bool, Query(description="Only what is on a machine now.")] = False,
) -> dict[str, Any]:
    """What is fitted and what was: the last 500 changes, the newest first."""
    rows = fitted.fittings(caller, machine=machine, only_now=is_fitted)
    keys = {name: attrgetter(name) for name in ("id", "machine", "tool", "fitted_us")}
    return one_page(rows, page, keys, "-fitted_us", _fitted)


@router.post(
    "/fitted-tools", summary="Fit a tool", response_model=FittedShown, status_code=201, responses=CHANGING
)
def fit_tool(caller: Caller, given: FitGiven) -> dict[str, Any]:
    """Take a tool from the store and fit it on a machine."""
    return _fitted(fitted.one_fitting(caller, fitted.fit_tool(caller, given.machine, given.tool)))


@router.post(
    "/fitted-tools/{fitting_id}/wear", summary="Enter a measured wear", response_model=FittedShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def measure_tool_wear(caller: Caller, fitting_id: Id, given: WearGiven) -> dict[str, Any]:
    """From now on the life that is left counts from this wear."""
    caller.require(Permission.ENTER_PRODUCTION)
    fitted.measure_wear(caller, fitting_id, fitted.one_fitting(caller, fitting_id).version, given.wear_mm)
    return _fitted(fitted.one_fitting(caller, fitting_id))


@router.post(
    "/fitted-tools/{fitting_id}/remove", summary="Take a tool out", response_model=FittedShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def remove_tool(caller: Caller, fitting_id: Id, given: RemoveGiven) -> dict[str, Any]:
    """Take a tool out; its row stays as the history."""
    caller.require(Permission.ENTER_PRODUCTION)
    fitted.remove_tool(caller, fitting_id, fitted.one_fitting(caller, fitting_id).version, given.why)
    return _fitted(fitted.one_fitting(caller, fitting_id))


def _draft(given: ToolGiven) -> store.ToolDraft:
    return store.ToolDraft(**given.model_dump())


def _tool(one: store.StoredTool) -> dict[str, Any]:
    return {"id": one.id, "version": one.version, **asdict(one.draft), "fitted": one.fitted,
            "is_low": one.is_low}  # fmt: skip


def _fitted(one: fitted.Fitting) -> dict[str, Any]:
    names = ("id", "version", "machine", "tool", "tool_name", "wear_mm", "spent")
    return {name: getattr(one, name) for name in names} | {
        "fitted_at": moment(one.fitted_us),
        "removed_at": moment(one.removed_us),
        "measured_at": moment(one.measured_us),
        "why": one.why or None,
    }


def _life(one: ToolLife) -> dict[str, Any]:
    names = ("id", "version", "machine", "tool", "tool_name")
    return {name: getattr(one.fitting, name) for name in names} | {
        "standing": one.standing,
        "spent": one.spent.share if one.spent else None,
        "wear_mm": one.spent.wear_mm if one.spent else None,
        "known_from": one.spent.source if one.spent else None,
        "change_in_job": (one.change.job or None) if one.change else None,
        "change_after_parts": one.change.parts if one.change else None,
        "change_at": moment(one.change.at_us) if one.change else None,
    }


def _answer(caller: Access, tool_id: int, request: Request) -> dict[str, Any]:
    stored = store.one_tool(caller, tool_id)
    mark_version(request, stored.version)
    return _tool(stored)
