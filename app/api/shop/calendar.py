"""What runs on each day."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from analytics.errors import InvalidInput
from app.api.caller import Caller
from app.api.errors import LOGGED_IN
from app.api.listing import Listed, Paging, one_page
from app.maintenance.due import today
from app.shifts.month import DayPlan, day_plans

router = APIRouter(prefix="/calendar", tags=["calendar"], responses=LOGGED_IN)

DAYS = 30
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)


class ShiftShown(BaseModel):
    """A shift that runs on a day; `is_extra`: the weekly pattern does not have it there."""

    shift: str
    name: str
    crews: list[str]
    is_extra: bool


class DayShown(BaseModel):
    """One date; `name` is that of its holiday or of what people decided, or empty."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"day": "2026-05-04", "name": "", "is_holiday": False, "is_closed": False,
                 "shifts": [{"shift": "early", "name": "Early", "crews": ["Crew A"], "is_extra": False}]}
            ]
        }
    )  # fmt: skip
    day: date
    name: str
    is_holiday: bool
    is_closed: bool
    shifts: list[ShiftShown]


@router.get("", summary="What runs on each day", response_model=Listed[DayShown])
def list_calendar_days(
    caller: Caller,
    page: Paging,
    first: Annotated[date | None, Query(description="The first date; default today.")] = None,
    last: Annotated[date | None, Query(description="The last date; default 30 days later.")] = None,
) -> dict[str, Any]:
    """Shifts, crews, holidays and exceptions of each date, at most 400 days."""
    begin = first or today(caller)
    if not EARLIEST <= begin <= LATEST:
        raise InvalidInput.at("first", "Dates lie between 1990 and 2100.")
    found = day_plans(caller, begin, last or begin + timedelta(days=DAYS))
    return one_page(found, page, {"day": lambda one: one.day}, "day", _shown)


def _shown(plan: DayPlan) -> dict[str, Any]:
    return {
        "day": plan.day,
        "name": plan.name,
        "is_holiday": plan.is_holiday,
        "is_closed": plan.is_closed,
        "shifts": [
            {"shift": one.key, "name": one.name, "crews": list(one.crews), "is_extra": one.is_extra}
            for one in plan.shifts
        ],
    }
