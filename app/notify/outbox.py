"""What is to be told, written in the transaction that it tells of: neither is there without the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput
from data.models import NotifyNotice, to_us

SEVERITIES: Final = ("low", "medium", "high", "critical")
RANK: Final = {name: rank for rank, name in enumerate(SEVERITIES)}
RAISED: Final = "alert_raised"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell: what happened (`kind`), how bad, where, when and with which values."""

    kind: str
    """alert_raised, severity_changed, alert_cleared, summary and the like."""
    severity: str
    subject: str
    """The rule's name."""
    machine_key: str
    machine_name: str
    at_us: int
    """When it happened, not when it was noticed."""
    sentence: str
    values: Mapping[str, str]
    """Values with their units, by parameter."""
    alert_id: int | None
    channels: Mapping[str, bool]
    """The kinds of channel that the rule wants, by kind; empty: all of them."""


def post(session: Session, now: datetime, notice: Notice) -> None:
    """Write a notice in the caller's transaction; the notifier makes the messages once it has committed.

    The same event of the same alert counts once, however often it is posted. InvalidInput for an unknown
    severity.
    """
    if notice.severity not in RANK:
        raise InvalidInput.at("severity", f"A severity is one of {', '.join(SEVERITIES)}.")
    key = _dedup_key(notice)
    if session.scalar(select(NotifyNotice.id).where(NotifyNotice.dedup_key == key)) is not None:
        return
    session.add(
        NotifyNotice(
            dedup_key=key,
            kind=notice.kind[:40],
            severity=notice.severity,
            subject=_line(notice.subject, 300),
            machine_key=_line(notice.machine_key, 100),
            machine_name=_line(notice.machine_name, 200),
            at_us=notice.at_us,
            sentence=notice.sentence[:4_000],
            readings={str(name): str(value) for name, value in notice.values.items()},
            alert_id=notice.alert_id,
            channels={kind: bool(wanted) for kind, wanted in notice.channels.items()},
            created_us=to_us(now),
        )
    )


def _dedup_key(notice: Notice) -> str:
    if notice.alert_id is None:
        return uuid4().hex
    return f"{notice.kind[:40]}:{notice.alert_id}:{notice.severity}:{notice.at_us}"


def _line(text: str, most: int) -> str:
    """The text on one line: it becomes part of a mail's subject."""
    return " ".join(text.split())[:most]
