"""How much of its life a fitted tool has cut, and when it should be changed next."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import InvalidInput
from analytics.twin.lathe.cycle import cycle
from analytics.twin.lathe.process import Process
from analytics.twin.lathe.wear import share_at, tool_life_min, wear_after
from app.bootstrap import Access
from app.production.plant import plant
from app.shop.checks import is_cut, process_of
from app.shop.jobs import PAUSED, PLANNED, RUNNING, JobDraft
from app.shop.parts import Made, made_between
from data.models import JobSpell, ProductionJob, ShopTool, ToolFitting, to_us

SIGNAL: Final = "tool_wear_mm"
FRESH_US: Final = 600_000_000
"""A wear signal that is older than this says nothing about now."""
MINUTE_US: Final = 60_000_000
NOTHING_US: Final = 2**62


@dataclass(frozen=True, slots=True)
class Spent:
    """How far a tool has come: the share of its life (1: used up), the flank wear there, and how it is known.

    `source` is signal (the machine measures), measured (by a person, and what was cut since) or twin (what
    was cut, by Taylor's law or the given life).
    """

    share: float
    wear_mm: float
    source: str


@dataclass(frozen=True, slots=True)
class Change:
    """When a tool should be changed next: at which part of which job, and when that is, if it runs.

    `parts` is how many more parts of the job it cuts; `job` is empty where no job that is known needs more
    life than it has, and `parts` then counts on in the job that runs.
    """

    job: str
    parts: float
    at_us: int | None


def spent_of(access: Access, session: Session, row: ToolFitting, tool: ShopTool) -> Spent | None:
    """How much of its life a fitted tool has cut; None where neither signal, measure nor life is known."""
    told = _told_by_machine(access, session, row, tool)
    if told is not None:
        return Spent(share_at(told, tool.limit_mm), told, "signal")
    base, since_us = 0.0, row.fitted_us
    if row.wear_mm is not None and row.measured_us is not None:
        base, since_us = share_at(row.wear_mm, tool.limit_mm), row.measured_us
    cut = _share_cut(access, session, row, tool, since_us)
    if cut is None and row.wear_mm is None:
        return None
    share = base + (cut or 0.0)
    measured = row.wear_mm is not None
    wear = row.wear_mm if measured and not cut else float(wear_after(share, tool.limit_mm))
    return Spent(share, wear or 0.0, "measured" if measured else "twin")


def life_min(tool: ShopTool, process: Process | None) -> float | None:
    """How many minutes of cutting the tool lasts: as somebody said, else by the extended Taylor law."""
    if tool.life_min is not None:
        return tool.life_min
    return tool_life_min(process) if process is not None and tool.cuts_like is not None else None


def next_change(
    access: Access, session: Session, row: ToolFitting, tool: ShopTool, spent: Spent | None
) -> Change | None:
    """When should a fitted tool be changed next? It goes through the jobs that run and wait, in their order.

    `spent` is what `spent_of` says of it. None where the life is not known, or no job uses the tool.
    """
    if spent is None:
        return None
    left, first = max(1.0 - spent.share, 0.0), None
    for job in _to_come(session, row):
        per_part = _share_per_part(access, session, row, tool, job)
        if per_part is None or job.quantity is None:
            continue
        parts = left / per_part
        at_us = _when(access, job, parts)
        first = first or Change("", parts, at_us)
        rest = job.quantity - _made(access, session, job)
        if parts < rest:
            return Change(job.key, float(int(parts)), at_us)
        left -= max(rest, 0.0) * per_part
    return first


def _told_by_machine(access: Access, session: Session, row: ToolFitting, tool: ShopTool) -> float | None:
    """The flank wear that the machine itself sends now, where the job that runs cuts with this tool."""
    if row.removed_us is not None:
        return None
    running = session.scalar(
        select(ProductionJob.tool_id).where(
            ProductionJob.machine_id == row.machine_id, ProductionJob.state == RUNNING
        )
    )
    if running != row.tool_id:
        return None
    key = plant(access).machine_by_id[row.machine_id].device_key
    newest = access.gemba.telemetry.latest(access.factory.slug, [key])
    mine = newest[newest["parameter"] == SIGNAL]
    since = max(to_us(access.now) - FRESH_US, row.fitted_us)
    if not len(mine) or int(mine["time_us"].iloc[0]) < since:
        return None
    value = float(mine["value"].iloc[0])
    return value if 0.0 <= value < float("inf") else None


def _share_cut(
    access: Access, session: Session, row: ToolFitting, tool: ShopTool, since_us: int
) -> float | None:
    """The share of its life that a tool has cut since a moment, over all jobs that used it; None: not known.

    Cutting time is that of the parts that were counted, else the share of the running time that cuts.
    """
    until_us = to_us(access.now) if row.removed_us is None else row.removed_us
    spell = JobSpell
    found = session.execute(
        select(ProductionJob, spell)
        .join(spell, spell.job_id == ProductionJob.id)
        .where(
            spell.machine_id == row.machine_id, ProductionJob.tool_id == tool.id, spell.start_us < until_us,
            spell.end_us.is_(None) | (spell.end_us > since_us),
        )
    ).all()  # fmt: skip
    made = made_between(session, since_us, until_us) if found else None
    total = None if tool.cuts_like is None and tool.life_min is None else 0.0
    used_by = {job.id: job for job, _ in found}
    cut_as = {number: _process(access, session, row.machine_id, tool, job) for number, job in used_by.items()}
    for job, ran in found:
        process = cut_as[job.id]
        life = life_min(tool, process)
        if life is None or made is None:
            continue
        begin, end = max(ran.start_us, since_us), min(ran.end_us or NOTHING_US, until_us)
        total = (total or 0.0) + _cut_min(process, job, made, begin, end) / life
    return total


def _cut_min(process: Process | None, job: ProductionJob, made: Made, begin_us: int, end_us: int) -> float:
    """Minutes of cutting in [begin_us, end_us) of a job."""
    running_min = max(end_us - begin_us, 0) / MINUTE_US
    if process is None:
        return running_min
    part = cycle(process)
    counts = made.of(job.id).total > 0
    parts = made.of(job.id, begin_us, end_us).total
    return parts * part.cutting_s / 60.0 if counts else running_min * part.cutting_s / part.length_s


def _share_per_part(
    access: Access, session: Session, row: ToolFitting, tool: ShopTool, job: ProductionJob
) -> float | None:
    process = _process(access, session, row.machine_id, tool, job)
    life = life_min(tool, process)
    if life is None:
        return None
    if process is not None:
        return cycle(process).cutting_s / 60.0 / life
    return None if job.cycle_s is None else job.cycle_s / 60.0 / life


def _process(
    access: Access, session: Session, machine_id: int, tool: ShopTool, job: ProductionJob
) -> Process | None:
    machine = plant(access).machine_by_id[machine_id]
    if not is_cut(machine, job.operation):
        return None
    draft = JobDraft(machine.device_key, job.material, job.operation, tool.number, cutting=dict(job.cutting))
    try:
        return process_of(session, machine, draft, tool)
    except InvalidInput:
        return None


def _to_come(session: Session, row: ToolFitting) -> list[ProductionJob]:
    """The jobs that use the tool on its machine: the one that runs, paused ones, planned ones in order."""
    job = ProductionJob
    found = session.scalars(
        select(job).where(
            job.machine_id == row.machine_id, job.tool_id == row.tool_id,
            job.state.in_((RUNNING, PAUSED, PLANNED)),
        )
    )  # fmt: skip
    order = {RUNNING: 0, PAUSED: 1, PLANNED: 2}
    return sorted(found, key=lambda one: (order[one.state], one.planned_us or 0, one.id))


def _when(access: Access, job: ProductionJob, parts: float) -> int | None:
    """The moment at which so many more parts are made, where the job runs and its cycle is known."""
    if job.cycle_s is None or job.state == PAUSED:
        return None
    begin = to_us(access.now) if job.state == RUNNING else max(job.planned_us or 0, to_us(access.now))
    return begin + round(min(parts, 1e9) * job.cycle_s * 1e6)


def _made(access: Access, session: Session, job: ProductionJob) -> float:
    if job.start_us is None:
        return 0.0
    return made_between(session, job.start_us, to_us(access.now) + 1).of(job.id).total
