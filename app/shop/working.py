"""Start a production job, pause it, resume it, enter its parts, finish it, cancel it."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import plant
from app.shop.checks import is_cut, right_job
from app.shop.fittings import fit_in, fitted_on, refuse_worn
from app.shop.jobs import ALIVE, BEGUN, CANCELLED, FINISHED, PAUSED, RUNNING, WAITING, JobDraft
from app.shop.parts import made_between
from app.shop.planning import at_version, finish_change, state_of
from data.models import JobSpell, ProductionCount, ProductionJob, ShopTool, to_us

MOST_ENTERED = 1e6


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a job: its name in the audit log, in which states it may happen, else what is said."""

    action: str
    states: Container[str]
    refusal: str


@contextmanager
def _changing(
    access: Access, job_id: int, version: int, change: Change
) -> Iterator[tuple[Session, ProductionJob]]:
    """The job for a change by whoever may enter production; audited at the end. NotFound, Conflict."""
    access.require(Permission.ENTER_PRODUCTION)
    with access.write() as session:
        row = at_version(session, job_id, version)
        if row.state not in change.states:
            raise Conflict(change.refusal.format(row.state))
        before = state_of(session, row)
        yield session, row
        finish_change(access, session, row, change.action, before)


def start_job(
    access: Access, job_id: int, version: int, *, fit: bool = False, at_us: int | None = None
) -> None:
    """The job begins, now or at a moment that has passed; with `fit` its tool is taken from the store first.

    Conflict where another job runs on the machine; InvalidInput at `tool` for a lathe without a fitted tool
    or with a worn-out one, and for cutting values that the machine cannot do any more.
    """
    change = Change("job.start", WAITING, "This job is {}; only one that has not begun can start.")
    with _changing(access, job_id, version, change) as (session, row):
        _ready_tool(access, session, row, fit)
        row.start_us = _begin(access, session, row, at_us)


def pause_job(access: Access, job_id: int, version: int, *, at_us: int | None = None) -> None:
    """The job stands still; the machine is free for another one. Conflict unless it runs."""
    change = Change("job.pause", (RUNNING,), "This job is {}; only a running one can be paused.")
    with _changing(access, job_id, version, change) as (session, row):
        _end_spell(access, session, row, at_us)
        row.state = PAUSED


def resume_job(access: Access, job_id: int, version: int, *, at_us: int | None = None) -> None:
    """A paused job goes on. Conflict where another job runs on the machine; InvalidInput for its tool."""
    change = Change("job.resume", (PAUSED,), "This job is {}; only a paused one can go on.")
    with _changing(access, job_id, version, change) as (session, row):
        _ready_tool(access, session, row, fit=False)
        _begin(access, session, row, at_us)


def finish_job(
    access: Access,
    job_id: int,
    version: int,
    *,
    good: float | None = None,
    scrap: float | None = None,
    at_us: int | None = None,
) -> None:
    """The job is done; parts that nobody has entered or counted yet can be given with it."""
    change = Change("job.finish", BEGUN, "This job is {}; only one that has begun can be finished.")
    with _changing(access, job_id, version, change) as (session, row):
        end_us = _end_spell(access, session, row, at_us)
        if good or scrap:
            _enter(access, session, row, good or 0.0, scrap or 0.0)
        row.state, row.end_us = FINISHED, end_us


def cancel_job(access: Access, job_id: int, version: int, why: str = "") -> None:
    """The job is given up; what it made stays counted. Conflict for one that has ended."""
    change = Change("job.cancel", ALIVE, "This job is {} already.")
    with _changing(access, job_id, version, change) as (session, row):
        row.end_us = _end_spell(access, session, row, None)
        row.state = CANCELLED
        row.note = "\n".join(part for part in (row.note, why.strip()[:500]) if part)


def enter_parts(access: Access, job_id: int, version: int, good: float, scrap: float = 0.0) -> None:
    """Enter parts made since the last entry, on a machine that does not count itself.

    Conflict where the machine counts; InvalidInput for a negative number or none at all.
    """
    change = Change("job.parts", BEGUN, "This job is {}; parts are entered while it runs or is paused.")
    with _changing(access, job_id, version, change) as (session, row):
        _enter(access, session, row, good, scrap)


def _ready_tool(access: Access, session: Session, row: ProductionJob, fit: bool) -> None:
    """Refuse a job whose values are no longer right, or whose tool is missing, not fitted or worn out."""
    machine = plant(access).machine_by_id[row.machine_id]
    tool = session.get(ShopTool, row.tool_id) if row.tool_id is not None else None
    draft = JobDraft(
        machine.device_key, row.material, row.operation, tool.number if tool else None, row.quantity,
        cutting=dict(row.cutting), cycle_s=row.cycle_s, estimated_s=row.estimated_s,
    )  # fmt: skip
    right_job(access, session, draft)
    if tool is None:
        return
    fitting = fitted_on(session, row.machine_id, tool.id)
    if fitting is None and fit:
        fitting = fit_in(access, session, machine, tool)
    if fitting is not None:
        refuse_worn(access, session, fitting, tool)
    elif is_cut(machine, row.operation):
        said = f"Tool {tool.number} ({tool.name}) is not on {machine.name}: fit it before the job begins."
        raise InvalidInput.at("tool", said)


def _begin(access: Access, session: Session, row: ProductionJob, at_us: int | None) -> int:
    """Open a spell, where the machine is free from then on; its start."""
    now_us = to_us(access.now)
    start_us = now_us if at_us is None else at_us
    if start_us > now_us:
        raise InvalidInput.at("start", "A job cannot have begun in the future.")
    spell = JobSpell
    taken = session.scalar(
        select(ProductionJob)
        .join(spell, spell.job_id == ProductionJob.id)
        .where(spell.machine_id == row.machine_id, or_(spell.end_us.is_(None), spell.end_us > start_us))
        .limit(1)
    )
    if taken is not None:
        was = "runs" if taken.state == RUNNING else "ran"
        raise Conflict(f"Job {taken.key} {was} on this machine then: pause or finish it first.")
    session.add(JobSpell(job_id=row.id, machine_id=row.machine_id, start_us=start_us))
    row.state = RUNNING
    session.flush()
    return start_us


def _end_spell(access: Access, session: Session, row: ProductionJob, at_us: int | None) -> int:
    """Close the open spell of a job, if it has one; the moment."""
    now_us = to_us(access.now)
    last = session.scalar(
        select(JobSpell).where(JobSpell.job_id == row.id).order_by(JobSpell.start_us.desc()).limit(1)
    )
    if last is None or last.end_us is not None:
        return now_us if last is None or last.end_us is None else last.end_us
    end_us = now_us if at_us is None else at_us
    if not last.start_us <= end_us <= now_us:
        raise InvalidInput.at("end", "The end lies between the start of the job and now.")
    last.end_us = max(end_us, last.start_us + 1)
    session.flush()
    return end_us


def _enter(access: Access, session: Session, row: ProductionJob, good: float, scrap: float) -> None:
    for field, value in (("good", good), ("scrap", scrap)):
        if not 0 <= value <= MOST_ENTERED:
            raise InvalidInput.at(field, f"{value:g} parts lie outside 0 to {MOST_ENTERED:,.0f}.")
    if good + scrap == 0:
        raise InvalidInput.at("good", "Say how many parts were made, good or bad.")
    last = session.scalars(
        select(JobSpell).where(JobSpell.job_id == row.id).order_by(JobSpell.start_us.desc())
    ).first()
    if last is None or row.start_us is None:
        raise Conflict("This job has not begun.")
    end_us = to_us(access.now) if last.end_us is None else last.end_us
    counted = made_between(session, row.start_us, end_us + 1).of(row.id).total
    if counted > row.told_good + row.told_scrap + 1e-6:
        raise Conflict("This machine counts its parts itself; entered ones would count twice.")
    begin_us = min(max(row.told_us or 0, last.start_us), end_us - 1)
    session.add(
        ProductionCount(
            machine_id=row.machine_id, product_id=row.product_id, start_us=begin_us, end_us=end_us, good=good,
            scrap=scrap, received_us=to_us(access.now),
        )
    )  # fmt: skip
    row.told_good, row.told_scrap, row.told_us = row.told_good + good, row.told_scrap + scrap, end_us
