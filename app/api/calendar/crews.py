"""Crews and their rotations over the shifts."""

from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.calendar.kept import Kept
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Key, Message, Name, Short, Strict
from app.shifts import crews
from app.shifts.crews import CrewDraft, StoredCrew, one_crew

router = APIRouter(prefix="/calendar/crews", tags=["calendar"], route_class=TaggedRoute, responses=LOGGED_IN)
GIVEN: Final[dict[str, Any]] = {
    "key": "A", "name": "Crew A", "rotation": ["early", "late", "night", "-"], "anchor": "2026-01-05"
}  # fmt: skip


class CrewGiven(Strict):
    """A crew: the key of its shift on each day from `anchor` on, again and again; "-" is a free day."""

    model_config = ConfigDict(json_schema_extra={"examples": [GIVEN]})
    key: Key
    name: Name
    rotation: list[Short] = Field(max_length=366)
    anchor: date


class CrewShown(BaseModel):
    """A crew as it is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 1, "version": 1, **GIVEN}]})
    id: int
    version: int
    key: str
    name: str
    rotation: list[str]
    anchor: date


@router.get("", summary="List crews", response_model=Listed[CrewShown], responses=NOT_MODIFIED)
def list_crews(caller: Caller, page: Paging) -> dict[str, Any]:
    """The crews with their rotations, by key."""
    keys = {"key": lambda one: one.draft.key, "name": lambda one: (one.draft.name, one.draft.key)}
    return one_page(crews.crews(caller), page, keys, "key", _shown)


@router.get("/{crew_id}", summary="Get a crew", response_model=CrewShown, responses={**FOUND, **NOT_MODIFIED})
def get_crew(caller: Caller, crew_id: Id, request: Request) -> dict[str, Any]:
    """One crew with the ETag that a change needs."""
    return KEPT.answer(caller, crew_id, request)


@router.post("", summary="Add a crew", response_model=CrewShown, status_code=201, responses=CHANGING)
def add_crew(caller: Caller, given: CrewGiven, request: Request) -> dict[str, Any]:
    """A crew that takes turns."""
    return KEPT.answer(caller, crews.save_crew(caller, _draft(given)), request)


@router.put("/{crew_id}", summary="Change a crew", response_model=CrewShown, responses={**FOUND, **CHANGING})
def change_crew(
    caller: Caller, crew_id: Id, given: CrewGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace a crew; If-Match must name the version that the change is based on."""
    crews.save_crew(caller, _draft(given), KEPT.based_on(caller, crew_id, version))
    return KEPT.answer(caller, crew_id, request)


@router.delete("/{crew_id}", summary="Delete a crew", response_model=Message, responses={**FOUND, **CHANGING})
def remove_crew(caller: Caller, crew_id: Id, version: SurelyBasedOn) -> dict[str, str]:
    """Take a crew away."""
    crews.delete_crew(caller, KEPT.based_on(caller, crew_id, version))
    return {"message": "Crew deleted"}


def _draft(given: CrewGiven) -> CrewDraft:
    return CrewDraft(given.key, given.name, tuple(given.rotation), given.anchor)


def _shown(one: StoredCrew) -> dict[str, Any]:
    draft = one.draft
    return {
        "id": one.id, "version": one.version, "key": draft.key, "name": draft.name,
        "rotation": list(draft.rotation), "anchor": draft.anchor,
    }  # fmt: skip


KEPT: Final = Kept(one_crew, _shown)
