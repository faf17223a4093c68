"""Audit entries: in portions for whoever checks them, and found by what they say."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
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


def portions(
    opened: Callable[[], AbstractContextManager[Session]], start: int, stop: int | None = None
) -> Iterator[list[Row]]:
    """The entries of positions [start, stop) in order, so many at a time; gaps are left to the reader.

    Each portion has a session of its own, which is closed before the portion is handed out: however long
    the reader takes, nobody who writes waits for it.
    """
    at = start
    while True:
        wanted = [ENTRY.position >= at, *([] if stop is None else [ENTRY.position < stop])]
        statement = select(*COLUMNS).where(*wanted).order_by(ENTRY.position).limit(PORTION)
        with opened() as session:
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


def extent(session: Session) -> tuple[int, int]:
    """How many entries the counter says there are, and where to stop reading: what comes later is not asked.

    The last position is read before the counter. An entry and its count are committed together, so an
    entry that is seen at or above a counter that was read after it came past the counter.
    """
    last = last_position(session)
    size = counted(session)
    return size, max(size, last + 1)


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
