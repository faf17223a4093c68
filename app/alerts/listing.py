"""Finding alerts: filtered, paged, with the names that people know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from analytics.errors import NotFound
from analytics.rules.load import Load, load
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Alert, AlertNote, Machine, from_us
from data.queries.arrays import int_column

STATES: Final = (
    "active", "acknowledged", "returned", "shelved", "suppressed", "out_of_service", "resolved", "cleared",
    "withdrawn",
)  # fmt: skip
"""active and unacknowledged; active and acknowledged; back to normal but unacknowledged; ..."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which alerts: all that are given must fit. `is_open` is still active, or back to normal unseen."""

    machines: tuple[int, ...] = ()
    severities: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    assigned_to: str = ""
    text: str = ""
    start_us: int | None = None
    end_us: int | None = None
    is_resolved: bool | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert as people see it."""

    id: int
    rule_id: int
    rule_version: int
    rule_name: str
    machine_id: int | None
    machine_key: str
    machine_name: str
    severity: str
    worst: str
    state: str
    raised_at: datetime
    cleared_at: datetime | None
    cause: str
    message: str
    snapshot: dict[str, Any]
    evidence: list[Any]
    marks: list[Any]
    is_final: bool
    revision: int
    acknowledged_at: datetime | None
    acknowledged_by: str
    assigned_to: str
    shelved_until: datetime | None
    shelved_by: str
    shelve_reason: str
    resolved_at: datetime | None
    resolved_by: str
    version: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an alert's history."""

    at: datetime
    actor: str
    kind: str
    text: str


def list_alerts(access: Access, chosen: Filter, *, limit: int = 100, offset: int = 0) -> list[Shown]:
    """The alerts that fit, the newest first."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = session.execute(
            select(Alert, Machine.device_key, Machine.name)
            .outerjoin(Machine, Machine.id == Alert.machine_id)
            .where(_where(access, chosen))
            .order_by(Alert.raised_us.desc(), Alert.id.desc())
            .limit(limit)
            .offset(offset)
        ).all()
        return [shown(access, row, key, name) for row, key, name in rows]


def count_alerts(access: Access, chosen: Filter) -> int:
    """How many alerts fit."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        return int(session.scalar(select(func.count(Alert.id)).where(_where(access, chosen))) or 0)


def get_alert(access: Access, alert_id: int) -> Shown:
    """One alert."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        found = session.execute(
            select(Alert, Machine.device_key, Machine.name)
            .outerjoin(Machine, Machine.id == Alert.machine_id)
            .where(Alert.id == alert_id)
        ).first()
        if found is None:
            raise NotFound("There is no such alert in this factory.")
        return shown(access, *found)


def history(access: Access, alert_id: int) -> list[Line]:
    """What happened to an alert, the oldest first."""
    get_alert(access, alert_id)
    with access.read() as session:
        rows = session.scalars(select(AlertNote).where(AlertNote.alert_id == alert_id).order_by(AlertNote.id))
        return [Line(row.at, row.actor, row.kind, row.text) for row in rows]


def active_counts(access: Access) -> dict[int | None, int]:
    """How many alerts are active now, by machine id."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = session.execute(
            select(Alert.machine_id, func.count())
            .where(_where(access, Filter(states=("active", "acknowledged"))))
            .group_by(Alert.machine_id)
        )
        return {row[0]: int(row[1]) for row in rows}


def alert_load(access: Access, start_us: int, end_us: int) -> Load:
    """The alarm load of a range, against the limits of ISA-18.2; withdrawn alerts do not count."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        moments = int_column(session, select(TOLD_US).where(*told_in(start_us, end_us)))
    return load(moments, start_us, end_us)


TOLD_US: Final = func.coalesce(Alert.annunciated_us, Alert.raised_us)
"""When people were told of an alert."""


def told_in(start_us: int, end_us: int) -> tuple[ColumnElement[bool], ...]:
    """Alerts of which people were told in a range: not the withdrawn ones, nor those that were held back."""
    return (start_us <= TOLD_US, end_us > TOLD_US, Alert.is_withdrawn.is_(False), Alert.is_held.is_(False))


def shown(access: Access, row: Alert, key: str | None, name: str | None) -> Shown:
    """A stored alert as people see it."""
    return Shown(
        id=row.id,
        rule_id=row.rule_id,
        rule_version=row.rule_version,
        rule_name=row.rule_name,
        machine_id=row.machine_id,
        machine_key=key or "",
        machine_name=name or "several machines",
        severity=row.severity,
        worst=row.worst,
        state=state_of(row, access.now),
        raised_at=from_us(row.raised_us),
        cleared_at=from_us(row.cleared_us) if row.cleared_us is not None else None,
        cause=row.cause,
        message=row.message,
        snapshot=dict(row.snapshot),
        evidence=list(row.evidence),
        marks=list(row.marks),
        is_final=row.is_final,
        revision=row.revision,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        assigned_to=row.assigned_to,
        shelved_until=row.shelved_until,
        shelved_by=row.shelved_by,
        shelve_reason=row.shelve_reason,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        version=row.version,
    )


def state_of(row: Alert, now: datetime) -> str:
    """The state of an alert in the words of STATES; resolved and cleared are ISA-18.2's normal."""
    if row.is_withdrawn:
        return "withdrawn"
    if row.resolved_at is not None:
        return "resolved"
    if row.shelved_until is not None and row.shelved_until > now:
        return "shelved"
    if row.cleared_us is None and (row.is_out_of_service or row.is_suppressed):
        return "out_of_service" if row.is_out_of_service else "suppressed"
    if row.cleared_us is None:
        return "active" if row.acknowledged_at is None else "acknowledged"
    return "returned" if row.acknowledged_at is None and not row.is_held else "cleared"


def _where(access: Access, chosen: Filter) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [Alert.id > 0]
    if chosen.machines:
        parts.append(Alert.machine_id.in_(chosen.machines))
    if chosen.severities:
        parts.append(Alert.severity.in_(chosen.severities))
    if chosen.rules:
        parts.append(Alert.rule_id.in_(chosen.rules))
    if chosen.assigned_to:
        parts.append(Alert.assigned_to == chosen.assigned_to)
    if chosen.text:
        like = f"%{_escaped(chosen.text)}%"
        parts.append(or_(Alert.rule_name.ilike(like, escape="!"), Alert.message.ilike(like, escape="!")))
    if chosen.start_us is not None:
        parts.append(or_(Alert.cleared_us.is_(None), Alert.cleared_us >= chosen.start_us))
    if chosen.end_us is not None:
        parts.append(Alert.raised_us < chosen.end_us)
    if chosen.is_resolved is not None:
        over = or_(Alert.resolved_at.is_not(None), Alert.cleared_us.is_not(None))
        parts.append(over if chosen.is_resolved else ~over)
    if chosen.states:
        parts.append(or_(false(), *_states(access.now, chosen.states)))
    return and_(*parts)


def _states(now: datetime, states: Sequence[str]) -> list[ColumnElement[bool]]:
    shelved = and_(Alert.shelved_until.is_not(None), Alert.shelved_until > now)
    plain = and_(Alert.is_withdrawn.is_(False), Alert.resolved_at.is_(None), ~shelved)
    is_active, seen = Alert.cleared_us.is_(None), Alert.acknowledged_at.is_not(None)
    is_told = Alert.is_out_of_service.is_(False) & Alert.is_suppressed.is_(False)
    open_now, needs_nobody = is_active & is_told, seen | Alert.is_held
    known: dict[str, ColumnElement[bool]] = {
        "active": and_(plain, open_now, ~seen),
        "acknowledged": and_(plain, open_now, seen),
        "suppressed": and_(plain, is_active, Alert.is_suppressed, Alert.is_out_of_service.is_(False)),
        "out_of_service": and_(plain, is_active, Alert.is_out_of_service),
        "returned": and_(plain, ~is_active, ~needs_nobody),
        "cleared": and_(plain, ~is_active, needs_nobody),
        "shelved": and_(Alert.is_withdrawn.is_(False), Alert.resolved_at.is_(None), shelved),
        "resolved": and_(Alert.is_withdrawn.is_(False), Alert.resolved_at.is_not(None)),
        "withdrawn": Alert.is_withdrawn.is_(True),
    }
    return [known[state] for state in states if state in known]


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def since(access: Access, moment: datetime) -> int:
    """How many alerts were raised after a moment; for badges and toasts."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        found = session.scalar(
            select(func.count(Alert.id)).where(Alert.created_at > moment, Alert.is_held.is_(False))
        )
        return int(found or 0)
