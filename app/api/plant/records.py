"""Performance records: the summaries of shifts and batches that people enter."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from analytics.errors import FieldProblem, InvalidInput
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import SurelyBasedOn, TaggedRoute, mark_version, require_version
from app.api.listing import Listed, Machines, Paging, Search, as_page
from app.api.values import Id, Key, Message, Moment, Name, Strict, Words
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import Plant, plant
from app.production.records import entry as records
from app.production.records.entry import RecordDraft, StoredRecord
from app.production.records.listing import SORTED_BY, RecordSearch, one_record, record_page
from data.models import to_us

router = APIRouter(prefix="/records", tags=["records"], route_class=TaggedRoute, responses=LOGGED_IN)

SHIFT_S = 7 * 86_400
EXAMPLE: dict[str, Any] = {
    "machine": "M01",
    "start": "2026-02-19T06:00:00Z",
    "end": "2026-02-19T14:00:00Z",
    "planned_s": 27000,
    "operating_s": 24180,
    "downtime_s": 2820,
    "output": 19271,
    "good": 18848,
    "stops": [{"reason": "jam", "duration_s": 1800}],
}


STORED: dict[str, Any] = {
    "id": 7,
    "version": 1,
    "product": "bar-20",
    "shift": "early",
    "batch": "B-1207",
    "operator": "Olga",
    "note": "",
    "source": "api",
}


class RecordStop(Strict):
    """The part of the downtime that one reason caused."""

    reason: Key = Field(description="The reason's code.")
    duration_s: float = Field(ge=0, le=SHIFT_S)


class RecordGiven(Strict):
    """What a person enters about a shift or batch; it stands for its time on its machine."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    machine: Key = Field(description="The device key.")
    start: Moment
    end: Moment
    planned_s: float = Field(ge=0, le=SHIFT_S)
    operating_s: float = Field(ge=0, le=SHIFT_S)
    downtime_s: float = Field(ge=0, le=SHIFT_S)
    output: float = Field(ge=0, le=1e12)
    good: float = Field(ge=0, le=1e12)
    product: Key | None = None
    shift: Key | None = None
    batch: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = ""
    operator: Name = ""
    note: Words = ""
    stops: list[RecordStop] = Field([], max_length=100)


class RecordShown(BaseModel):
    """A record as it is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**STORED, **EXAMPLE}]})
    id: int
    version: int
    machine: str
    start: datetime
    end: datetime
    planned_s: float
    operating_s: float
    downtime_s: float
    output: float
    good: float
    product: str | None
    shift: str | None
    batch: str
    operator: str | None = Field(description="Null without the permission to see people by name.")
    note: str
    source: str
    stops: list[RecordStop]


def _shown(access: Access, known: Plant, stored: StoredRecord) -> dict[str, Any]:
    draft = stored.draft
    product = known.product_by_id.get(draft.product_id or 0)
    shift = next((s.key for s in known.rows.shifts if s.id == draft.shift_id), None)
    names = ("start", "end", "planned_s", "operating_s", "downtime_s", "output", "good", "batch", "note")
    return {
        **{name: getattr(draft, name) for name in names},
        "id": stored.id,
        "version": stored.version,
        "machine": known.machine_by_id[draft.machine_id].device_key,
        "product": product.key if product else None,
        "shift": shift,
        "operator": draft.operator if _sees_names(access) else None,
        "source": draft.source,
        "stops": [
            {"reason": known.reason_by_id[reason].code, "duration_s": seconds}
            for reason, seconds in draft.stops
        ],
    }


def _sees_names(access: Access) -> bool:
    may = access.principal.may
    return may(Permission.SEE_NAMED_PEOPLE) or may(Permission.ENTER_PRODUCTION)


def _draft(known: Plant, given: RecordGiven) -> RecordDraft:
    """The record with ids instead of keys. Raises InvalidInput naming each key that is unknown."""
    machine, problems = known.machine_by_key.get(given.machine), list[FieldProblem]()
    product = known.product_by_key.get(given.product or "")
    shift = known.shift_by_key.get(given.shift or "")
    for field, key, found in (
        ("machine", given.machine, machine),
        ("product", given.product, product),
        ("shift", given.shift, shift),
    ):
        if key is not None and found is None:
            problems.append(FieldProblem(field, f"There is no {field} '{key}' in this factory."))
    codes = [one.reason for one in given.stops]
    problems += [
        FieldProblem("stops", f"There is no reason '{code}' in this factory.")
        for code in codes
        if code not in known.reason_by_code
    ]
    if len(set(codes)) < len(codes):
        problems.append(FieldProblem("stops", "Name each reason once."))
    if machine is None or problems:
        raise InvalidInput(*problems)
    names = ("start", "end", "planned_s", "operating_s", "downtime_s", "output", "good", "batch", "operator")
    return RecordDraft(
        **{name: getattr(given, name) for name in names},
        machine_id=machine.id,
        product_id=product.id if product else None,
        shift_id=shift.id if shift else None,
        note=given.note,
        stops=tuple((known.reason_by_code[one.reason].id, one.duration_s) for one in given.stops),
        source="api",
    )


@router.get("", summary="List records", response_model=Listed[RecordShown], responses=NOT_MODIFIED)
def list_records(
    caller: Caller,
    page: Paging,
    search: Search = None,
    start: Annotated[Moment | None, Query(description="Only records that begin at or after this.")] = None,
    end: Annotated[Moment | None, Query(description="Only records that begin before this.")] = None,
    machine: Machines = [],  # noqa: B006
) -> dict[str, Any]:
    """Records, the newest first; `search` looks into batch, operator and note."""
    known = plant(caller)
    ids = [known.machine_by_key[key].id for key in machine if key in known.machine_by_key]
    wanted = RecordSearch(
        None if start is None else to_us(start),
        None if end is None else to_us(end),
        ids if machine else None,
        search or "",
    )
    order = page.order(SORTED_BY, "-start")
    rows, total = record_page(caller, wanted, order, page.start, page.per_page)
    return as_page([_shown(caller, known, row) for row in rows], total, page)


@router.get(
    "/{record_id}", summary="Get a record", response_model=RecordShown, responses={**FOUND, **NOT_MODIFIED}
)
def get_record(caller: Caller, record_id: Id, request: Request) -> dict[str, Any]:
    """One record with the ETag that a change needs."""
    return _answer(caller, record_id, request)


@router.post("", summary="Enter a record", response_model=RecordShown, status_code=201, responses=CHANGING)
def create_record(caller: Caller, given: RecordGiven, request: Request) -> dict[str, Any]:
    """Enter the summary of a shift or batch."""
    caller.require(Permission.ENTER_PRODUCTION)
    return _answer(caller, records.enter(caller, _draft(plant(caller), given)), request)


@router.put(
    "/{record_id}", summary="Change a record", response_model=RecordShown, responses={**FOUND, **CHANGING}
)
def update_record(
    caller: Caller, record_id: Id, given: RecordGiven, version: SurelyBasedOn, request: Request
) -> dict[str, Any]:
    """Replace a record; If-Match must name the version that the change is based on."""
    caller.require(Permission.ENTER_PRODUCTION)
    require_version(version, one_record(caller, record_id).version)
    records.change(caller, record_id, version, _draft(plant(caller), given))
    return _answer(caller, record_id, request)


@router.delete(
    "/{record_id}", summary="Take back a record", response_model=Message, responses={**FOUND, **CHANGING}
)
def delete_record(caller: Caller, record_id: Id, version: SurelyBasedOn) -> dict[str, str]:
    """Delete a record; what was measured counts again for its time."""
    caller.require(Permission.ENTER_PRODUCTION)
    require_version(version, one_record(caller, record_id).version)
    records.take_back(caller, record_id, version)
    return {"message": "Record deleted"}


def _answer(caller: Access, record_id: int, request: Request) -> dict[str, Any]:
    stored = one_record(caller, record_id)
    mark_version(request, stored.version)
    return _shown(caller, plant(caller), stored)
