"""Alerts that no rule of an engineer raises: somebody calls for help, camera models drift.

Each kind stands under a rule row of its own that no engine runs and no page lists, as one that was deleted,
so that acknowledging, shelving, resolving and telling people is the same as for any alert.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.rules.rule import RANK
from app.notify.outbox import RAISED, Notice, post
from data.models import Alert, AlertNote, AlertRule, Machine, to_us


@dataclass(frozen=True, slots=True)
class Source:
    """Who raises such alerts, in words; `severity` is that of all of them."""

    name: str
    description: str
    severity: str


def raise_alert(
    session: Session,
    now: datetime,
    source: Source,
    message: str,
    *,
    actor: str,
    machine: Machine | None = None,
) -> int:
    """Raise an alert in this transaction and tell everybody who gets alerts; its id."""
    now_us = to_us(now)
    rank = RANK[source.severity]
    row = Alert(
        rule_id=_rule(session, now, source).id, rule_version=1, rule_name=source.name,
        machine_id=None if machine is None else machine.id, severity=source.severity, worst=source.severity,
        raised_us=now_us, marks=[[now_us, rank]], message=message, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(AlertNote(alert_id=row.id, at=now, actor=actor, kind="raised", text=message))
    key, name = ("", "") if machine is None else (machine.device_key, machine.name)
    notice = Notice(RAISED, source.severity, source.name, key, name, now_us, message, {}, row.id, {})
    post(session, now, notice)
    return row.id


def open_alert(session: Session, source: Source, machine_id: int | None = None) -> Alert | None:
    """The alert of the source on a machine that has neither cleared nor been resolved."""
    rule = session.scalar(select(AlertRule.id).where(AlertRule.name == source.name, AlertRule.published == 0))
    if rule is None:
        return None
    on_machine = Alert.machine_id.is_(None) if machine_id is None else Alert.machine_id == machine_id
    return session.scalar(
        select(Alert)
        .where(Alert.rule_id == rule, on_machine, Alert.cleared_us.is_(None), Alert.resolved_at.is_(None))
        .limit(1)
    )


def clear(session: Session, now: datetime, row: Alert, actor: str, why: str) -> None:
    """The condition is over; who has not acknowledged the alert still sees it."""
    row.cleared_us, row.cause, row.is_final = to_us(now), why, True
    row.version += 1
    session.add(AlertNote(alert_id=row.id, at=now, actor=actor, kind="cleared", text=why))


def _rule(session: Session, now: datetime, source: Source) -> AlertRule:
    found = session.scalar(select(AlertRule).where(AlertRule.name == source.name, AlertRule.published == 0))
    if found is not None:
        return found
    made = AlertRule(
        name=source.name, description=source.description, scope="global", is_active=False,
        created_at=now, updated_at=now, deleted_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made
