"""The registry of models of risks and remaining lives: their cards, and which of them tells."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import BasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Short, Strict, Words, moment
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.predict.failure import models as registry
from app.predict.failure.models import ModelShown
from data.models import from_us

router = APIRouter(prefix="/models", tags=["predictions"], route_class=TaggedRoute, responses=LOGGED_IN)
Tells = Literal["failure", "life"]
State = Literal["candidate", "promoted", "retired"]
LISTED: Final[dict[str, Any]] = {
    "id": 5, "version": 2, "machine": "press-1", "tells": "failure", "number": 3, "state": "promoted",
    "method": "both", "horizon_h": 8, "least_stop_min": 30, "start": "2025-12-20T00:00:00Z",
    "end": "2026-02-18T00:00:00Z", "hours": 1390, "failures": 21, "beats_naive": True, "threshold": 0.24,
    "usual": 0.11, "metrics": {"average_precision": 0.44, "naive_average_precision": 0.11},
    "made_at": "2026-02-18T06:00:00Z", "moved_at": "2026-02-18T07:30:00Z", "why": "better on the last weeks",
    "is_file_kept": True,
}  # fmt: skip
WHOLE: Final[dict[str, Any]] = {
    **LISTED, "card": "Tells whether a failure of 30 minutes or more begins within 8 hours.",
    "features": ["vibration, mean", "hours since a failure"], "fingerprint": "9f" * 32, "digest": "3c" * 32,
}  # fmt: skip


class ModelListed(BaseModel):
    """A version: `tells` is failure (the risk) or life (the hours left); `usual` is what the naive rule
    tells.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [LISTED]})
    id: int
    version: int
    machine: str
    tells: Tells
    number: int
    state: State
    method: str
    horizon_h: float
    least_stop_min: float
    start: datetime = Field(description="The begin of the time that taught it.")
    end: datetime
    hours: int
    failures: int = Field(description="Failures, or runs until one.")
    beats_naive: bool
    threshold: float
    usual: float
    metrics: dict[str, Any]
    made_at: datetime
    moved_at: datetime | None
    why: str
    is_file_kept: bool


class ModelWhole(ModelListed):
    """A version with its card, features and digests."""

    model_config = ConfigDict(json_schema_extra={"examples": [WHOLE]})
    card: str
    features: list[str]
    fingerprint: str = Field(description="SHA-256 of the rows that taught it.")
    digest: str = Field(description="SHA-256 of its file.")


class Retired(Strict):
    """Why it tells nothing any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"why": "the pump was replaced"}]})
    why: Words = ""


@router.get("", summary="List models", response_model=Listed[ModelListed], responses=NOT_MODIFIED)
def list_models(
    caller: Caller,
    page: Paging,
    machine: Annotated[Short, Query(description="Only of this device key.")] = "",
    tells: Annotated[Tells | None, Query(description="Only those that tell this.")] = None,
    state: Annotated[list[State], Query(description="Only in these states.")] = [],  # noqa: B006
) -> dict[str, Any]:
    """All versions, by machine and number."""
    found = [
        one for one in registry.models(caller, machine)
        if tells in (None, one.tells) and (not state or one.state in state)
    ]  # fmt: skip
    keys = {
        "machine": lambda one: (one.machine, one.number), "made_at": lambda one: (one.made_us, one.id),
        "number": lambda one: (one.number, one.machine), "state": lambda one: (one.state, one.machine),
    }  # fmt: skip
    return one_page(found, page, keys, "machine", _listed)


@router.get(
    "/{model_id}", summary="Get a model", response_model=ModelWhole, responses={**FOUND, **NOT_MODIFIED}
)
def get_model(caller: Caller, model_id: Id, request: Request) -> dict[str, Any]:
    """One version with its card."""
    return _answer(caller, model_id, request)


@router.post(
    "/{model_id}/promote", summary="Promote a model", response_model=ModelWhole,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def promote_model(caller: Caller, model_id: Id, version: BasedOn, request: Request) -> dict[str, Any]:
    """It tells from now on; the version that did is retired. If-Match may name what this is based on."""
    registry.promote(caller, model_id, _model(caller, model_id, version).version)
    return _answer(caller, model_id, request)


@router.post(
    "/{model_id}/retire", summary="Retire a model", response_model=ModelWhole, responses={**FOUND, **CHANGING}
)
def retire_model(
    caller: Caller, model_id: Id, given: Retired, version: BasedOn, request: Request
) -> dict[str, Any]:
    """It tells nothing any more, until somebody promotes it. If-Match may name what this is based on."""
    registry.retire(caller, model_id, _model(caller, model_id, version).version, given.why)
    return _answer(caller, model_id, request)


@router.post(
    "/{model_id}/roll-back", summary="Roll a model back", response_model=ModelWhole,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def roll_model_back(caller: Caller, model_id: Id, version: BasedOn, request: Request) -> dict[str, Any]:
    """Instead of this version, the one that was promoted before it tells; that one is the answer."""
    return _answer(caller, registry.roll_back(caller, _model(caller, model_id, version)).id, request)


def _model(caller: Access, model_id: int, version: int | None) -> ModelShown:
    caller.require(Permission.RUN_ANALYTICS)
    one = registry.one_model(caller, model_id)
    require_version(version, one.version)
    return one


def _answer(caller: Access, model_id: int, request: Request) -> dict[str, Any]:
    one = registry.one_model(caller, model_id)
    mark_version(request, one.version)
    names = ("card", "fingerprint", "digest")
    return {**_listed(one), **{name: getattr(one, name) for name in names}, "features": list(one.features)}


def _listed(one: ModelShown) -> dict[str, Any]:
    other = {"start", "end", "usual", "made_at", "moved_at", "is_file_kept"}
    return {name: getattr(one, name) for name in set(ModelListed.model_fields) - other} | {
        "start": from_us(one.start_us), "end": from_us(one.end_us), "usual": one.base_rate,
        "made_at": from_us(one.made_us), "moved_at": moment(one.moved_us),
        "is_file_kept": one.file_gone_us is None,
    }  # fmt: skip
