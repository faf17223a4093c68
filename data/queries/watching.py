"""Counts of what waits, runs or fails, for whoever watches an installation."""

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data.models import Alert, AlertRule, IngestClient, IngestRefusal, Job, NotifyMessage, QuarantinedMessage

Counts = dict[str, int]


def jobs_by_state(session: Session) -> Counts:
    """How many jobs are in each state."""
    return _counted(session, Job.state)


def messages_by_state(session: Session) -> Counts:
    """How many notifications are in each state."""
    return _counted(session, NotifyMessage.state)


def open_alerts(session: Session) -> Counts:
    """How many alerts are active, by severity."""
    rows = session.execute(
        select(Alert.severity, func.count())
        .where(
            Alert.cleared_us.is_(None),
            Alert.resolved_at.is_(None),
            Alert.is_withdrawn.is_(False),
            Alert.is_suppressed.is_(False),
            Alert.is_out_of_service.is_(False),
        )
        .group_by(Alert.severity)
    ).all()
    return {severity: int(count) for severity, count in rows}


def rules_in_force(session: Session) -> int:
    """How many rules are active."""
    active = select(func.count(AlertRule.id)).where(
        AlertRule.is_active.is_(True), AlertRule.deleted_at.is_(None)
    )
    return int(session.scalar(active) or 0)


def refused_messages(session: Session) -> Counts:
    """How many messages were refused since counting began, by reason."""
    rows = session.execute(
        select(IngestRefusal.reason, func.sum(IngestRefusal.count)).group_by(IngestRefusal.reason)
    ).all()
    return {reason: int(count) for reason, count in rows}


def quarantined(session: Session) -> int:
    """How many messages of unknown machines wait."""
    return int(session.scalar(select(func.count(QuarantinedMessage.id))) or 0)


def broker_readers(session: Session) -> list[tuple[str, bool, int, int, int]]:
    """Every process that reads a broker: its name, connected, backlog, messages and points since it began."""
    rows = session.execute(
        select(
            IngestClient.client_id,
            IngestClient.is_connected,
            IngestClient.backlog,
            IngestClient.messages,
            IngestClient.points,
        )
    ).all()
    return [(name, bool(up), int(backlog), int(n), int(points)) for name, up, backlog, n, points in rows]


def _counted(session: Session, column: InstrumentedAttribute[str]) -> Counts:
    rows = session.execute(select(column, func.count()).group_by(column)).all()
    return {str(state): int(count) for state, count in rows}
