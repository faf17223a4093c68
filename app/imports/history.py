"""Which imports there were, and the rows that each of them left out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from analytics.errors import NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.imports.reading.table import Reject
from data.models import ImportReject, ImportRun


@dataclass(frozen=True, slots=True)
class RunRow:
    """One import; without `finished_at` it was interrupted, or runs still."""

    id: int
    kind: str
    file_name: str
    actor: str
    started_at: datetime
    finished_at: datetime | None
    rows: int
    loaded: int
    unchanged: int
    rejected: int


def runs(access: Access, limit: int = 100) -> list[RunRow]:
    """The newest imports of the factory, at most `limit`."""
    access.require(Permission.IMPORT_DATA)
    with access.read() as session:
        found = session.scalars(select(ImportRun).order_by(ImportRun.id.desc()).limit(limit)).all()
        return [
            RunRow(
                run.id,
                run.kind,
                run.file_name,
                run.actor,
                run.started_at,
                run.finished_at,
                run.rows,
                run.loaded,
                run.unchanged,
                run.rejected,
            )
            for run in found
        ]


def rejected_rows(access: Access, run_id: int) -> list[Reject]:
    """The rows that an import left out, by line; NotFound for another factory's import."""
    access.require(Permission.IMPORT_DATA)
    with access.read() as session:
        if session.get(ImportRun, run_id) is None:
            raise NotFound("There is no such import in this factory.")
        statement = select(ImportReject).where(ImportReject.run_id == run_id)
        found = session.scalars(statement.order_by(ImportReject.line, ImportReject.id))
        return [Reject(row.line, row.field, row.message, row.row) for row in found]
