"""Stops one by one, their reasons, and what people say about them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from analytics.vocabulary import STATE_WORDS, State, TimeClass
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN
from app.api.listing import Listed, WidePaging, one_page
from app.api.plant.questions import Asked
from app.api.values import Moment, Strict
from app.production.plant import plant
from app.stops.judging import Judgement, judge, take_back
from app.stops.listing import stops
from app.stops.reasons import reasons
from data.models import from_us, to_us

router = APIRouter(tags=["stops"], responses={**LOGGED_IN})
Label = Annotated[int, Path(ge=1, le=2**63 - 1, description="The id of a judgement.")]


class StopShown(BaseModel):
    """A stop; `lost_us` is the planned time that it cost inside the range. `label` 0: nobody judged it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"machine": "M01", "start": "2026-02-19T10:00:00Z", "end": "2026-02-19T10:30:00Z",
                 "is_open": False, "state": "down", "time_class": "unplanned_stop", "reason": "jam",
                 "reason_name": "Jam", "lost_us": 1_800_000_000,
                 "label": 7, "note": "", "judged_by": "a@b.test"}
            ]
        }
    )  # fmt: skip
    machine: str
    start: datetime
    end: datetime
    is_open: bool
    state: str
    time_class: str
    reason: str
    reason_name: str
    lost_us: int
    label: int
    note: str
    judged_by: str


class JudgementGiven(Strict):
    """A reason for the stops of a machine in a range; without an end, until it runs again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"machine": "M01", "start": "2026-02-19T10:00:00Z", "end": "2026-02-19T10:30:00Z",
                 "reason": "jam"}
            ]
        }
    )  # fmt: skip
    machine: str = Field(max_length=100)
    start: Moment
    end: Moment | None = None
    reason: str = Field(max_length=60)
    note: str = Field("", max_length=2_000)


class Judged(BaseModel):
    """The id of a judgement."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 7}]})
    id: int


class ReasonShown(BaseModel):
    """A node of the reason tree; `parent` is empty at the top."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"code": "jam", "name": "Jam", "category": "unplanned", "parent": "",
                 "is_operator_error": False,
                 "is_active": True}
            ]
        }
    )  # fmt: skip
    code: str
    name: str
    category: str
    parent: str
    is_operator_error: bool | None
    is_active: bool


@router.get("/stops/list", summary="Stops one by one", response_model=Listed[StopShown])
def list_stops(caller: Caller, asked: Asked, page: WidePaging) -> dict[str, Any]:
    """The stops that cost planned time, or that somebody judged, by start, machine or length."""
    codes = {one.id: one.code for one in plant(caller).rows.reasons}
    found = stops(caller, asked)
    found["code"] = found["reason"].map(codes).fillna("")
    keys = {
        "start": lambda row: (row["start_us"], row["machine"]),
        "machine": lambda row: (row["machine"], row["start_us"]),
        "lost": lambda row: row["lost_us"],
    }
    return one_page(found.to_dict("records"), page, keys, "start", _shown)


@router.post("/stops/judgements", summary="Give a stop its reason", response_model=Judged, status_code=201)
def judge_stop(caller: Caller, given: JudgementGiven) -> dict[str, Any]:
    """What stood there before is kept; a part of a stop splits it, several stops become one.

    Without an end the judgement holds until the machine runs again.
    """
    end = None if given.end is None else to_us(given.end)
    return {"id": judge(caller, Judgement(given.machine, to_us(given.start), end, given.reason, given.note))}


@router.delete(
    "/stops/judgements/{judgement_id}",
    summary="Take a judgement back",
    status_code=204,
    responses={**FOUND, **CHANGING},
)
def take_judgement_back(caller: Caller, judgement_id: Label) -> None:
    """The stop has the machine's own reason again."""
    take_back(caller, judgement_id)


@router.get("/reasons", summary="The reason tree", response_model=Listed[ReasonShown])
def list_reasons(caller: Caller, page: WidePaging) -> dict[str, Any]:
    """All reasons, by code or name."""
    keys = {"code": lambda one: one.code, "name": lambda one: one.name}
    return one_page(
        reasons(caller),
        page,
        keys,
        "code",
        lambda one: {n: getattr(one, n) for n in ReasonShown.model_fields},
    )


def _shown(row: dict[Any, Any]) -> dict[str, Any]:
    return {
        "machine": row["machine"],
        "start": from_us(row["start_us"]),
        "end": from_us(row["end_us"]),
        "is_open": bool(row["is_open"]),
        "state": STATE_WORDS[State(row["state"])],
        "time_class": TimeClass(row["time_class"]).name.lower(),
        "reason": row["code"],
        "reason_name": row["reason_name"],
        "lost_us": row["lost_us"],
        "label": max(row["label"], 0),
        "note": row["note"],
        "judged_by": row["judged_by"],
    }
