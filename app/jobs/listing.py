"""Jobs as people see them: the list, one job, its result."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from analytics.errors import Conflict, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.jobs.running.claims import DONE
from data.models import Job, from_us


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs; empty: all."""

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class JobShown:
    """A job; `share` is how much of it is done, `ends_at` an estimate while it runs."""

    id: int
    key: str
    kind: str
    parameters: dict[str, Any]
    state: str
    priority: int
    share: float
    stage: str
    ends_at: datetime | None
    is_cancel_asked: bool
    error_attempts: int
    crash_attempts: int
    most_attempts: int
    problem: str
    asked_by: str
    created_at: datetime
    not_before: datetime
    started_at: datetime | None
    finished_at: datetime | None


def list_jobs(access: Access, chosen: JobFilter, *, limit: int = 100, offset: int = 0) -> list[JobShown]:
    """The jobs of the factory, the newest first."""
    access.require(Permission.RUN_ANALYTICS)
    asked = select(Job).where(_matches(chosen)).order_by(Job.created_us.desc(), Job.id.desc())
    with access.read() as session:
        return [_shown(row) for row in session.scalars(asked.limit(limit).offset(offset))]


def count_jobs(access: Access, chosen: JobFilter) -> int:
    """How many jobs the filter names."""
    access.require(Permission.RUN_ANALYTICS)
    with access.read() as session:
        return session.scalar(select(func.count(Job.id)).where(_matches(chosen))) or 0


def get_job(access: Access, key: str) -> JobShown:
    """One job by its key; NotFound otherwise."""
    return _shown(_row(access, key))


def result_of(access: Access, key: str) -> dict[str, Any]:
    """What a job found. Conflict while it is not done; NotFound where the result is no longer kept."""
    row = _row(access, key)
    if row.state != DONE:
        raise Conflict(f"This job has no result: it is {row.state}.")
    if row.result is not None:
        return row.result
    collection, _, document = row.document.partition("/")
    found = access.gemba.documents.get(access.factory.slug, collection, document)
    if found is None:
        raise NotFound("The result of this job is no longer kept.")
    return found.body


def _row(access: Access, key: str) -> Job:
    access.require(Permission.RUN_ANALYTICS)
    with access.read() as session:
        row = session.scalar(select(Job).where(Job.key == key))
    if row is None:
        raise NotFound("There is no such job.")
    return row


def _matches(chosen: JobFilter) -> ColumnElement[bool]:
    found: list[ColumnElement[bool]] = [Job.id > 0]
    if chosen.states:
        found.append(Job.state.in_(chosen.states))
    if chosen.kinds:
        found.append(Job.kind.in_(chosen.kinds))
    if chosen.asked_by:
        found.append(Job.asked_by == chosen.asked_by)
    return and_(*found)


def _shown(row: Job) -> JobShown:
    return JobShown(
        id=row.id,
        key=row.key,
        kind=row.kind,
        parameters=row.parameters,
        state=row.state,
        priority=row.priority,
        share=row.share,
        stage=row.stage,
        ends_at=_moment(row.ends_us),
        is_cancel_asked=row.is_cancel_asked,
        error_attempts=row.error_attempts,
        crash_attempts=row.crash_attempts,
        most_attempts=row.most_attempts,
        problem=row.problem,
        asked_by=row.asked_by,
        created_at=from_us(row.created_us),
        not_before=from_us(row.not_before_us),
        started_at=_moment(row.started_us),
        finished_at=_moment(row.finished_us),
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_us(value)
