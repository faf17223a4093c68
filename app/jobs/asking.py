"""Asking for a job, cancelling it, trying it again, forgetting it: permission, audit and tenancy are here."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.jobs.registry import Kind, kind
from app.jobs.running.broker import wake
from app.jobs.running.claims import CANCELLED, DONE, ENDED, FAILED, RUNNING, WAITING, change_if
from data.models import Job, to_us

KEY_CHARACTERS = 120
PARAMETER_BYTES = 20_000
MOST_WAITING = 1_000
"""So many jobs of a factory may wait; what asks for more is a loop that has gone wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. Two with one `idempotency_key` in a factory are one job."""

    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)
    priority: int = 0
    not_before_us: int | None = None
    idempotency_key: str | None = None


def ask(access: Access, asked: Asked) -> str:
    """Put a job into the queue; returns its key. The same idempotency key gives the job there is.

    Raises InvalidInput for an unknown kind or wrong parameters, Conflict when an idempotency key was used
    for something else, Forbidden without the kind's permission.
    """
    access.require(Permission.RUN_ANALYTICS)
    wanted = kind(asked.kind)
    access.require(wanted.permission)
    if access.principal.machine_key is not None:
        raise Forbidden("The key of a machine cannot ask for jobs.")
    if len(orjson.dumps(asked.parameters)) > PARAMETER_BYTES:
        raise InvalidInput.at("parameters", f"The parameters of a job take at most {PARAMETER_BYTES} bytes.")
    if not -100 <= asked.priority <= 100:
        raise InvalidInput.at("priority", "A priority is -100 to 100.")
    if asked.idempotency_key is not None and not 0 < len(asked.idempotency_key) <= KEY_CHARACTERS:
        raise InvalidInput.at("idempotency_key", f"The key has 1 to {KEY_CHARACTERS} characters.")
    parameters = wanted.check(access, asked.parameters)
    with access.write() as session:
        known = _known(session, asked, parameters)
        if known is not None:
            return known
        refuse_too_many(session)
        row = add(access, session, wanted, asked, parameters)
        access.audit(session, "job.ask", ("job", row.key), after={"kind": row.kind, **parameters})
    wake(access.gemba.settings, row.id)
    return row.key


def refuse_too_many(session: Session) -> None:
    """Conflict where as many jobs of the factory wait as may."""
    waiting = select(Job.id).where(Job.state == WAITING).limit(MOST_WAITING)
    if len(session.scalars(waiting).all()) >= MOST_WAITING:
        raise Conflict(f"{MOST_WAITING} jobs are waiting already.")


def add(access: Access, session: Session, wanted: Kind, asked: Asked, parameters: dict[str, Any]) -> Job:
    """The row of a new job, in the caller's transaction."""
    who = access.principal
    now_us = to_us(access.now)
    row = Job(
        key=str(uuid4()),
        kind=wanted.name,
        parameters=parameters,
        priority=asked.priority,
        not_before_us=now_us if asked.not_before_us is None else asked.not_before_us,
        most_attempts=wanted.most_attempts,
        idempotency_key=asked.idempotency_key,
        account_id=who.account_id or None,
        asked_by=who.email,
        permissions=sorted(one.value for one in who.permissions),
        created_us=now_us,
    )
    session.add(row)
    session.flush()
    return row


def _known(session: Session, asked: Asked, parameters: dict[str, Any]) -> str | None:
    if asked.idempotency_key is None:
        return None
    row = session.scalar(select(Job).where(Job.idempotency_key == asked.idempotency_key))
    if row is not None and (row.kind, row.parameters) != (asked.kind, parameters):
        raise Conflict("This idempotency key was used for another job.")
    return None if row is None else row.key


def cancel(access: Access, key: str) -> str:
    """End a job: one that waits is cancelled at once, one that runs is asked to end. Returns its state.

    Raises NotFound, Forbidden without the kind's permission, Conflict for one that has ended.
    """
    with access.write() as session:
        row = _may_change(access, session, key)
        if row.state in ENDED:
            raise Conflict(f"This job has ended already: it is {row.state}.")
        if row.state == WAITING and change_if(
            session, row, WAITING, state=CANCELLED, is_cancel_asked=True, finished_us=to_us(access.now)
        ):
            state = CANCELLED
        elif change_if(session, row, RUNNING, is_cancel_asked=True):
            state = RUNNING
        else:
            raise Conflict("This job has just changed. Look again.")
        access.audit(session, "job.cancel", ("job", key), before={"state": row.state})
    return state


def retry(access: Access, key: str) -> str:
    """Ask for a failed or cancelled job once more, as whoever asks now; returns the new job's key."""
    with access.read() as session:
        row = _may_change(access, session, key)
    if row.state not in (FAILED, CANCELLED):
        raise Conflict(f"Only a failed or cancelled job is tried again; this one is {row.state}.")
    return ask(access, Asked(row.kind, row.parameters, row.priority))


def remove(access: Access, key: str) -> None:
    """Cancel and forget a job that waits, or forget one that has failed or was cancelled.

    Conflict for one that runs or is done: those are cancelled, or forgotten after their days.
    """
    with access.write() as session:
        row = _may_change(access, session, key)
        if row.state in (RUNNING, DONE):
            raise Conflict(f"This job is {row.state}: only one that waits or has failed can be deleted.")
        access.audit(session, "job.delete", ("job", key), before={"kind": row.kind, "state": row.state})
        session.delete(row)


def _may_change(access: Access, session: Session, key: str) -> Job:
    access.require(Permission.RUN_ANALYTICS)
    row = session.scalar(select(Job).where(Job.key == key))
    if row is None:
        raise NotFound("There is no such job.")
    access.require(kind(row.kind).permission)
    return row
