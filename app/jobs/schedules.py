"""What is asked for by the clock: each slot once, however many processes look; missed slots once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from analytics.errors import Conflict, InvalidInput, NotFound
from app.auth.permissions import Permission, from_names
from app.auth.principal import Principal
from app.auth.sessions import member, service
from app.bootstrap import Access, Gemba
from app.jobs.asking import Asked, add
from app.jobs.registry import kind, kinds
from app.jobs.rhythm import SHIFTLY, Rhythm
from app.jobs.running.broker import wake
from app.jobs.running.claims import QUIETLY
from app.production.cells import production_day
from app.production.happenings import calendar
from app.production.plant import plant
from data.models import JobSchedule, from_us, to_us

log = structlog.get_logger()

ACTOR: Final = "schedule"
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """A schedule as somebody wants it."""

    name: str
    kind: str
    rhythm: Rhythm
    parameters: dict[str, Any] = field(default_factory=dict)


def schedules(access: Access) -> list[JobSchedule]:
    """The schedules of the factory by name."""
    access.require(Permission.RUN_ANALYTICS)
    with access.read() as session:
        return list(session.scalars(select(JobSchedule).order_by(JobSchedule.name)))


def one_schedule(access: Access, schedule_id: int) -> JobSchedule:
    """One schedule by its id; NotFound otherwise."""
    with access.read() as session:
        return _found(access, session, schedule_id)


def add_schedule(access: Access, draft: ScheduleDraft) -> JobSchedule:
    """Add one; its jobs may do what its maker may do now. Conflict where the name is taken."""
    access.require(Permission.RUN_ANALYTICS)
    wanted = kind(draft.kind)
    access.require(wanted.permission)
    name = " ".join(draft.name.split())
    if not 0 < len(name) <= 120:
        raise InvalidInput.at("name", "A name has 1 to 120 characters.")
    parameters = wanted.check(access, draft.parameters)
    with access.write() as session:
        if len(session.scalars(select(JobSchedule.id).limit(MOST)).all()) >= MOST:
            raise Conflict(f"A factory has at most {MOST} schedules.")
        row = _row(access, name, draft.kind, draft.rhythm, parameters)
        session.add(row)
        session.flush()
        access.audit(session, "schedule.add", ("schedule", row.id), after=_state(row))
    return row


def switch(access: Access, schedule_id: int, is_on: bool, version: int | None = None) -> JobSchedule:
    """Switch one on or off; switched on it begins with the next slot. Conflict for another version.

    Whoever switches one on whose maker may no longer act takes it over, with what they may do now.
    """
    behind = left_behind(access, [one_schedule(access, schedule_id)]) if is_on else set()
    with access.write() as session:
        row = _found(access, session, schedule_id)
        if version is not None and row.version != version:
            raise Conflict("Somebody else changed this schedule in the meantime. Reload, then change it.")
        before = _state(row)
        if row.id in behind:
            row.account_id, row.asked_by, row.permissions = _maker(access.principal)
        row.is_on, row.version, row.updated_at = is_on, row.version + 1, access.now
        row.next_run_us = _next(rhythm_of(row), access.now, access)
        access.audit(session, "schedule.switch", ("schedule", row.id), before=before, after=_state(row))
    return row


def remove_schedule(access: Access, schedule_id: int) -> None:
    """Delete one. Conflict for a schedule that every factory has: that is switched off."""
    with access.write() as session:
        row = _found(access, session, schedule_id)
        if row.is_built_in:
            raise Conflict("Every factory has this schedule: switch it off instead.")
        access.audit(session, "schedule.delete", ("schedule", row.id), before=_state(row))
        session.delete(row)


def left_behind(access: Access, rows: Sequence[JobSchedule]) -> set[int]:
    """The ids of schedules whose maker may no longer do in this factory what they ask for."""
    judged: dict[tuple[int | None, str, str], bool] = {}
    for row in rows:
        maker = (row.account_id, row.asked_by, row.kind)
        if maker not in judged:
            judged[maker] = row.is_built_in or _may_still(access, row)
    return {row.id for row in rows if not judged[row.account_id, row.asked_by, row.kind]}


def is_known(row: JobSchedule) -> bool:
    """Whether there is such a kind of job here: a plant's own module may be gone."""
    return row.kind in {one.name for one in kinds()}


def _may_still(access: Access, row: JobSchedule) -> bool:
    if not is_known(row):
        return True
    wanted = kind(row.kind).permission
    if row.account_id is None:
        held = access.gemba.api_keys.held(access.factory.id, row.asked_by, access.now)
        return held is None or wanted in held
    found = member(access.gemba.database, row.account_id, access.factory.id)
    return found is not None and found.may(wanted)


def rhythm_of(row: JobSchedule) -> Rhythm:
    """When a schedule is due."""
    return Rhythm(row.rhythm, row.at_min, row.weekday)  # type: ignore[arg-type]


def make_built_in(access: Access) -> None:
    """Add the schedules that kinds bring along, where they are missing."""
    wanted = {one.title: one for one in kinds() if one.nightly is not None}
    with access.read() as session:
        known = set(session.scalars(select(JobSchedule.name)))
    if not wanted.keys() - known:
        return
    try:
        with access.write() as session:
            for title in sorted(wanted.keys() - known):
                one = wanted[title]
                row = _row(access, title, one.name, one.nightly or Rhythm("daily", 0), {})
                row.is_built_in, row.asked_by, row.account_id = True, ACTOR, None
                row.permissions = sorted({one.permission.value, Permission.SEE_PLANT.value})
                session.add(row)
                session.flush()
                access.audit(session, "schedule.add", ("schedule", row.id), after=_state(row))
    except Conflict:
        log.debug("another process has made the schedules", factory=access.factory.slug)


def round_of(gemba: Gemba, slugs: list[str]) -> None:
    """Ask for what is due in all factories."""
    for slug in slugs:
        principal = service(gemba.database, slug, ACTOR)
        if principal is None or gemba.closing.is_set():
            continue
        access = Access(gemba, principal)
        make_built_in(access)
        with access.read() as session:
            asked = select(JobSchedule).where(JobSchedule.is_on, JobSchedule.next_run_us <= to_us(access.now))
            rows = list(session.scalars(asked.order_by(JobSchedule.next_run_us)))
        for row in rows:
            if is_known(row):
                _ask(access, row)
            else:
                log.warning(
                    "a schedule asks for a job that is not known here", schedule=row.name, kind=row.kind
                )


def _ask(access: Access, row: JobSchedule) -> None:
    """Move a schedule on and ask for its job in one transaction; whoever moves it first asks.

    Where its maker may no longer act, it is switched off instead, for somebody else to take over.
    """
    if left_behind(access, [row]):
        _switched_off(access, row)
        return
    slot, following = row.next_run_us, _next(rhythm_of(row), access.now, access)
    same = and_(JobSchedule.id == row.id, JobSchedule.next_run_us == slot, JobSchedule.is_on)
    moved = update(JobSchedule).where(same).values(next_run_us=following, last_run_us=slot)
    who = access.principal
    held = access.gemba.api_keys.held(access.factory.id, row.asked_by, access.now)
    allowed = from_names(row.permissions)
    allowed = allowed if held is None or row.is_built_in else allowed & held
    acting = Principal(row.account_id or 0, row.asked_by, row.name, who.role, allowed, who.factory)
    asked = Asked(row.kind, row.parameters, idempotency_key=f"schedule:{row.id}:{slot}")
    with access.write() as session:
        if not session.execute(moved, execution_options=QUIETLY).rowcount:  # type: ignore[attr-defined]
            return
        job = add(Access(access.gemba, acting), session, kind(row.kind), asked, row.parameters)
        access.audit(session, "job.ask", ("job", job.key), after={"kind": row.kind, "schedule": row.name})
    wake(access.gemba.settings, job.id)


def _switched_off(access: Access, row: JobSchedule) -> None:
    same = and_(JobSchedule.id == row.id, JobSchedule.version == row.version, JobSchedule.is_on)
    off = update(JobSchedule).where(same).values(is_on=False, version=row.version + 1, updated_at=access.now)
    before = _state(row)
    after = {**before, "is_on": False, "why": f"{row.asked_by} may no longer act in this factory"}
    with access.write() as session:
        if session.execute(off, execution_options=QUIETLY).rowcount:  # type: ignore[attr-defined]
            access.audit(session, "schedule.switch", ("schedule", row.id), before=before, after=after)


def _next(rhythm: Rhythm, now: datetime, access: Access) -> int:
    ends = _shift_ends(access, now) if rhythm.every == SHIFTLY else ()
    return to_us(rhythm.after(now, access.factory.zone, ends))


def _shift_ends(access: Access, now: datetime) -> list[datetime]:
    """When the shifts from yesterday to a week ahead end; days without shifts have none."""
    today = production_day(access, to_us(now))
    week = calendar(access, plant(access), today - timedelta(days=1), today + timedelta(days=7))
    return [from_us(end) for end in week.end_us[(week.shift >= 0) & week.scheduled].tolist()]


def _row(
    access: Access, name: str, kind_name: str, rhythm: Rhythm, parameters: dict[str, Any]
) -> JobSchedule:
    account_id, asked_by, permissions = _maker(access.principal)
    return JobSchedule(
        name=name,
        kind=kind_name,
        parameters=parameters,
        rhythm=rhythm.every,
        at_min=rhythm.at_min,
        weekday=rhythm.weekday,
        next_run_us=_next(rhythm, access.now, access),
        account_id=account_id,
        asked_by=asked_by,
        permissions=permissions,
        created_at=access.now,
        updated_at=access.now,
    )


def _maker(who: Principal) -> tuple[int | None, str, list[str]]:
    return who.account_id or None, who.email, sorted(one.value for one in who.permissions)


def _found(access: Access, session: Session, schedule_id: int) -> JobSchedule:
    access.require(Permission.RUN_ANALYTICS)
    row = session.scalar(select(JobSchedule).where(JobSchedule.id == schedule_id))
    if row is None:
        raise NotFound("There is no such schedule.")
    if is_known(row):
        access.require(kind(row.kind).permission)
    return row


def _state(row: JobSchedule) -> dict[str, Any]:
    next_run = from_us(row.next_run_us).isoformat()
    names = ("name", "kind", "parameters", "rhythm", "at_min", "weekday", "is_on")
    return {**{name: getattr(row, name) for name in names}, "next_run": next_run}
