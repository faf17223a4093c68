"""Telling people of an alert: at once, or once it is neither suppressed by design nor out of service."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.bootstrap import Access
from app.notify.outbox import RAISED, Notice, post
from data.models import Alert, AlertNote


@dataclass(frozen=True, slots=True)
class Told:
    """Of which machine, over which channels and with which values an alert is told."""

    machine_key: str
    machine_name: str
    channels: Mapping[str, bool] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


def is_silent(access: Access, row: Alert) -> bool:
    """Whether nobody is told of it now: shelved, suppressed by design, out of service, or not told yet."""
    is_shelved = row.shelved_until is not None and row.shelved_until > access.now
    return is_shelved or row.is_suppressed or row.is_out_of_service or row.is_held


def tell(access: Access, session: Session, row: Alert, kind: str, told: Told) -> None:
    """Put a notice into the outbox, in this transaction; nothing while the alert is silent."""
    wanted = {name: on for name, on in told.channels.items() if on}
    if is_silent(access, row) or (told.channels and not wanted):
        return
    at_us = {"alert_cleared": row.cleared_us, RAISED: row.raised_us}.get(kind, row.marks[-1][0])
    notice = Notice(
        kind, row.severity, row.rule_name, told.machine_key, told.machine_name, int(at_us or row.raised_us),
        row.message, told.values, row.id, told.channels,
    )  # fmt: skip
    post(session, access.now, notice)


def annunciate(access: Access, session: Session, row: Alert, told: Told, at_us: int) -> None:
    """Tell people of an alert that was held back until now; from then on it counts for the alarm load."""
    row.is_held, row.annunciated_us = False, max(at_us, row.raised_us)
    note(access, session, row, "annunciated", "nothing holds it back any more")
    tell(access, session, row, RAISED, told)


def note(access: Access, session: Session, row: Alert, kind: str, text: str, actor: str = "rules") -> None:
    """A line of the alert's history."""
    session.add(AlertNote(alert_id=row.id, at=access.now, actor=actor, kind=kind, text=text[:2_000]))
