"""Files of models that nobody will use again are deleted; their rows stay and say so."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.predict.failure.hourly import DAY_H, HOUR_US
from app.predict.failure.models import PROMOTED, ModelShown, before_promoted, models
from app.predict.model_files import remove_file
from data.models import FailureModelVersion, to_us

KEPT_DAYS: Final = 30
NEWEST: Final = 3
"""The files of the newest versions of each machine are kept too, whatever their state."""


def unused(access: Access) -> list[ModelShown]:
    """The versions whose files may go: not promoted, not the one that a roll-back brings back, not among the
    newest three that tell the same of a machine, and neither made nor moved for 30 days.
    """
    access.require(Permission.RUN_ANALYTICS)
    groups: dict[tuple[str, str], list[ModelShown]] = {}
    for one in models(access):
        groups.setdefault((one.machine, one.tells), []).append(one)
    since = to_us(access.now) - KEPT_DAYS * DAY_H * HOUR_US
    return [one for group in groups.values() for one in _unused(group, since)]


def _unused(group: Sequence[ModelShown], since_us: int) -> list[ModelShown]:
    last = before_promoted(group)
    there = [one for one in group if one.file_gone_us is None]
    return [
        one for one in there[NEWEST:]
        if one.state != PROMOTED and one is not last and max(one.made_us, one.moved_us or 0) < since_us
    ]  # fmt: skip


def prune(access: Access, session: Session, found: Sequence[ModelShown]) -> None:
    """Delete the files of these versions, in the transaction that says so; a file that another version has
    too stays. One that was promoted meanwhile is left alone.
    """
    for one in found:
        row = session.get(FailureModelVersion, one.id)
        if row is None or row.version != one.version:
            continue
        row.file_gone_us, row.version = to_us(access.now), row.version + 1
        after = {"machine": row.machine_key, "number": row.number, "digest": row.digest}
        access.audit(session, "model.prune", ("failure_model", row.id), after=after)
    session.flush()
    kept = select(FailureModelVersion.digest).where(FailureModelVersion.file_gone_us.is_(None))
    for digest in {one.digest for one in found} - set(session.scalars(kept)):
        remove_file(access, digest)
