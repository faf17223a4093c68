"""The shifts of the weekly pattern, with breaks, validity and cycles of several weeks."""

from datetime import date, time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from app.api.calendar.kept import Kept
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute
from app.api.listing import Listed, Paging, one_page
from app.api.values import Id, Key, Message, Name, Strict
from app.shifts import patterns
from app.shifts.patterns import ShiftDraft, StoredShift, one_shift

router = APIRouter(prefix="/calendar/shifts", tags=["calendar"], route_class=TaggedRoute, responses=LOGGED_IN)
Clock = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Local time.", examples=["06:00"])
]
GIVEN: Final[dict[str, Any]] = {
    "key": "early", "name": "Early", "start": "06:00", "end": "14:00", "weekdays": [0, 1, 2, 3, 4],
    "breaks": [{"start": "09:30", "end": "10:00"}], "valid_from": "2026-01-01", "valid_to": "2026-12-31",
    "cycle_weeks": 2, "cycle_in": [0], "cycle_from": "2026-01-05",
}  # fmt: skip


class Break(Strict):
    """A break in the shift."""

    start: Clock
    end: Clock


class ShiftGiven(Strict):
    """A shift; an end at or before its start is on the next day. It keeps its key for ever."""

    model_config = ConfigDict(json_schema_extra={"examples": [GIVEN]})
    key: Key
    name: Name
    start: Clock
    end: Clock
    weekdays: list[int] = Field(
        [0, 1, 2, 3, 4, 5, 6], max_length=7, description="Days on which it starts, 0 for Monday."
    )
    breaks: list[Break] = Field([], max_length=16)
    valid_from: date | None = None
    valid_to: date | None = Field(None, description="The last day on which it starts.")
    cycle_weeks: int = Field(1, ge=1, le=12)
    cycle_in: list[int] = Field(
        [0], max_length=12, description="Weeks of the cycle in which it runs, from 0."
    )
    cycle_from: date | None = Field(None, description="A date in the first week of the cycle.")


class ShiftStored(ShiftGiven):
    """A shift as it is stored."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"id": 2, "version": 1, **GIVEN}]}
    )
    id: int
    version: int


@router.get("", summary="List shifts", response_model=Listed[ShiftStored], responses=NOT_MODIFIED)
def list_shifts(caller: Caller, page: Paging) -> dict[str, Any]:
    """The shifts of the pattern, by start."""
    keys = {"start": lambda one: (one.draft.start, one.draft.key), "key": lambda one: one.draft.key}
    return one_page(patterns.shifts(caller), page, keys, "start", _shown)


@router.get(
    "/{shift_id}", summary="Get a shift", response_model=ShiftStored, responses={**FOUND, **NOT_MODIFIED}
)
def get_shift(caller: Caller, shift_id: Id, request: Request) -> dict[str, Any]:
    """One shift with the ETag that a change needs."""
    return KEPT.answer(caller, shift_id, request)


@router.post("", summary="Add a shift", response_model=ShiftStored, status_code=201, responses=CHANGING)
def add_shift(caller: Caller, given: ShiftGiven, request: Request) -> dict[str, Any]:
    """Figures follow at once, where it is in force."""
    return KEPT.answer(caller, patterns.save_shift(caller, _draft(given)), request)


@router.put(
    "/{shift_id}", summary="Change a shift", response_model=ShiftStored, responses={**FOUND, **CHANGING}
)
def change_shift(
    caller: Caller, shift_id: Id, given: ShiftGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace a shift; If-Match must name the version that the change is based on."""
    patterns.save_shift(caller, _draft(given), KEPT.based_on(caller, shift_id, version))
    return KEPT.answer(caller, shift_id, request)


@router.delete(
    "/{shift_id}", summary="Delete a shift", response_model=Message, responses={**FOUND, **CHANGING}
)
def remove_shift(caller: Caller, shift_id: Id, version: SurelyBasedOn) -> dict[str, str]:
    """Take a shift away, in the past as well; refused while records, crews, days or targets name it."""
    patterns.delete_shift(caller, KEPT.based_on(caller, shift_id, version))
    return {"message": "Shift deleted"}


def _draft(given: ShiftGiven) -> ShiftDraft:
    breaks = tuple((time.fromisoformat(one.start), time.fromisoformat(one.end)) for one in given.breaks)
    return ShiftDraft(
        given.key, given.name, time.fromisoformat(given.start), time.fromisoformat(given.end),
        frozenset(given.weekdays), breaks, given.valid_from, given.valid_to, given.cycle_weeks,
        frozenset(given.cycle_in), given.cycle_from,
    )  # fmt: skip


def _shown(one: StoredShift) -> dict[str, Any]:
    draft = one.draft
    same = ("key", "name", "valid_from", "valid_to", "cycle_weeks", "cycle_from")
    return {name: getattr(draft, name) for name in same} | {
        "id": one.id, "version": one.version, "start": f"{draft.start:%H:%M}", "end": f"{draft.end:%H:%M}",
        "weekdays": sorted(draft.weekdays), "cycle_in": sorted(draft.cycle_in),
        "breaks": [{"start": f"{begin:%H:%M}", "end": f"{end:%H:%M}"} for begin, end in draft.breaks],
    }  # fmt: skip


KEPT: Final = Kept(one_shift, _shown)
