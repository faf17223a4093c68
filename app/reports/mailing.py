"""Bringing reports by mail: each mail is claimed, then tried until it is sent, refused or given up.

A mail whose process died is tried again: its message id lets mailboxes see that it is the same.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select, update

from analytics.errors import GembaError
from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.notify.mail import Attachment, Mailer
from app.notify.outcome import DeliveryRefused
from app.reports.links import name_of
from app.reports.rendering import MEDIA
from app.reports.shelf import shelf
from data.models import Report, ReportMail, from_us, to_us

log = structlog.get_logger()

ACTOR: Final = "report mail"
AT_ONCE: Final = 50
ATTACHED_BYTES: Final = 10_000_000
CLAIM_US: Final = 120_000_000
WAITING, SENT, REFUSED, GIVEN_UP = "waiting", "sent", "refused", "given_up"


def round_of(gemba: Gemba, slugs: Sequence[str]) -> None:
    """Send what is due in all factories; without a mail server everything waits."""
    mailer = Mailer.of(gemba.settings)
    for slug in slugs if mailer is not None else ():
        principal = service(gemba.database, slug, ACTOR)
        if principal is None:
            continue
        access = Access(gemba, principal)
        for _ in range(AT_ONCE):
            if gemba.closing.is_set() or mailer is None or not send_next(access, mailer):
                break


def send_next(access: Access, mailer: Mailer) -> bool:
    """Send the mail that is due the longest; False when none is."""
    mail = _claimed(access)
    if mail is None:
        return False
    with access.read() as session:
        report = session.scalar(select(Report).where(Report.key == mail.report_key))
    if report is None or not report.path:
        _end(access, mail, GIVEN_UP, "The report is no longer kept.")
        return True
    try:
        _send(access, mailer, mail, report)
    except DeliveryRefused as error:
        _end(access, mail, REFUSED, str(error))
    except GembaError as error:
        _again(access, mail, str(error))
    else:
        _end(access, mail, SENT, "")
    return True


def _claimed(access: Access) -> ReportMail | None:
    """Take the next mail: whoever moves its time first has it for two minutes."""
    now_us = to_us(access.now)
    due = select(ReportMail).where(ReportMail.state == WAITING, ReportMail.next_us <= now_us)
    with access.write() as session:
        mail = session.scalar(due.order_by(ReportMail.next_us, ReportMail.id).limit(1))
        if mail is not None:
            mail.next_us = now_us + CLAIM_US
            mail.attempts += 1
    return mail


def _send(access: Access, mailer: Mailer, mail: ReportMail, report: Report) -> None:
    body = shelf(access.gemba.settings).read(report.path)
    attached = None
    if len(body) <= ATTACHED_BYTES:
        attached = Attachment(name_of(report), MEDIA[report.format], body)
    text = _text(access, report, is_attached=attached is not None)
    mailer.send(
        mail.address, f"{access.factory.name}: {report.title}", text,
        f"<gemba-report-{report.key}-{mail.id}@gemba.invalid>", attached,
    )  # fmt: skip


def _text(access: Access, report: Report, *, is_attached: bool) -> str:
    url = access.gemba.settings.public_url.rstrip("/")
    where = f"{url}/reports?r_report={report.key}" if url else "the page Reports"
    file = "The file is attached" if is_attached else "The file is too large for a mail"
    until = _when(access, report.expires_us)
    return (
        f"{report.title}\n{_when(access, report.start_us)} to {_when(access, report.end_us)} "
        f"({access.factory.timezone})\n\n{file}; it is kept until {until} at {where}.\n"
        f"Content digest {report.content_digest}, entry {report.log_position} of the audit log.\n"
        "Check the file: python -m app report verify FILE\n"
    )


def _when(access: Access, moment_us: int) -> str:
    found: datetime = from_us(moment_us).astimezone(access.factory.zone)
    return f"{found:%Y-%m-%d %H:%M}"


def _again(access: Access, mail: ReportMail, problem: str) -> None:
    """Try later, each time twice as long; give up after the attempts that the settings allow."""
    settings = access.gemba.settings
    if mail.attempts >= settings.notify_attempts:
        _end(access, mail, GIVEN_UP, problem)
        return
    wait_us = int(min(settings.notify_retry_s * 2.0 ** (mail.attempts - 1), 3_600.0) * 1_000_000)
    _change(access, mail, next_us=to_us(access.now) + wait_us, problem=problem)


def _end(access: Access, mail: ReportMail, state: str, problem: str) -> None:
    _change(access, mail, state=state, problem=problem)
    log.info("report mail", report=mail.report_key, state=state, problem=problem)


def _change(access: Access, mail: ReportMail, **values: object) -> None:
    with access.write() as session:
        change = update(ReportMail).where(ReportMail.id == mail.id).values(**values)
        session.execute(change, execution_options={"synchronize_session": False})
