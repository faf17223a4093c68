"""The delivery log: what was sent, what waits, what failed and why; trying again and giving up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.notify.claims import Result, note
from app.notify.delivery import told_by
from app.notify.message import Words, worded
from data.models import NotifyAttempt, NotifyMessage, from_us, to_us

STATES = ("waiting", "held", "sending", "sent", "failed", "given_up")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the log."""

    id: int
    created_at: datetime
    channel: str
    channel_kind: str
    kind: str
    severity: str
    subject: str
    state: str
    attempts: int
    next_at: datetime | None
    finished_at: datetime | None
    problem: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of a message's history."""

    number: int
    at: datetime
    outcome: str
    detail: str
    took_ms: int


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; an empty field leaves nothing out."""

    state: str = ""
    channel_kind: str = ""
    severity: str = ""
    words: str = ""


def messages(access: Access, search: Search, *, limit: int, offset: int = 0) -> tuple[list[Message], int]:
    """Messages that fit, the newest first, and how many: all, or without the permission one's own."""
    access.require(Permission.SEE_PLANT)
    fitting = _fitting(access, search)
    row = NotifyMessage
    with access.read() as session:
        total = session.scalar(select(func.count(row.id)).where(*fitting)) or 0
        asked = select(row).where(*fitting).order_by(row.id.desc()).limit(limit).offset(offset)
        return [_known(one) for one in session.scalars(asked)], total


def _fitting(access: Access, search: Search) -> list[ColumnElement[bool]]:
    row = NotifyMessage
    found: list[ColumnElement[bool]] = []
    if not access.principal.may(Permission.MANAGE_NOTIFICATIONS):
        found.append(row.account_id == access.principal.account_id)
    if search.state:
        found.append(row.state == search.state)
    if search.channel_kind:
        found.append(row.channel_kind == search.channel_kind)
    if search.severity:
        found.append(row.severity == search.severity)
    if search.words:
        found.append(row.subject.icontains(search.words, autoescape=True))
    return found


def attempts(access: Access, message_id: int) -> list[Attempt]:
    """Each attempt at a message, the first one first."""
    with access.read() as session:
        _found(access, session, message_id)
        asked = select(NotifyAttempt).where(NotifyAttempt.message_id == message_id).order_by(NotifyAttempt.id)
        return [
            Attempt(row.number, row.at, row.outcome, row.detail, row.took_ms)
            for row in session.scalars(asked)
        ]


def words_of(access: Access, message_id: int) -> Words:
    """The subject and the text that the message has."""
    with access.read() as session:
        row = _found(access, session, message_id)
        told = told_by(session, message_id)
    if not told:
        raise NotFound("What this message told is no longer kept.")
    return worded(row.kind, told, access.factory.name, access.factory.zone)


def send_again(access: Access, message_id: int) -> None:
    """Try a message now that failed, was given up or waits; its attempts are counted anew."""
    with access.write() as session:
        row = _found(access, session, message_id)
        if row.state in {"sent", "sending"}:
            raise Conflict("This message is being sent or was sent already.")
        if row.channel_id is None:
            raise Conflict("The channel of this message is gone.")
        row.state, row.attempts, row.next_at_us = "waiting", 0, to_us(access.now)
        row.finished_us, row.problem = None, ""
        note(access.gemba, session, row.id, 0, Result("again", f"{access.principal.email} asked for it."))
        access.audit(session, "message.send_again", ("message", row.id))


def give_up(access: Access, message_id: int) -> None:
    """Send a message no more that waits or is held."""
    with access.write() as session:
        row = _found(access, session, message_id)
        if row.state not in {"waiting", "held"}:
            raise Conflict("Only a message that waits can be given up.")
        row.state, row.finished_us = "given_up", to_us(access.now)
        row.problem = f"{access.principal.email} gave it up."
        note(access.gemba, session, row.id, row.attempts, Result("given_up", row.problem))
        access.audit(session, "message.give_up", ("message", row.id))


def _found(access: Access, session: Session, message_id: int) -> NotifyMessage:
    """A message of one's own, or with the permission any of the factory; NotFound otherwise."""
    access.require(Permission.SEE_PLANT)
    row = session.get(NotifyMessage, message_id)
    may_all = access.principal.may(Permission.MANAGE_NOTIFICATIONS)
    if row is None or (not may_all and row.account_id != access.principal.account_id):
        raise NotFound("There is no such message.")
    return row


def _known(row: NotifyMessage) -> Message:
    is_open = row.state in {"waiting", "held"}
    return Message(
        row.id, from_us(row.created_us), row.channel_name, row.channel_kind, row.kind, row.severity,
        row.subject, row.state, row.attempts, from_us(row.next_at_us) if is_open else None,
        from_us(row.finished_us) if row.finished_us is not None else None, row.problem,
    )  # fmt: skip
