"""Audit entries: in portions for whoever checks them, and found by what they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data.models import AuditEntry, Factory
from data.relational.scope import raw_rows

PORTION: Final = 20_000

Row = tuple[int, int, str, str, str, str, str, str, str]
"""position, recorded_at (microseconds), actor, action, object type, object id, body, leaf, seal."""


ENTRY: Final = AuditEntry
COLUMNS: Final = (
    ENTRY.position, ENTRY.recorded_at, ENTRY.actor, ENTRY.action, ENTRY.object_type, ENTRY.object_id,
    ENTRY.body, ENTRY.leaf, ENTRY.seal,
)  # fmt: skip


def portions(session: Session, start: int) -> Iterator[list[Row]]:
    """The entries from position `start` on, in order, so many at a time; gaps are left to the reader."""
    at = start
    while True:
        statement = select(*COLUMNS).where(ENTRY.position >= at).order_by(ENTRY.position).limit(PORTION)
        rows = cast("list[Row]", raw_rows(session, statement))
        if not rows:
            return
        yield rows
        at = rows[-1][0] + 1


def last_position(session: Session) -> int:
    """The largest position, -1 for an empty log."""
    found = session.scalar(select(func.max(AuditEntry.position)))
    return -1 if found is None else int(found)


def counted(session: Session) -> int:
    """How many entries the factory's counter says there are."""
    return int(session.get_one(Factory, session.info["factory_id"]).audit_size)


@dataclass(frozen=True, slots=True)
class EntrySearch:
    """What to look for; empty fields do not narrow. Times are half-open [start, end)."""

    actor: str = ""
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    words: str = ""
    start: datetime | None = None
    end: datetime | None = None


def _like(column: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    return column.icontains(words, autoescape=True)


def _conditions(search: EntrySearch) -> list[ColumnElement[bool]]:
    entry = AuditEntry
    found: list[ColumnElement[bool]] = []
    for column, wanted in ((entry.object_type, search.object_type), (entry.object_id, search.object_id)):
        if wanted:
            found.append(column == wanted)
    for column, words in ((entry.actor, search.actor), (entry.action, search.action)):
        if words:
            found.append(_like(column, words))
    if search.words:
        found.append(_like(entry.body, search.words))
    if search.start is not None:
        found.append(entry.recorded_at >= search.start)
    if search.end is not None:
        found.append(entry.recorded_at < search.end)
    return found


def found_entries(session: Session, search: EntrySearch, limit: int, offset: int) -> list[AuditEntry]:
    """One page of entries, the newest first."""
    page = (
        select(AuditEntry)
        .where(*_conditions(search))
        .order_by(AuditEntry.position.desc())
        .limit(limit)
        .offset(offset)
    )
    return list(session.scalars(page))


def number_found(session: Session, search: EntrySearch) -> int:
    """How many entries the search finds in all."""
    return int(session.scalar(select(func.count(AuditEntry.id)).where(*_conditions(search))) or 0)


def entry_at(session: Session, position: int) -> AuditEntry | None:
    """The entry at a position."""
    return session.scalar(select(AuditEntry).where(AuditEntry.position == position))


def kinds(session: Session) -> list[str]:
    """Every kind of object that entries speak of."""
    return list(session.scalars(select(AuditEntry.object_type).distinct().order_by(AuditEntry.object_type)))
