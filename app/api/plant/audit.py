"""The audit log, for whoever may read it."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from app.api.caller import Caller
from app.api.errors import FOUND, LOGGED_IN, NOT_MODIFIED, declared
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, Search, as_page
from app.api.values import LARGEST_ID, NO_NUL, Moment
from app.evidence import entries
from app.evidence.export import proof
from app.evidence.verification import verify
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


class ProofShown(BaseModel):
    """That an entry stands in the signed log: enough to check it without Gemba."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "index": 12,
                    "entry": '{"action":"machine.edit", ...}',
                    "path": ["Sd3bffjONsMco76TLHIJCq/mXWOlwtmyIzEtBjJmGDo="],
                    "checkpoint": "gemba/vpc\n13\nmYlUrLKq7hAry7vEzImEiE/i8l/ce3+1WkJtUig2YPM=\n\n...",
                    "key": "gemba+650ab677+ARW5G5qYhyZev+TTm/9U1lJ+q/wthXwrExqMqyIlSRqr",
                }
            ]
        }
    )
    index: int
    entry: str
    path: list[str]
    checkpoint: str
    key: str


class LogShown(BaseModel):
    """How long the log is, how much of it is signed, the newest checkpoint and the key that signed it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "entries": 13,
                    "signed": 13,
                    "checkpoints": 4,
                    "checkpoint": "gemba/vpc\n13\n...",
                    "key": "gemba+...",
                }
            ]
        }
    )
    entries: int
    signed: int
    checkpoints: int
    checkpoint: str
    key: str


class FindingShown(BaseModel):
    """One thing that is wrong, and at which entry."""

    kind: str
    position: int
    message: str


class VerificationShown(BaseModel):
    """What a reading of the whole log found; no findings: the log is the one that was signed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "is_sound": False,
                    "entries": 13,
                    "signed": 13,
                    "checkpoints": 4,
                    "first_bad": 7,
                    "findings": [{"kind": "edited", "position": 7, "message": "The entry was changed."}],
                }
            ]
        }
    )
    is_sound: bool
    entries: int
    signed: int
    checkpoints: int
    first_bad: int | None
    findings: list[FindingShown]


@router.get(
    "/entries/{position}/proof",
    summary="Prove an audit entry",
    response_model=ProofShown,
    responses={**FOUND, **declared(409, "No checkpoint covers this entry yet.")},
)
def prove_entry(caller: Caller, position: Annotated[int, Path(ge=0, le=LARGEST_ID)]) -> dict[str, Any]:
    """The entry, its path to the signed root, and the checkpoint (RFC 6962, C2SP tlog-checkpoint)."""
    return proof(caller, position)


@router.get("/log", summary="Get the state of the audit log", response_model=LogShown)
def get_log(caller: Caller) -> dict[str, Any]:
    """Keep the checkpoint elsewhere: it shows later whether the log was rolled back."""
    found = entries.state(caller)
    return {**asdict(found), "checkpoint": entries.newest_checkpoint(caller)}


@router.get("/verification", summary="Verify the audit log", response_model=VerificationShown)
def verify_log(caller: Caller) -> dict[str, Any]:
    """Reads the whole log: about a minute for three million entries."""
    found = verify(caller)
    return {
        "is_sound": found.is_sound,
        "entries": found.entries,
        "signed": found.signed,
        "checkpoints": found.checkpoints,
        "first_bad": found.first_bad,
        "findings": [asdict(one) for one in found.findings],
    }
