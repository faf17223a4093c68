"""Closed dates, opened dates, and the public holidays that the plant keeps."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.calendar.kept import Kept
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Message, Name, Short, Strict
from app.auth.permissions import Permission
from app.shifts import days
from app.shifts.days import DayDraft, StoredDay, holidays_version, kept_holidays, one_exception

router = APIRouter(prefix="/calendar", tags=["calendar"], route_class=TaggedRoute, responses=LOGGED_IN)
GIVEN: Final[dict[str, Any]] = {
    "day": "2026-05-15", "is_open": False, "shifts": ["night"], "name": "Stocktaking"
}  # fmt: skip
CHOSEN: Final[dict[str, Any]] = {"country": "DE", "region": "BY"}


class SpecialDayGiven(Strict):
    """A date that is closed or opened; `shifts` are keys, none means all (closed) or as usual (opened)."""

    model_config = ConfigDict(json_schema_extra={"examples": [GIVEN]})
    day: date
    is_open: bool
    shifts: list[Short] = Field([], max_length=50)
    name: Name = ""


class SpecialDayShown(BaseModel):
    """A special day as it is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 1, "version": 1, **GIVEN}]})
    id: int
    version: int
    day: date
    is_open: bool
    shifts: list[str]
    name: str


class Holidays(Strict):
    """Whose public holidays are closed days: ISO 3166 codes; an empty country: nobody's."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHOSEN]})
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")]
    region: Annotated[str, Field(pattern=r"^[A-Z0-9]{0,10}$")] = ""


@router.get(
    "/special-days", summary="List special days", response_model=Listed[SpecialDayShown],
    responses=NOT_MODIFIED,
)  # fmt: skip
def list_special_days(caller: Caller, page: Paging) -> dict[str, Any]:
    """What people decided about single dates, by date."""
    keys = {"day": lambda one: (one.draft.day, one.id), "name": lambda one: (one.draft.name, one.id)}
    return one_page(days.exceptions(caller), page, keys, "day", _shown)


@router.get(
    "/special-days/{day_id}", summary="Get a special day", response_model=SpecialDayShown,
    responses={**FOUND, **NOT_MODIFIED},
)  # fmt: skip
def get_special_day(caller: Caller, day_id: Id, request: Request) -> dict[str, Any]:
    """One special day with the ETag that a change needs."""
    return KEPT.answer(caller, day_id, request)


@router.post(
    "/special-days", summary="Add a special day", response_model=SpecialDayShown, status_code=201,
    responses=CHANGING,
)  # fmt: skip
def add_special_day(caller: Caller, given: SpecialDayGiven, request: Request) -> dict[str, Any]:
    """Close or open a date; figures follow at once."""
    return KEPT.answer(caller, days.save_day(caller, _draft(given)), request)


@router.put(
    "/special-days/{day_id}", summary="Change a special day", response_model=SpecialDayShown,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def change_special_day(
    caller: Caller, day_id: Id, given: SpecialDayGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace a special day; If-Match must name the version that the change is based on."""
    days.save_day(caller, _draft(given), KEPT.based_on(caller, day_id, version))
    return KEPT.answer(caller, day_id, request)


@router.delete(
    "/special-days/{day_id}", summary="Delete a special day", response_model=Message,
    responses={**FOUND, **CHANGING},
)  # fmt: skip
def remove_special_day(caller: Caller, day_id: Id, version: SurelyBasedOn) -> dict[str, str]:
    """The date is what the pattern and the holidays say again."""
    days.delete_day(caller, KEPT.based_on(caller, day_id, version))
    return {"message": "Special day deleted"}


@router.get("/holidays", summary="Get the kept holidays", response_model=Holidays, responses=NOT_MODIFIED)
def get_kept_holidays(caller: Caller, request: Request) -> dict[str, str]:
    """Whose public holidays the plant keeps, with the ETag that a change needs."""
    return _holidays(caller, request)


@router.put("/holidays", summary="Choose the holidays", response_model=Holidays, responses=CHANGING)
def choose_holidays(
    caller: Caller, given: Holidays, version: SurelyBasedOn, request: Request
) -> dict[str, str]:
    """Keep the public holidays of a country and region, or none; If-Match must name the version."""
    caller.require(Permission.MANAGE_MACHINES)
    require_version(version, holidays_version(caller))
    days.keep_holidays(caller, given.country, given.region, version)
    return _holidays(caller, request)


def _holidays(caller: Caller, request: Request) -> dict[str, str]:
    mark_version(request, holidays_version(caller))
    return dict(zip(("country", "region"), kept_holidays(caller), strict=True))


def _draft(given: SpecialDayGiven) -> DayDraft:
    return DayDraft(given.day, given.is_open, tuple(given.shifts), given.name)


def _shown(one: StoredDay) -> dict[str, Any]:
    draft = one.draft
    return {
        "id": one.id, "version": one.version, "day": draft.day, "is_open": draft.is_open,
        "shifts": list(draft.shifts), "name": draft.name,
    }  # fmt: skip


KEPT: Final = Kept(one_exception, _shown)
