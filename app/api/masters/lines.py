"""The lines of the plant."""

from operator import attrgetter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.calendar.kept import Kept
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute
from app.api.listing import Listed, Paging, Search, has_words, one_page
from app.api.values import NO_NUL, Id, Key, Message, Name, Strict
from app.production.masters.lines import (
    LONGEST_KEY,
    LineDraft,
    StoredLine,
    delete_line,
    lines,
    one_line,
    save_line,
)

router = APIRouter(prefix="/lines", tags=["lines"], route_class=TaggedRoute, responses=LOGGED_IN)
GIVEN: Final[dict[str, Any]] = {"key": "line-3", "name": "Milling", "oee_target": 0.8, "area": "Hall 2"}


class LineGiven(Strict):
    """A line. Its key stays as it was first given."""

    model_config = ConfigDict(json_schema_extra={"examples": [GIVEN]})
    key: Key
    name: Name
    oee_target: float | None = Field(None, gt=0, le=1, description="A share of 1; null: the factory's.")
    area: Annotated[str, Field(max_length=LONGEST_KEY, pattern=NO_NUL)] | None = Field(
        None, description="Empty: none. Left out, it stays as it is."
    )


class LineShown(BaseModel):
    """A line as it is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 2, **GIVEN, "machines": 4}]})
    id: int
    key: str
    name: str
    oee_target: float | None
    area: str = Field(description="The name of the area that it stands in; empty: none.")
    machines: int = Field(description="How many machines stand on it, those out of use too.")


@router.get("", summary="List lines", response_model=Listed[LineShown], responses=NOT_MODIFIED)
def list_lines(caller: Caller, page: Paging, search: Search = None) -> dict[str, Any]:
    """The lines by key; `search` looks into key and name."""
    rows = [one for one in lines(caller) if has_words(search, one.draft.key, one.draft.name)]
    keys = {"key": attrgetter("draft.key"), "name": attrgetter("draft.name", "draft.key")}
    return one_page(rows, page, keys, "key", _shown)


@router.get("/{line_id}", summary="Get a line", response_model=LineShown, responses={**FOUND, **NOT_MODIFIED})
def get_line(caller: Caller, line_id: Id, request: Request) -> dict[str, Any]:
    """One line with the ETag that a change needs."""
    return KEPT.answer(caller, line_id, request)


@router.post("", summary="Add a line", response_model=LineShown, status_code=201, responses=CHANGING)
def add_line(caller: Caller, given: LineGiven, request: Request) -> dict[str, Any]:
    """A line for machines to stand on."""
    return KEPT.answer(caller, save_line(caller, _draft(given, "")), request)


@router.put("/{line_id}", summary="Change a line", response_model=LineShown, responses={**FOUND, **CHANGING})
def change_line(
    caller: Caller, line_id: Id, given: LineGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Rename a line; If-Match must name the version that the change is based on."""
    stored = KEPT.based_on(caller, line_id, version)
    save_line(caller, _draft(given, stored.draft.area), stored)
    return KEPT.answer(caller, line_id, request)


@router.delete("/{line_id}", summary="Delete a line", response_model=Message, responses={**FOUND, **CHANGING})
def remove_line(caller: Caller, line_id: Id, version: SurelyBasedOn) -> dict[str, str]:
    """Delete a line to which nothing refers; 409 says what does."""
    delete_line(caller, KEPT.based_on(caller, line_id, version))
    return {"message": "Line deleted"}


def _draft(given: LineGiven, area: str) -> LineDraft:
    return LineDraft(given.key, given.name, given.oee_target, area if given.area is None else given.area)


def _shown(one: StoredLine) -> dict[str, Any]:
    draft = one.draft
    return {
        "id": one.id, "key": draft.key, "name": draft.name, "oee_target": draft.oee_target,
        "area": draft.area, "machines": one.machines,
    }  # fmt: skip


KEPT: Final = Kept(one_line, _shown)
