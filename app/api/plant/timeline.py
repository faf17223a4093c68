"""What each machine did, piece by piece."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from analytics.vocabulary import STATE_WORDS, State, TimeClass
from app.api.caller import Caller
from app.api.errors import LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, WidePaging, one_page
from app.api.plant.questions import Asked
from app.production import figures
from data.models import from_us

router = APIRouter(tags=["timeline"], route_class=TaggedRoute, responses={**LOGGED_IN, **NOT_MODIFIED})

CLASS_WORDS = {kind: kind.name.lower() for kind in TimeClass}


class Piece(BaseModel):
    """A stretch of one machine's time in one state and time class."""

    machine: str
    start: datetime
    end: datetime
    state: str
    time_class: str
    reason: str


@router.get("/timeline", summary="The timeline of machines", response_model=Listed[Piece])
def timeline(
    caller: Caller,
    asked: Asked,
    page: WidePaging,
    state: Annotated[
        Literal["unknown", "running", "idle", "setup", "planned_stop", "down", "off"] | None,
        Query(description="Only pieces in this state."),
    ] = None,
) -> dict[str, Any]:
    """States cut at shifts, breaks and now, by start and machine; time without data is a piece of its own."""
    table = figures.timeline_pieces(caller, asked)
    columns = (table[n].tolist() for n in ("machine", "start_us", "end_us", "state", "time_class", "reason"))
    rows = [row for row in zip(*columns, strict=True) if state is None or STATE_WORDS[State(row[3])] == state]
    keys = {
        "start": lambda r: (r[1], r[0]),
        "machine": lambda r: (r[0], r[1]),
        "length": lambda r: r[2] - r[1],
    }
    return one_page(rows, page, keys, "start", _shown)


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    machine, start_us, end_us, state, time_class, reason = row
    return {
        "machine": machine,
        "start": from_us(start_us),
        "end": from_us(end_us),
        "state": STATE_WORDS[State(state)],
        "time_class": CLASS_WORDS[TimeClass(time_class)],
        "reason": reason,
    }
