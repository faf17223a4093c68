"""What all figures of a factory are computed with."""

from dataclasses import asdict
from datetime import time
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from app.api.calendar.shifts import Clock
from app.api.caller import Caller
from app.api.errors import CHANGING, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute, mark_version, require_version
from app.api.values import Strict
from app.auth.permissions import Permission
from app.shifts.basics import LONGEST_MINOR_S, Basics, basics, save_basics

router = APIRouter(prefix="/calendar/basics", tags=["calendar"], route_class=TaggedRoute, responses=LOGGED_IN)
GIVEN: Final[dict[str, Any]] = {
    "day_start": "06:00", "minor_stop_s": 300, "oee_target": 0.85, "currency": "EUR"
}  # fmt: skip


class BasicsOf(Strict):
    """When a production day begins, below which length a stop is minor, the target of OEE, the currency."""

    model_config = ConfigDict(json_schema_extra={"examples": [GIVEN]})
    day_start: Clock
    minor_stop_s: int = Field(ge=0, le=LONGEST_MINOR_S, description="In seconds.")
    oee_target: float | None = Field(None, gt=0, le=1, description="A share of 1; null: none.")
    currency: str = Field(pattern="^[A-Z]{3}$", description="As in ISO 4217.")


@router.get("", summary="Get the basics", response_model=BasicsOf, responses=NOT_MODIFIED)
def get_basics(caller: Caller, request: Request) -> dict[str, Any]:
    """What all figures are computed with, with the ETag that a change needs."""
    known = basics(caller)
    mark_version(request, known.version)
    return {**asdict(known), "day_start": f"{known.day_start:%H:%M}"}


@router.put("", summary="Change the basics", response_model=BasicsOf, responses=CHANGING)
def change_basics(
    caller: Caller, given: BasicsOf, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace them; figures of the past follow. If-Match must name the version of the change's base."""
    caller.require(Permission.MANAGE_MACHINES)
    require_version(version, basics(caller).version)
    new = Basics(**given.model_dump() | {"day_start": time.fromisoformat(given.day_start)})
    save_basics(caller, new, version)
    return get_basics(caller, request)
