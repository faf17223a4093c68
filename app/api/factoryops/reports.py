"""Reports in FactoryOps' form: asked for, listed, followed, downloaded, deleted."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller, Parts
from app.api.errors import CHANGING, FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, Paging, as_page
from app.api.values import NO_NUL, Key, Message, Moment, Short, Strict, or_none
from app.bootstrap import Access
from app.production.plant import plant
from app.reports import asking, links, listing
from app.reports.drafts import SECTIONS, ReportDraft
from app.reports.listing import ReportShown
from data.models import from_us, to_us

router = APIRouter(prefix="/reports", tags=["reports"], route_class=TaggedRoute, responses=LOGGED_IN)
files = APIRouter(include_in_schema=False)

Status = Literal["pending", "running", "complete", "failed"]
Format = Literal["pdf", "excel", "csv", "json"]
Period = Literal["shift", "day", "week", "month"]
SectionName = Literal[
    "summary", "machines", "oee", "telemetry", "alerts", "energy", "maintenance", "analytics", "appendix"
]
ReportId = Annotated[str, Path(max_length=64, pattern=NO_NUL, description="The id of a report.")]
ID: Final = "550e8400-e29b-41d4-a716-446655440000"
DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
EXAMPLE: Final[dict[str, Any]] = {
    "report_id": ID,
    "title": "Weekly Equipment Report",
    "status": "complete",
    "format": "pdf",
    "device_ids": [5, 6, 7],
    "lines": ["line-a"],
    "sections": ["summary", "machines", "oee"],
    "date_range_start": "2026-02-12T00:00:00Z",
    "date_range_end": "2026-02-19T00:00:00Z",
    "period": "week",
    "include_analytics": False,
    "analytics_job_id": ID,
    "recipients": ["manager@vpc.example"],
    "file_url": f"/api/v1/reports/{ID}/download",
    "file_size_bytes": 412_000,
    "error_message": "The store did not answer.",
    "progress": 1.0,
    "stage": "Energy",
    "digest": DIGEST,
    "content_digest": DIGEST,
    "fingerprint": DIGEST,
    "code_version": "0.1.0+1f0c9ab3d2e4",
    "audit_position": 812,
    "created_by": "lan@vpc.example",
    "created_at": "2026-02-19T10:00:00Z",
    "completed_at": "2026-02-19T10:00:20Z",
    "expires_at": "2026-03-21T10:00:00Z",
}


class ReportGiven(Strict):
    """What is wanted: a range, or a `period` that has ended. Without sections a report has all of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Weekly Equipment Report", "device_ids": [],
                 "date_range_start": "2026-02-12T00:00:00Z", "date_range_end": "2026-02-19T00:00:00Z",
                 "format": "pdf", "include_analytics": True}
            ]
        }
    )  # fmt: skip
    title: Annotated[str, Field(max_length=255, pattern=NO_NUL)] = ""
    device_ids: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(
        [], max_length=500, description="The machines; none: all."
    )
    lines: list[Key] = Field([], max_length=100, description="The lines by key; none: all.")
    date_range_start: Moment | None = None
    date_range_end: Moment | None = None
    period: Period | None = Field(None, description="Instead of a range: the last one that has ended.")
    format: Format = "pdf"
    sections: list[SectionName] = Field([], description="Only these sections.")
    include_analytics: bool = Field(False, description="With the section on what analyses found.")
    analytics_job_id: Short | None = Field(None, description="A job whose result is told as well.")
    recipients: list[Short] = Field([], max_length=50, description="Who gets it by mail.")


class ReportMade(BaseModel):
    """The id of a report and how it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"report_id": ID, "status": "pending"}]})
    report_id: str
    status: Status


class ReportMadeAnswer(BaseModel):
    """The envelope of a report that was asked for."""

    data: ReportMade


class ReportAnswered(BaseModel):
    """A report; `file_url` answers once it is complete, until it expires.

    `digest` is over the file without its evidence, `content_digest` over the figures, `fingerprint` over what
    was read for them; `audit_position` is its entry in the audit log.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    report_id: str
    title: str
    status: Status
    format: Format
    device_ids: list[int]
    lines: list[str]
    sections: list[str]
    date_range_start: datetime
    date_range_end: datetime
    period: str | None
    include_analytics: bool
    analytics_job_id: str | None
    recipients: list[str]
    file_url: str | None
    file_size_bytes: int | None
    error_message: str | None
    progress: float = Field(ge=0, le=1)
    stage: str
    digest: str | None
    content_digest: str | None
    fingerprint: str | None
    code_version: str | None
    audit_position: int | None
    created_by: str
    created_at: datetime
    completed_at: datetime | None
    expires_at: datetime


class ReportAnswer(BaseModel):
    """The envelope of one report."""

    data: ReportAnswered


@router.post("", summary="Create a report", response_model=ReportMadeAnswer, status_code=201,
             responses=CHANGING)  # fmt: skip
def create_report(caller: Caller, given: ReportGiven) -> dict[str, Any]:
    """Have a report made in the background; it is kept for 30 days."""
    return _made(caller, asking.ask_report(caller, _draft(caller, given)))


@router.get("", summary="List reports", response_model=Listed[ReportAnswered], responses=NOT_MODIFIED)
def list_reports(
    caller: Caller,
    page: Paging,
    status: Annotated[Status | None, Query(description="Only those that stand so.")] = None,
) -> dict[str, Any]:
    """The reports of the factory, the newest first."""
    page.order(("created_at",), "-created_at")
    rows = listing.reports(caller, status or "", limit=page.per_page, offset=page.start)
    return as_page([_shown(caller, one) for one in rows], listing.count_reports(caller, status or ""), page)


@router.get("/{report_id}", summary="Get a report", response_model=ReportAnswer,
            responses={**FOUND, **NOT_MODIFIED})  # fmt: skip
def get_report(caller: Caller, report_id: ReportId) -> dict[str, Any]:
    """How a report stands: its progress, its digests, what went wrong."""
    return {"data": _shown(caller, listing.one_report(caller, report_id))}


@router.get("/{report_id}/download", summary="Download a report", status_code=302,
            response_class=RedirectResponse, responses={**FOUND, **CHANGING})  # fmt: skip
def download_report(caller: Caller, report_id: ReportId) -> RedirectResponse:
    """A redirect to the file, by a signed address that is good for minutes; 409 before it is complete."""
    return RedirectResponse(links.link(caller, report_id), 302, {"Cache-Control": "no-store"})


@router.post("/{report_id}/again", summary="Make a report again", response_model=ReportMadeAnswer,
             status_code=201, responses={**FOUND, **CHANGING})  # fmt: skip
def make_report_again(caller: Caller, report_id: ReportId) -> dict[str, Any]:
    """The same choice and the same time once more; the answer names the new report."""
    return _made(caller, asking.again(caller, report_id))


@router.post("/{report_id}/cancel", summary="Cancel a report", response_model=ReportMadeAnswer,
             responses={**FOUND, **CHANGING})  # fmt: skip
def cancel_report(caller: Caller, report_id: ReportId) -> dict[str, Any]:
    """Stop the making of a report; 409 for one that is complete or has failed."""
    asking.stop_report(caller, report_id)
    return _made(caller, report_id)


@router.delete("/{report_id}", summary="Delete a report", response_model=Message,
               responses={**FOUND, **CHANGING})  # fmt: skip
def delete_report(caller: Caller, report_id: ReportId) -> dict[str, str]:
    """Delete one that is pending or failed; 409 for one that runs or is complete."""
    asking.delete_report(caller, report_id)
    return {"message": "Report deleted"}


@files.get("/report-files/{token}")
def open_report_file(gemba: Parts, token: Annotated[str, Path(max_length=600, pattern=NO_NUL)]) -> Response:
    """The file of a signed link, for whoever has it."""
    parcel = links.opened(gemba, token)
    disposition = (
        f'attachment; filename="{parcel.name.encode("ascii", "replace").decode().replace("?", "_")}"'
    )
    return Response(
        parcel.body, media_type=parcel.media,
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )  # fmt: skip


def _draft(caller: Access, given: ReportGiven) -> ReportDraft:
    by_id = {one.id: one.device_key for one in plant(caller).rows.machines}
    sections = [str(one) for one in given.sections] or [one for one in SECTIONS if one != "analytics"]
    if given.include_analytics or given.analytics_job_id:
        sections.append("analytics")
    return ReportDraft(
        given.title, given.format, tuple(sections),
        tuple(by_id.get(one, f"#{one}") for one in given.device_ids), tuple(given.lines),
        None if given.date_range_start is None else to_us(given.date_range_start),
        None if given.date_range_end is None else to_us(given.date_range_end),
        given.period or "", tuple(given.recipients), given.analytics_job_id or "",
    )  # fmt: skip


def _made(caller: Access, key: str) -> dict[str, Any]:
    return {"data": {"report_id": key, "status": listing.one_report(caller, key).status}}


def _shown(caller: Access, one: ReportShown) -> dict[str, Any]:
    known = plant(caller).machine_by_key
    is_complete = one.status == listing.COMPLETE
    return {
        "report_id": one.key,
        "title": one.title,
        "status": one.status,
        "format": one.format,
        "device_ids": [known[key].id for key in one.machines if key in known],
        "lines": list(one.lines),
        "sections": list(one.sections),
        "date_range_start": from_us(one.start_us),
        "date_range_end": from_us(one.end_us),
        "period": or_none(one.period),
        "include_analytics": "analytics" in one.sections,
        "analytics_job_id": or_none(one.analytics_job),
        "recipients": list(one.recipients),
        "file_url": f"/api/v1/reports/{one.key}/download" if is_complete else None,
        "file_size_bytes": one.size_bytes if is_complete else None,
        "error_message": or_none(one.problem),
        "progress": one.share,
        "stage": one.stage,
        "digest": or_none(one.digest),
        "content_digest": or_none(one.content_digest),
        "fingerprint": or_none(one.fingerprint),
        "code_version": or_none(one.code_version),
        "audit_position": one.log_position,
        "created_by": one.asked_by,
        "created_at": one.created_at,
        "completed_at": one.finished_at,
        "expires_at": one.expires_at,
    }
