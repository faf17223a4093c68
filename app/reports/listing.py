"""Reports as people see them: what was asked for, how it stands, what proves it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.jobs.running.claims import CANCELLED, FAILED, RUNNING, WAITING
from app.reports.asking import found
from data.models import Job, Report, ReportMail, from_us

PENDING, MAKING, COMPLETE, FAULTY = "pending", "running", "complete", "failed"
STATES: Final = (PENDING, MAKING, COMPLETE, FAULTY)
STOPPED: Final = "It was stopped before it was complete."
GONE: Final = "The job that should make it is gone."


@dataclass(frozen=True, slots=True)
class ReportShown:
    """A report; `share` and `stage` tell how far it is, `problem` why it is not complete."""

    key: str
    job_key: str
    title: str
    format: str
    status: str
    share: float
    stage: str
    problem: str
    sections: tuple[str, ...]
    machines: tuple[str, ...]
    lines: tuple[str, ...]
    recipients: tuple[str, ...]
    period: str
    analytics_job: str
    start_us: int
    end_us: int
    size_bytes: int
    digest: str
    content_digest: str
    fingerprint: str
    code_version: str
    log_position: int | None
    asked_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime
    mails: tuple[tuple[str, str, str], ...] = ()
    """Address, state and problem of each mail."""


def reports(access: Access, status: str = "", *, limit: int = 100, offset: int = 0) -> list[ReportShown]:
    """The reports of the factory, the newest first."""
    access.require(Permission.GENERATE_REPORTS)
    asked = _asked(status).order_by(Report.created_us.desc(), Report.id.desc())
    with access.read() as session:
        rows = session.execute(asked.limit(limit).offset(offset)).all()
        return [_shown(row, ()) for row in rows]


def count_reports(access: Access, status: str = "") -> int:
    """How many reports there are."""
    access.require(Permission.GENERATE_REPORTS)
    with access.read() as session:
        asked = select(func.count(Report.id)).outerjoin(Job, _same())
        return session.scalar(asked.where(_is(status)) if status else asked) or 0


def one_report(access: Access, key: str) -> ReportShown:
    """One report with its mails; NotFound otherwise."""
    found(access, key)
    with access.read() as session:
        row = session.execute(_asked("").where(Report.key == key)).one()
        return _shown(row, _mails(session, key))


def _same() -> ColumnElement[bool]:
    return and_(Job.key == Report.job_key, Job.factory_id == Report.factory_id)


def _status() -> ColumnElement[str]:
    return case(
        (Report.path != "", COMPLETE), (Job.state == WAITING, PENDING), (Job.state == RUNNING, MAKING),
        else_=FAULTY,
    )  # fmt: skip


def _is(status: str) -> ColumnElement[bool]:
    return _status() == status


def _asked(status: str) -> Any:
    asked = select(Report, _status(), Job.share, Job.stage, Job.state, Job.problem).outerjoin(Job, _same())
    return asked.where(_is(status)) if status else asked


def _mails(session: Session, key: str) -> tuple[tuple[str, str, str], ...]:
    rows = session.scalars(
        select(ReportMail).where(ReportMail.report_key == key).order_by(ReportMail.address)
    )
    return tuple((row.address, row.state, row.problem) for row in rows)


def _shown(found_row: Any, mails: tuple[tuple[str, str, str], ...]) -> ReportShown:
    row, status, share, stage, state, problem = found_row
    asked = row.asked
    names = ("sections", "machines", "lines", "recipients")
    values: dict[str, Any] = {name: tuple(asked.get(name, ())) for name in names}
    same = (
        "key", "job_key", "title", "format", "start_us", "end_us", "size_bytes", "digest", "content_digest",
        "fingerprint", "code_version", "log_position", "asked_by",
    )  # fmt: skip
    values |= {name: getattr(row, name) for name in same}
    return ReportShown(
        **values,
        status=status,
        share=1.0 if status == COMPLETE else share or 0.0,
        stage=stage or "",
        problem=_problem(status, state, problem),
        period=asked.get("period", ""),
        analytics_job=asked.get("analytics_job", ""),
        created_at=from_us(row.created_us),
        finished_at=None if row.finished_us is None else from_us(row.finished_us),
        expires_at=from_us(row.expires_us),
        mails=mails,
    )


def _problem(status: str, state: str | None, problem: str | None) -> str:
    if status == COMPLETE:
        return ""
    if state == CANCELLED:
        return STOPPED
    if state is None:
        return GONE
    return problem or "" if state in {FAILED, WAITING, RUNNING} else GONE
