"""How sources do: their last runs, positions and rejected rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.sources.runs import Run, as_run
from app.sources.store import found
from data.models import SourcePosition, SourceReject, SourceRun


@dataclass(frozen=True, slots=True)
class Position:
    """How far one item was read."""

    stream: str
    item: str
    mark: str
    rows: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken, since when, and when it was last met."""

    stream: str
    item: str
    field: str
    message: str
    row: str
    first_at: datetime
    last_at: datetime


def last_runs(access: Access) -> dict[int, Run]:
    """The newest run of each source."""
    access.require(Permission.MANAGE_SOURCES)
    newest = select(func.max(SourceRun.id)).group_by(SourceRun.source_id)
    with access.read() as session:
        rows = session.scalars(select(SourceRun).where(SourceRun.id.in_(newest)))
        return {row.source_id: as_run(row) for row in rows}


def runs(access: Access, source_id: int, most: int = 50) -> list[Run]:
    """The runs of a source, the newest first."""
    access.require(Permission.MANAGE_SOURCES)
    with access.read() as session:
        found(session, source_id)
        asked = select(SourceRun).where(SourceRun.source_id == source_id).order_by(SourceRun.id.desc())
        return [as_run(row) for row in session.scalars(asked.limit(most))]


def positions(access: Access, source_id: int) -> list[Position]:
    """How far each item of a source was read."""
    access.require(Permission.MANAGE_SOURCES)
    with access.read() as session:
        found(session, source_id)
        rows = session.scalars(
            select(SourcePosition)
            .where(SourcePosition.source_id == source_id)
            .order_by(SourcePosition.stream, SourcePosition.item)
        )
        return [
            Position(row.stream, row.item, row.mark.partition(":")[2], row.rows, row.updated_at)
            for row in rows
        ]


def rejected(access: Access, source_id: int, most: int = 1_000) -> list[Rejected]:
    """The rows of a source that were not taken, the newest first."""
    access.require(Permission.MANAGE_SOURCES)
    with access.read() as session:
        found(session, source_id)
        rows = session.scalars(
            select(SourceReject)
            .where(SourceReject.source_id == source_id)
            .order_by(SourceReject.id.desc())
            .limit(most)
        )
        return [
            Rejected(row.stream, row.item, row.field, row.message, row.row, row.first_at, row.last_at)
            for row in rows
        ]
