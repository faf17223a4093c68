"""Alerts out of service (ISA-18.2, state I): taken out by a person with a reason and an end, and returned."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, InvalidInput, NotFound, VersionChanged
from app.alerts.annunciation import Told, annunciate, note
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Alert, AlertRule, Machine, OutOfService, RuleVersion, to_us

LONGEST: Final = timedelta(days=366)
BY_TIME: Final = "its time was over"


@dataclass(frozen=True, slots=True)
class OutDraft:
    """What to take out: the alerts of a rule, of a machine, or of a rule on a machine."""

    rule_id: int | None
    machine_id: int | None
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class OutShown:
    """One entry, with the names that people know; see `data.models.out_of_service.OutOfService`."""

    id: int
    rule_id: int | None
    rule_name: str
    machine_id: int | None
    machine_name: str
    reason: str
    begun_at: datetime
    begun_by: str
    until: datetime
    ended_at: datetime | None
    ended_by: str
    version: int


def out_of_service(access: Access, *, with_ended: bool = False, limit: int = 500) -> list[OutShown]:
    """What is out of service now, or also what was; the newest first."""
    access.require(Permission.SEE_PLANT)
    asked = (
        select(OutOfService, AlertRule.name, Machine.name)
        .outerjoin(AlertRule, AlertRule.id == OutOfService.rule_id)
        .outerjoin(Machine, Machine.id == OutOfService.machine_id)
        .order_by(OutOfService.begun_at.desc(), OutOfService.id.desc())
        .limit(limit)
    )
    if not with_ended:
        asked = asked.where(_is_out(access.now))
    with access.read() as session:
        return [_shown(row, rule or "", machine or "") for row, rule, machine in session.execute(asked)]


def remove_from_service(access: Access, draft: OutDraft) -> int:
    """Take alerts out of service; those that are open tell nobody from now on. Returns the entry's id.

    NotFound for a rule or machine that is not there, InvalidInput without a reason or a sensible end.
    """
    access.require(Permission.CREATE_RULES)
    _refuse(access, draft)
    with access.write() as session:
        row = OutOfService(
            rule_id=draft.rule_id, machine_id=draft.machine_id, reason=draft.reason.strip()[:500],
            begun_at=access.now, begun_by=access.principal.email, until=draft.until,
        )  # fmt: skip
        _refuse_unknown(session, draft)
        session.add(row)
        session.flush()
        access.audit(session, "alert.out_of_service", ("out_of_service", row.id), after=_told(row))
        for alert in session.scalars(_open().where(Alert.is_out_of_service.is_(False))):
            if _covers(row, alert.rule_id, alert.machine_id):
                alert.is_out_of_service = True
                alert.version += 1
                note(access, session, alert, "out of service", row.reason, access.principal.email)
        return row.id


def return_to_service(access: Access, out_id: int, version: int | None = None) -> None:
    """Take them back into service: what is still active is told now. NotFound, Conflict, VersionChanged."""
    access.require(Permission.CREATE_RULES)
    with access.write() as session:
        row = session.get(OutOfService, out_id)
        if row is None:
            raise NotFound("There is no such entry in this factory.")
        if version is not None and row.version != version:
            raise VersionChanged("Somebody changed this meanwhile: load it again.")
        if row.ended_at is not None:
            raise Conflict("This is in service again already.")
        _end(access, session, row, access.principal.email)
        _settle(access, session)


def lapse(access: Access) -> int:
    """Return to service what has reached its end; how many entries. Called again and again by the rules."""
    asked = select(OutOfService).where(OutOfService.ended_at.is_(None), OutOfService.until <= access.now)
    with access.read() as session:
        if session.scalar(asked.limit(1)) is None:
            return 0
    with access.write() as session:
        rows = session.scalars(asked).all()
        for row in rows:
            _end(access, session, row, BY_TIME)
        _settle(access, session)
        return len(rows)


def is_out(access: Access, session: Session, rule_id: int, machine_id: int | None) -> bool:
    """Whether the alerts of a rule on a machine (None: of several together) are out of service now."""
    rows = session.scalars(select(OutOfService).where(_is_out(access.now)))
    return any(_covers(row, rule_id, machine_id) for row in rows)


def _settle(access: Access, session: Session) -> None:
    """Open alerts that nothing keeps out of service any more are in service, and told where nobody was."""
    session.flush()
    found = session.execute(
        _open(Machine.device_key, Machine.name, RuleVersion.body)
        .outerjoin(Machine, Machine.id == Alert.machine_id)
        .outerjoin(
            RuleVersion,
            (RuleVersion.rule_id == Alert.rule_id) & (RuleVersion.number == Alert.rule_version),
        )
        .where(Alert.is_out_of_service)
    ).all()
    for alert, key, name, body in found:
        if is_out(access, session, alert.rule_id, alert.machine_id):
            continue
        alert.is_out_of_service = False
        alert.version += 1
        note(access, session, alert, "in service", "returned to service", access.principal.email)
        if alert.is_held and not alert.is_suppressed:
            channels = dict((body or {}).get("notification_channels") or {})
            told = Told(key or "", name or "several machines", channels)
            annunciate(access, session, alert, told, to_us(access.now))


def _open(*more: Any) -> Any:
    return select(Alert, *more).where(
        Alert.cleared_us.is_(None), Alert.is_withdrawn.is_(False), Alert.resolved_at.is_(None)
    )


def _covers(row: OutOfService, rule_id: int, machine_id: int | None) -> bool:
    return row.rule_id in {None, rule_id} and (row.machine_id is None or row.machine_id == machine_id)


def _is_out(now: datetime) -> ColumnElement[bool]:
    return OutOfService.ended_at.is_(None) & (OutOfService.until > now)


def _end(access: Access, session: Session, row: OutOfService, by: str) -> None:
    before = _told(row)
    row.ended_at, row.ended_by = access.now, by
    row.version += 1
    access.audit(session, "alert.in_service", ("out_of_service", row.id), before, _told(row))


def _refuse(access: Access, draft: OutDraft) -> None:
    if draft.rule_id is None and draft.machine_id is None:
        raise InvalidInput.at("rule_id", "Name a rule, a machine, or both.")
    if not draft.reason.strip():
        raise InvalidInput.at("reason", "Say why it is out of service.")
    if not access.now < draft.until <= access.now + LONGEST:
        raise InvalidInput.at("until", "Give an end within the next 366 days.")


def _refuse_unknown(session: Session, draft: OutDraft) -> None:
    rule = session.get(AlertRule, draft.rule_id) if draft.rule_id is not None else None
    if draft.rule_id is not None and (rule is None or rule.deleted_at is not None):
        raise NotFound("There is no such rule in this factory.")
    if draft.machine_id is not None and session.get(Machine, draft.machine_id) is None:
        raise NotFound("There is no such machine in this factory.")


def _told(row: OutOfService) -> dict[str, Any]:
    return {
        "rule_id": row.rule_id, "machine_id": row.machine_id, "reason": row.reason,
        "until": row.until.isoformat(), "ended_at": row.ended_at.isoformat() if row.ended_at else None,
    }  # fmt: skip


def _shown(row: OutOfService, rule: str, machine: str) -> OutShown:
    return OutShown(
        row.id, row.rule_id, rule, row.machine_id, machine, row.reason, row.begun_at, row.begun_by, row.until,
        row.ended_at, row.ended_by, row.version,
    )  # fmt: skip
