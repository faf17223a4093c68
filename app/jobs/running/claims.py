"""Whose a job is: taken by compare-and-swap, kept by renewing, given back or taken over.

A claim raises the job's token. Every later change names the token, so that a runner whose lease has ended and
whose job another one has taken changes nothing. Leases are counted on the database's clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from analytics.vocabulary import MICROSECONDS
from app.bootstrap import Gemba
from app.jobs.context import Claim
from data.models import Factory, Job, to_us
from data.relational.moments import database_us

QUIETLY: Final = {"synchronize_session": False}
CANDIDATES: Final = 8
LONGEST_WAIT_S: Final = 3_600.0
WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
STATES: Final = (WAITING, RUNNING, DONE, FAILED, CANCELLED)
ENDED: Final = (DONE, FAILED, CANCELLED)


@dataclass(frozen=True, slots=True)
class Beat:
    """What a runner hears of its job: whether another claim has it, and whether it shall end."""

    is_lost: bool
    is_cancel_asked: bool


def claim_next(gemba: Gemba, holder: str, last: Mapping[int, int] | None = None) -> Claim | None:
    """Take the next job that is due, of the factory with the fewest running; None when there is none.

    Among factories with equally many, the one with the smallest number in `last` (when it was served) comes
    first. Inside a factory the highest priority comes first, then what has been due the longest.
    """
    served = last or {}
    with gemba.database.read(None) as session:
        known = [(row[0], row[1]) for row in session.execute(select(Factory.id, Factory.slug))]
    counted = [
        (busy, served.get(one, 0), one, slug) for one, slug in known if (busy := _due(gemba, one)) >= 0
    ]
    for _, _, factory_id, slug in sorted(counted):
        claim = claim_in(gemba, factory_id, slug, holder)
        if claim is not None:
            return claim
    return None


def _due(gemba: Gemba, factory_id: int) -> int:
    """How many jobs of a factory run; -1 when nothing is due there."""
    with gemba.database.read(factory_id) as session:
        found = session.scalar(select(Job.id).where(due(to_us(gemba.clock()))).limit(1))
        return -1 if found is None else _running(session)


def due(now_us: int) -> ColumnElement[bool]:
    """Waiting and due, or running without a living runner."""
    return or_(
        and_(Job.state == WAITING, Job.not_before_us <= now_us),
        and_(Job.state == RUNNING, Job.lease_until_us <= database_us()),
    )


def _running(session: Session) -> int:
    held = and_(Job.state == RUNNING, Job.lease_until_us > database_us())
    return session.scalar(select(func.count(Job.id)).where(held)) or 0


def claim_in(gemba: Gemba, factory_id: int, slug: str, holder: str) -> Claim | None:
    """Take the next job of one factory, unless as many as may already run there."""
    now_us = to_us(gemba.clock())
    with gemba.database.write(factory_id) as session:
        if _running(session) >= gemba.settings.jobs_per_factory:
            return None
        asked = (
            select(Job.id, Job.key, Job.kind, Job.state, Job.token, Job.crash_attempts, Job.is_cancel_asked)
            .where(due(now_us))
            .order_by(Job.priority.desc(), Job.not_before_us, Job.id)
            .limit(CANDIDATES)
        )
        for row in session.execute(asked).all():
            if row.state == RUNNING and _given_up(gemba, session, row):
                continue
            if _take(gemba, session, row, holder):
                return Claim(factory_id, slug, row.id, row.key, row.kind, row.token + 1, holder)
    return None


def _take(gemba: Gemba, session: Session, row: Any, holder: str) -> bool:
    now_us = to_us(gemba.clock())
    crashed = int(row.state == RUNNING)
    taken = update(Job).where(_seen(row)).values(
        state=RUNNING, holder=holder, token=Job.token + 1,
        lease_until_us=database_us() + lease_us(gemba), crash_attempts=Job.crash_attempts + crashed,
        started_us=func.coalesce(Job.started_us, now_us), share=0.0, stage="", ends_us=None,
    )  # fmt: skip
    return _did(session, taken)


def _given_up(gemba: Gemba, session: Session, row: Any) -> bool:
    """End a job whose runner died once too often, or that was to be cancelled."""
    crashes = row.crash_attempts + 1
    if not row.is_cancel_asked and crashes < gemba.settings.jobs_crashes:
        return False
    state = CANCELLED if row.is_cancel_asked else FAILED
    problem = "" if row.is_cancel_asked else f"The process that ran it died {crashes} times."
    ended = update(Job).where(_seen(row)).values(
        state=state, token=Job.token + 1, crash_attempts=crashes, holder="", lease_until_us=0,
        problem=problem, finished_us=to_us(gemba.clock()), ends_us=None,
    )  # fmt: skip
    return _did(session, ended)


def _seen(row: Any) -> ColumnElement[bool]:
    """Nobody has touched the row since it was read."""
    same = and_(Job.id == row.id, Job.state == row.state, Job.token == row.token)
    return same if row.state == WAITING else and_(same, Job.lease_until_us <= database_us())


def mine(claim: Claim) -> ColumnElement[bool]:
    """The job is still the claim's."""
    return and_(Job.id == claim.job_id, Job.state == RUNNING, Job.token == claim.token)


def change_mine(session: Session, claim: Claim, **values: object) -> bool:
    """Change the claim's job; False when it is somebody else's by now."""
    return _did(session, update(Job).where(mine(claim)).values(**values))


def _did(session: Session, statement: Any) -> bool:
    return bool(session.execute(statement, execution_options=QUIETLY).rowcount)  # type: ignore[attr-defined]


def lease_us(gemba: Gemba) -> int:
    """How long a claim lasts without a renewal."""
    return int(gemba.settings.jobs_lease_s * MICROSECONDS)


def beat(gemba: Gemba, claim: Claim) -> Beat:
    """Whether the job is lost, and whether it shall end; nothing is written."""
    with gemba.database.read(claim.factory_id) as session:
        asked = select(Job.token, Job.state, Job.is_cancel_asked).where(Job.id == claim.job_id)
        row = session.execute(asked).one_or_none()
    if row is None or row.token != claim.token:
        return Beat(True, False)
    return Beat(False, row.is_cancel_asked and row.state == RUNNING)


def renew(gemba: Gemba, claim: Claim, share: float, stage: str, ends_us: int | None) -> bool:
    """Keep the job for another lease and write how far it is; False when it is lost."""
    with gemba.database.write(claim.factory_id) as session:
        until = database_us() + lease_us(gemba)
        return change_mine(
            session, claim, lease_until_us=until, share=share, stage=stage[:200], ends_us=ends_us
        )


def change_if(session: Session, row: Job, still: str, **values: object) -> bool:
    """Change a job that is in this state and that nobody has claimed since it was read."""
    same = and_(Job.id == row.id, Job.state == still, Job.token == row.token)
    return _did(session, update(Job).where(same).values(**values))
