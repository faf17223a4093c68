"""Asking for a report, making it again, cancelling it, deleting it."""

from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.jobs.asking import Asked, add, refuse_too_many
from app.jobs.registry import kind
from app.jobs.running.broker import wake
from app.jobs.running.claims import CANCELLED, QUIETLY, RUNNING, WAITING, change_if
from app.reports.drafts import ReportDraft, checked, draft_of, parameters
from app.reports.making import KIND, new_row, state_of
from app.reports.shelf import shelf
from data.models import Job, Report, ReportMail, to_us


def ask_report(access: Access, draft: ReportDraft) -> str:
    """Have a report made; returns its key. InvalidInput names what is wrong with the draft."""
    access.require(Permission.GENERATE_REPORTS)
    given = checked(access, parameters(draft))
    key = str(uuid4())
    with access.write() as session:
        refuse_too_many(session)
        made = add(access, session, kind(KIND), Asked(KIND, given), given)
        row = new_row(access, key, made.key, draft_of(given))
        session.add(row)
        session.flush()
        access.audit(session, "report.ask", ("report", key), after=state_of(row))
    wake(access.gemba.settings, made.id)
    return key


def again(access: Access, key: str) -> str:
    """Make a report once more, of the same time; returns the new one's key. Mails are not sent again."""
    row = found(access, key)
    asked = row.asked
    draft = ReportDraft(
        row.title, row.format, tuple(asked["sections"]), tuple(asked["machines"]), tuple(asked["lines"]),
        row.start_us, row.end_us, analytics_job=asked["analytics_job"],
    )  # fmt: skip
    return ask_report(access, draft)


def stop_report(access: Access, key: str) -> None:
    """End the making of a report. Conflict for one that is made, or whose making has ended."""
    row = found(access, key)
    with access.write() as session:
        job = _job(session, row)
        now_us = to_us(access.now)
        is_stopped = job is not None and (
            change_if(session, job, WAITING, state=CANCELLED, is_cancel_asked=True, finished_us=now_us)
            or change_if(session, job, RUNNING, is_cancel_asked=True)
        )
        if not is_stopped:
            raise Conflict("This report is not being made: there is nothing to stop.")
        access.audit(session, "report.stop", ("report", key), before=state_of(row))


def delete_report(access: Access, key: str) -> None:
    """Delete a report that waits, has failed or was cancelled.

    Conflict for one that is being made, which is stopped first, and for one that is complete: that is kept
    until it expires.
    """
    row = found(access, key)
    with access.write() as session:
        job = _job(session, row)
        if row.path:
            raise Conflict("A complete report is kept until it expires; only others can be deleted.")
        if job is not None and job.state == RUNNING:
            raise Conflict("This report is being made: stop it first.")
        if job is not None:
            session.delete(job)
        access.audit(session, "report.delete", ("report", key), before=state_of(row))
        forget(session, [key])


def forget(session: Session, keys: list[str]) -> None:
    """Take reports and their mails out of the tables."""
    session.execute(delete(ReportMail).where(ReportMail.report_key.in_(keys)), execution_options=QUIETLY)
    session.execute(delete(Report).where(Report.key.in_(keys)), execution_options=QUIETLY)


def found(access: Access, key: str) -> Report:
    """The row of a report; NotFound otherwise."""
    access.require(Permission.GENERATE_REPORTS)
    with access.read() as session:
        row = session.scalar(select(Report).where(Report.key == key))
    if row is None:
        raise NotFound("There is no such report.")
    return row


def file_of(access: Access, key: str) -> tuple[Report, bytes]:
    """A report with its file; Conflict while it is not complete. Is audited as an export."""
    row = complete(access, key)
    body = shelf(access.gemba.settings).read(row.path)
    with access.write() as session:
        access.audit(session, "report.download", ("report", key), after={"digest": row.digest})
    return row, body


def complete(access: Access, key: str) -> Report:
    """The row of a report whose file is there; Conflict while it is not."""
    row = found(access, key)
    if not row.path:
        raise Conflict("This report has no file: it is not complete.")
    return row


def _job(session: Session, row: Report) -> Job | None:
    return session.scalar(select(Job).where(Job.key == row.job_key))
