"""Make a production job, change it, give it its time on the machine."""

from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.shop.checks import LONGEST_S, RightJob, right_job
from app.shop.jobs import ALIVE, BEGUN, OPEN, PAUSED, PLANNED, RUNNING, WAITING, JobDraft
from data.models import JobSpell, ProductionJob, from_us, to_us
from data.queries.plant import bump

DAY_US: Final = 86_400_000_000
FARTHEST_US: Final = 2 * 365 * DAY_US


def make_job(access: Access, draft: JobDraft) -> int:
    """Make a job, planned where a start is given; its id. InvalidInput names each field that is wrong."""
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        right = right_job(access, session, draft)
        key = draft.key.strip() or _next_key(access, session)
        if session.scalar(select(ProductionJob.id).where(ProductionJob.key == key)) is not None:
            raise InvalidInput.at("key", f"There is a job '{key}' already; choose another key.")
        row = ProductionJob(
            key=key, machine_id=right.machine.id, cutting={}, made_by=access.principal.email,
            made_at=access.now,
        )  # fmt: skip
        _write(row, draft, right)
        _give_time(access, session, row, draft.planned_us)
        session.add(row)
        return finish_change(access, session, row, "job.make", None)


def change_job(access: Access, job_id: int, version: int, draft: JobDraft) -> None:
    """Change a job that has not ended; one that has begun keeps its machine.

    Conflict for an old version or an ended job; InvalidInput; NotFound.
    """
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        row = at_version(session, job_id, version)
        if row.state not in ALIVE:
            raise Conflict(f"This job is {row.state}; an ended job stays as it is.")
        before = state_of(session, row)
        right = right_job(access, session, draft)
        if row.state in BEGUN and right.machine.id != row.machine_id:
            raise InvalidInput.at(
                "machine", "A job that has begun stays on its machine: finish or cancel it."
            )
        row.machine_id = right.machine.id
        _write(row, draft, right)
        if row.state in WAITING:
            _give_time(access, session, row, draft.planned_us)
        finish_change(access, session, row, "job.change", before)


def plan_job(access: Access, job_id: int, version: int, planned_us: int | None) -> None:
    """Give a job that has not begun its time on the machine, or with None take it away.

    InvalidInput at `planned_start` where another job has the machine, with that job and its time.
    """
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        row = at_version(session, job_id, version)
        if row.state not in WAITING:
            raise Conflict(f"This job is {row.state}; only one that has not begun is planned.")
        before = state_of(session, row)
        _give_time(access, session, row, planned_us)
        finish_change(access, session, row, "job.plan", before)


def at_version(session: Session, job_id: int, version: int) -> ProductionJob:
    """The job's row, for a change that was based on `version`. NotFound, Conflict."""
    row = session.get(ProductionJob, job_id)
    if row is None:
        raise NotFound("There is no such production job in this factory.")
    if row.version != version:
        raise Conflict("Somebody else changed this job in the meantime. Reload it, then try again.")
    row.version += 1
    return row


def state_of(session: Session, row: ProductionJob) -> dict[str, Any]:
    """A job as the audit log keeps it."""
    names = (
        "key", "machine_id", "product_id", "tool_id", "material", "operation", "cutting", "quantity",
        "cycle_s", "estimated_s", "planned_us", "state", "start_us", "end_us", "told_good", "told_scrap",
        "note", "version",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


def finish_change(
    access: Access, session: Session, row: ProductionJob, action: str, before: dict[str, Any] | None
) -> int:
    """Write the audit entry and mark the days whose figures move: from the job's first run up to today.

    A run that ends earlier than it was thought to gives the days behind its end back.
    """
    session.flush()
    now_us = to_us(access.now)
    first_us = session.scalar(select(func.min(JobSpell.start_us)).where(JobSpell.job_id == row.id))
    first_day = (now_us if first_us is None else int(first_us)) // DAY_US
    bump(session, set(range(first_day, now_us // DAY_US + 1)))
    access.audit(session, action, ("production_job", row.id), before, state_of(session, row))
    return row.id


def _write(row: ProductionJob, draft: JobDraft, right: RightJob) -> None:
    row.product_id, row.tool_id = right.product_id, right.tool.id if right.tool else None
    row.material, row.operation, row.cutting = right.material, right.operation, dict(draft.cutting)
    row.quantity, row.note = draft.quantity, draft.note.strip()
    row.cycle_s, row.cycle_source, row.estimated_s = right.cycle_s, right.cycle_source, right.estimated_s


def _give_time(access: Access, session: Session, row: ProductionJob, planned_us: int | None) -> None:
    row.planned_us, row.state = planned_us, OPEN if planned_us is None else PLANNED
    if planned_us is None:
        return
    now_us = to_us(access.now)
    if abs(planned_us - now_us) > FARTHEST_US:
        raise InvalidInput.at("planned_start", "Plan a job within two years of now.")
    if row.estimated_s is None:
        said = "Nobody knows how long this job takes: give the time of a part or of the whole job."
        raise InvalidInput.at("estimated_s", f"{said} Up to {LONGEST_S:,.0f} s.")
    end_us = planned_us + round(row.estimated_s * 1e6)
    with session.no_autoflush:
        others = session.scalars(
            select(ProductionJob).where(
                ProductionJob.machine_id == row.machine_id,
                ProductionJob.state.in_((PLANNED, RUNNING, PAUSED)),
            )
        )
        for other in others:
            if other is row or other.id == getattr(row, "id", None):
                continue
            begin, finish = time_of(other, now_us)
            if begin < end_us and finish > planned_us:
                raise InvalidInput.at("planned_start", _taken(access, other, begin, finish))


def time_of(row: ProductionJob, now_us: int) -> tuple[int, int]:
    """From when to when a planned, running or paused job has its machine, as far as is known."""
    length_us = round((row.estimated_s or 0.0) * 1e6)
    if row.start_us is None:
        return row.planned_us or now_us, (row.planned_us or now_us) + length_us
    return row.start_us, max(row.start_us + length_us, now_us)


def _taken(access: Access, other: ProductionJob, begin_us: int, end_us: int) -> str:
    begin, end = (from_us(one).astimezone(access.factory.zone) for one in (begin_us, end_us))
    until = f"{end:%H:%M}" if end.date() == begin.date() else f"{end:%-d %b %H:%M}"
    return f"Job {other.key} has this machine from {begin:%-d %b %H:%M} to {until}: plan it for another time."


def _next_key(access: Access, session: Session) -> str:
    """The next key of the day, as JOB_20260212_001."""
    stem = f"JOB_{access.now.astimezone(access.factory.zone):%Y%m%d}_"
    chosen = select(func.count(ProductionJob.id)).where(ProductionJob.key.startswith(stem, autoescape=True))
    number = (session.scalar(chosen) or 0) + 1
    while session.scalar(select(ProductionJob.id).where(ProductionJob.key == f"{stem}{number:03d}")):
        number += 1
    return f"{stem}{number:03d}"
