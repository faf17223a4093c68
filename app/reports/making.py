"""The job that makes a report: gathered, entered in the log, rendered, sealed, kept, mailed."""

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.jobs.context import JobContext
from app.jobs.registry import job
from app.production.cells import DAY_US
from app.reports.content.document import content_digest, plain
from app.reports.drafts import ReportDraft, checked, draft_of, reach
from app.reports.gathering import Told, default_title, gather, quietly
from app.reports.proof.evidence import stamped, with_evidence
from app.reports.rendering import ENDINGS, rendered
from app.reports.shelf import logo, shelf
from data.models import Report, ReportMail, to_us

KIND: Final = "report"
GATHERED: Final = 0.6
"""The share of the work that is done when all is gathered."""


@job(KIND, title="Report", check=checked, permission=Permission.GENERATE_REPORTS, time_limit_s=1_800)
def make_report(context: JobContext) -> dict[str, Any]:
    """Make the report that a job asks for; its row and its mails are written with the end of the job."""
    access, draft = context.access, draft_of(context.parameters)
    row = _row(access, context.claim.key, draft)
    body, facts = made(access, row.key, draft, (row.start_us, row.end_us), context.progress)
    path = f"{access.factory.slug}/{row.key}-{context.claim.token}.{ENDINGS[draft.format]}"
    context.progress(0.97, "Keeping the file")
    shelf(access.gemba.settings).put(path, body)
    context.finish(lambda session: _finished(access, session, row.key, {**facts, "path": path}, draft))
    return {"report": row.key, "size_bytes": facts["size_bytes"], "content_digest": facts["content_digest"]}


def made(
    access: Access, key: str, draft: ReportDraft, span: tuple[int, int], progress: Told = quietly
) -> tuple[bytes, dict[str, Any]]:
    """The sealed file of a report, and what its row says of it. Writes to the audit log."""
    access.require(Permission.GENERATE_REPORTS)
    document = gather(access, key, draft, span, lambda share, stage: progress(GATHERED * share, stage))
    digest = content_digest(plain(document))
    progress(GATHERED + 0.05, "Entering it in the audit log")
    stamp = stamped(access, document, digest)
    progress(GATHERED + 0.1, "Rendering")
    body = rendered(draft.format, document, stamp, logo(access))
    progress(0.9, "Sealing the file")
    file, file_digest = with_evidence(access, key, body, stamp)
    return file, {
        "title": document.title,
        "size_bytes": len(file),
        "digest": file_digest,
        "content_digest": digest,
        "fingerprint": document.fingerprint,
        "code_version": document.code_version,
        "log_position": stamp.position,
    }


def new_row(access: Access, key: str, job_key: str, draft: ReportDraft) -> Report:
    """The row of a report that is asked for now."""
    start_us, end_us = reach(access, draft)
    now_us = to_us(access.now)
    names = ("sections", "machines", "lines", "recipients")
    asked = {name: list(getattr(draft, name)) for name in names}
    return Report(
        key=key, job_key=job_key, title=draft.title or default_title(access, start_us, end_us),
        format=draft.format, asked={**asked, "period": draft.period, "analytics_job": draft.analytics_job},
        start_us=start_us, end_us=end_us, asked_by=access.principal.email, created_us=now_us,
        expires_us=now_us + access.gemba.settings.reports_keep_days * DAY_US,
    )  # fmt: skip


def _row(access: Access, job_key: str, draft: ReportDraft) -> Report:
    """The report's row; a schedule's job makes it when it runs, and each attempt finds the same."""
    with access.write() as session:
        row = session.scalar(select(Report).where(Report.job_key == job_key))
        if row is None:
            row = new_row(access, job_key, job_key, draft)
            session.add(row)
            session.flush()
            access.audit(session, "report.ask", ("report", row.key), after=state_of(row))
    return row


def state_of(row: Report) -> dict[str, Any]:
    """A report as the audit log keeps it."""
    names = ("title", "format", "asked", "start_us", "end_us", "job_key")
    return {name: getattr(row, name) for name in names}


def _finished(access: Access, session: Session, key: str, facts: dict[str, Any], draft: ReportDraft) -> None:
    row = session.scalars(select(Report).where(Report.key == key)).one()
    for name, value in facts.items():
        setattr(row, name, value)
    row.finished_us = to_us(access.now)
    for address in draft.recipients:
        session.add(ReportMail(report_key=key, address=address, next_us=row.finished_us))
