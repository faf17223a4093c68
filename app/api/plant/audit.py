"""The audit log, for whoever may read it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from app.api.caller import Caller
from app.api.errors import FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, Search, as_page
from app.api.values import LARGEST_ID, NO_NUL, Moment
from app.evidence import entries
from data.queries.audit import EntrySearch

router = APIRouter(
    prefix="/audit",
    tags=["audit"],
    route_class=TaggedRoute,
    responses={**LOGGED_IN, **NOT_MODIFIED},
)

Words = Annotated[str, Query(max_length=200, pattern=NO_NUL)]


class EntryShown(BaseModel):
    """One entry: who did what to which object, with its state before and after."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "position": 12,
                    "at": "2026-02-19T10:30:00Z",
                    "actor": "engineer@vpc.com",
                    "action": "machine.edit",
                    "object_type": "machine",
                    "object_id": "5",
                    "before": {"name": "Mill"},
                    "after": {"name": "CNC Mill"},
                    "leaf": "9f2c...",
                }
            ]
        }
    )
    position: int
    at: datetime
    actor: str
    action: str
    object_type: str
    object_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    leaf: str


def _shown(one: entries.Entry) -> dict[str, Any]:
    return {
        "position": one.position,
        "at": one.at,
        "actor": one.actor,
        "action": one.action,
        "object_type": one.kind,
        "object_id": one.object_id,
        "before": one.before,
        "after": one.after,
        "leaf": one.leaf,
    }


@router.get("/entries", summary="List audit entries", response_model=Listed[EntryShown])
def list_entries(
    caller: Caller,
    page: Paging,
    search: Search = None,
    actor: Words = "",
    action: Words = "",
    object_type: Words = "",
    object_id: Words = "",
    start: Annotated[Moment | None, Query(description="Only entries at or after this.")] = None,
    end: Annotated[Moment | None, Query(description="Only entries before this.")] = None,
) -> dict[str, Any]:
    """The entries of the factory's log, the newest first; `sort=position` turns them round."""
    wanted = EntrySearch(actor, action, object_type, object_id, search or "", start, end)
    _, descending = page.order(("position",), "-position")
    if descending:
        found, total = entries.find(caller, wanted, limit=page.per_page, offset=page.start)
        return as_page([_shown(one) for one in found], total, page)
    _, total = entries.find(caller, wanted, limit=1)
    most = min(page.per_page, total - page.start)
    rows = entries.find(caller, wanted, limit=most, offset=total - page.start - most)[0] if most > 0 else []
    return as_page([_shown(one) for one in reversed(rows)], total, page)


@router.get("/entries/{position}", summary="Get an audit entry", response_model=EntryShown, responses=FOUND)
def get_entry(caller: Caller, position: Annotated[int, Path(ge=0, le=LARGEST_ID)]) -> dict[str, Any]:
    """The entry at a position of the log."""
    return _shown(entries.entry(caller, position))
