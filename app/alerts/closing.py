"""Closing the open alerts of a rule that is no more what raised them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bootstrap import Access
from data.models import Alert, AlertNote, to_us


def close_alerts(access: Access, session: Session, rule_id: int, cause: str) -> int:
    """Close what is open of a rule, with the cause; returns how many alerts that were."""
    rows = session.scalars(select(Alert).where(Alert.rule_id == rule_id, Alert.cleared_us.is_(None))).all()
    for row in rows:
        row.cleared_us = max(to_us(access.now), row.raised_us)
        row.cause = cause
        row.is_final = True
        row.version += 1
        session.add(
            AlertNote(
                alert_id=row.id, at=access.now, actor=access.principal.email, kind="cleared", text=cause
            )
        )
    return len(rows)
