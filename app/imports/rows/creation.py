"""Rows of the plant that an import makes on the way: machines, lines, parameters."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from app.imports.rows.job import Job
from data.models import Line, Machine, Parameter
from data.queries.plant import CONFIGURATION_DAY, bump


def create_machines(job: Job, session: Session, keys: Sequence[str]) -> None:
    """Make machines that only have a key yet; without loading they are only planned."""
    if not keys:
        return
    if not job.load:
        for key in keys:
            job.look.machines.plan(key)
        return
    now = job.access.now
    rows = [Machine(device_key=key, name=key, created_at=now, updated_at=now) for key in keys]
    session.add_all(rows)
    session.flush()
    for row in rows:
        job.look.machines.add(row.id, row.device_key)
    bump(session, {CONFIGURATION_DAY})


def line_id(job: Job, session: Session, text: str) -> int:
    """The line of a key or name; it is made when there is none."""
    found = job.look.lines.find(text)
    if found:
        return found
    if not job.load:
        return job.look.lines.plan(text)
    row = Line(key=text[:60], name=text[:200])
    session.add(row)
    session.flush()
    job.look.lines.add(row.id, text)
    return row.id


def list_parameters(job: Job, session: Session, found: Iterable[tuple[int, str, str]]) -> None:
    """List the parameters (machine, key, unit) that the machines are not known to send."""
    fresh = [one for one in found if (one[0], one[1]) not in job.look.parameters]
    if not fresh or not job.load:
        return
    for machine, key, unit in fresh:
        job.look.parameters.add((machine, key))
        session.add(
            Parameter(machine_id=machine, key=key, display_name=key.replace("_", " "), unit=unit[:30])
        )
    bump(session, {CONFIGURATION_DAY})
