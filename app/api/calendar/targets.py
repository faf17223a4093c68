"""Targets of figures: of the plant, or of a line, product or shift, from a day on."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.calendar.kept import Kept
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Message, Short, Strict
from app.shifts import targets
from app.shifts.targets import StoredTarget, TargetDraft, one_target

router = APIRouter(
    prefix="/calendar/targets", tags=["calendar"], route_class=TaggedRoute, responses=LOGGED_IN
)
GIVEN: Final[dict[str, Any]] = {
    "figure": "oee", "value": 0.75, "valid_from": "2026-01-01", "line": "", "product": "", "shift": ""
}  # fmt: skip


class TargetGiven(Strict):
    """What a figure should reach from a day on; keys of a line, product and shift narrow it, each or none."""

    model_config = ConfigDict(json_schema_extra={"examples": [GIVEN]})
    figure: Short = Field(description="oee, availability, performance, quality, or the id of a KPI.")
    value: float = Field(allow_inf_nan=False, description="In the figure's unit; a share of 1 for %.")
    valid_from: date
    line: Short = ""
    product: Short = ""
    shift: Short = ""


class TargetShown(BaseModel):
    """A target as it is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 1, "version": 1, **GIVEN}]})
    id: int
    version: int
    figure: str
    value: float
    valid_from: date
    line: str
    product: str
    shift: str


@router.get("", summary="List targets", response_model=Listed[TargetShown], responses=NOT_MODIFIED)
def list_targets(
    caller: Caller,
    page: Paging,
    figure: Annotated[Short, Query(description="Only of this figure.")] = "",
) -> dict[str, Any]:
    """All targets, by figure; of several for the same, the latest that is not ahead counts."""
    keys = {
        "figure": lambda one: (one.draft.figure, one.draft.valid_from, one.id),
        "valid_from": lambda one: (one.draft.valid_from, one.id),
    }  # fmt: skip
    found = [one for one in targets.targets(caller) if figure in ("", one.draft.figure)]
    return one_page(found, page, keys, "figure", _shown)


@router.get(
    "/{target_id}", summary="Get a target", response_model=TargetShown, responses={**FOUND, **NOT_MODIFIED}
)
def get_target(caller: Caller, target_id: Id, request: Request) -> dict[str, Any]:
    """One target with the ETag that a change needs."""
    return KEPT.answer(caller, target_id, request)


@router.post("", summary="Add a target", response_model=TargetShown, status_code=201, responses=CHANGING)
def add_target(caller: Caller, given: TargetGiven, request: Request) -> dict[str, Any]:
    """Pages and reports compare with it from its day on."""
    return KEPT.answer(caller, targets.save_target(caller, _draft(given)), request)


@router.put(
    "/{target_id}", summary="Change a target", response_model=TargetShown, responses={**FOUND, **CHANGING}
)
def change_target(
    caller: Caller, target_id: Id, given: TargetGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace a target; If-Match must name the version that the change is based on."""
    targets.save_target(caller, _draft(given), KEPT.based_on(caller, target_id, version))
    return KEPT.answer(caller, target_id, request)


@router.delete(
    "/{target_id}", summary="Delete a target", response_model=Message, responses={**FOUND, **CHANGING}
)
def remove_target(caller: Caller, target_id: Id, version: SurelyBasedOn) -> dict[str, str]:
    """Take a target away: a less specific or an earlier one counts again."""
    targets.delete_target(caller, KEPT.based_on(caller, target_id, version))
    return {"message": "Target deleted"}


def _draft(given: TargetGiven) -> TargetDraft:
    return TargetDraft(**given.model_dump())


def _shown(one: StoredTarget) -> dict[str, Any]:
    names = set(TargetShown.model_fields) - {"id", "version"}
    return {"id": one.id, "version": one.version} | {name: getattr(one.draft, name) for name in names}


KEPT: Final = Kept(one_target, _shown)
