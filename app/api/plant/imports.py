"""Files to import: the checks, the kinds and the loading of the import page."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import BaseModel, ConfigDict

from analytics.errors import InvalidInput
from app.api.caller import Caller
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, WidePaging, one_page
from app.api.values import Id
from app.auth.permissions import Permission
from app.imports import history, runs
from app.imports.layout.kinds import Kind
from app.imports.layout.mapping import FACTORY_ZONE, Choices
from app.imports.plans import Plan, plan
from app.imports.reading.source import Source
from app.imports.reading.table import Reject
from app.imports.walk import Tally

router = APIRouter(prefix="/imports", tags=["imports"], route_class=TaggedRoute, responses=LOGGED_IN)

MOST_SHOWN = 1_000
Pairs = Annotated[list[str], Form(max_length=100)]


class RejectShown(BaseModel):
    """A row that was left out: its line, the field, the reason, the row itself."""

    line: int
    field: str
    message: str
    row: str


class NoteShown(BaseModel):
    """Something that a person should know about a line; 0 is about the file."""

    line: int
    message: str


class ImportShown(BaseModel):
    """What an import did, or would do; at most 1,000 of the rejected rows are listed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 3,
                    "file_name": "shift_records.csv",
                    "kind": "performance_records",
                    "dry_run": False,
                    "rows": 120,
                    "new": 118,
                    "changed": 0,
                    "unchanged": 1,
                    "rejected": 1,
                    "rejects": [
                        {"line": 17, "field": "good", "message": "Good exceed the output.", "row": "M01,..."}
                    ],
                    "notes": [],
                }
            ]
        }
    )
    id: int | None
    file_name: str
    kind: Kind
    dry_run: bool
    rows: int
    new: int
    changed: int
    unchanged: int
    rejected: int
    rejects: list[RejectShown]
    notes: list[NoteShown]


class RunShown(BaseModel):
    """One import; without `finished_at` it was interrupted, or runs still."""

    id: int
    kind: str
    file_name: str
    actor: str
    started_at: datetime
    finished_at: datetime | None
    rows: int
    loaded: int
    unchanged: int
    rejected: int


def _reject(one: Reject) -> dict[str, Any]:
    return {"line": one.line, "field": one.field, "message": one.message, "row": one.row}


@router.post("", summary="Import a file", response_model=ImportShown, responses=CHANGING)
def import_file(
    caller: Caller,
    file: Annotated[UploadFile, File(description="A CSV file or an Excel workbook.")],
    kind: Annotated[Kind | None, Form(description="What the file holds; empty: it is recognised.")] = None,
    zone: Annotated[
        str, Form(max_length=60, description="The zone of times without one, or `factory`.")
    ] = "",
    maps: Annotated[Pairs, Form(description="`field=column title`, or `field[unit]=column title`.")] = [],  # noqa: B006
    sets: Annotated[Pairs, Form(description="`field=value` for all rows.")] = [],  # noqa: B006
    create_machines: Annotated[bool, Form(description="Add machines that are not known.")] = False,
    dry_run: Annotated[bool, Form(description="Check all rows and store none.")] = False,
) -> dict[str, Any]:
    """Check the file as the import page does, then load each good row once; rejected rows are listed."""
    caller.require(Permission.IMPORT_DATA)
    place = caller.factory.timezone if zone == FACTORY_ZONE else zone
    choices = Choices.parsed(maps, sets, place, create_machines=create_machines)
    source = Source.of_bytes(file.filename or "upload", file.file.read())
    planned = plan(caller, source, kind, choices=choices)
    if planned.mapping is None or planned.problems:
        raise InvalidInput(*planned.problems)
    if dry_run:
        return _answer(planned.kind, planned.tally, planned)
    done = runs.execute(caller, source, planned.mapping)
    return _answer(done.kind, done.tally, done, done.run_id)


def _answer(
    kind: Kind | None, tally: Tally, done: Plan | runs.Summary, run_id: int | None = None
) -> dict[str, Any]:
    return {
        "id": run_id,
        "file_name": done.file_name,
        "kind": kind,
        "dry_run": run_id is None,
        "rows": tally.rows,
        "new": tally.new,
        "changed": tally.changed,
        "unchanged": tally.unchanged,
        "rejected": tally.rejected,
        "rejects": [_reject(one) for one in done.rejects[:MOST_SHOWN]],
        "notes": [{"line": one.line, "message": one.message} for one in done.notes],
    }


@router.get("", summary="List imports", response_model=Listed[RunShown], responses=NOT_MODIFIED)
def list_imports(
    caller: Caller,
    page: Paging,
    kind: Annotated[Kind | None, Query(description="Only imports of this kind.")] = None,
) -> dict[str, Any]:
    """The newest 10,000 imports, the newest first."""
    rows = [one for one in history.runs(caller, 10_000) if kind is None or one.kind == kind]
    keys = {
        "id": lambda r: r.id,
        "file_name": lambda r: r.file_name,
        "started_at": lambda r: r.started_at,
        "rejected": lambda r: r.rejected,
    }
    names = list(RunShown.model_fields)
    return one_page(rows, page, keys, "-id", lambda r: {name: getattr(r, name) for name in names})


@router.get(
    "/{import_id}/rejects",
    summary="List the rejected rows of an import",
    response_model=Listed[RejectShown],
    responses={**FOUND, **NOT_MODIFIED},
)
def list_rejects(caller: Caller, import_id: Id, page: WidePaging) -> dict[str, Any]:
    """The rows that an import left out, by line."""
    rows = history.rejected_rows(caller, import_id)
    keys = {"line": lambda r: r.line, "field": lambda r: r.field}
    return one_page(rows, page, keys, "line", _reject)
