"""Performance records, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, select

from analytics.errors import NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.records.entry import StoredRecord, as_draft, stops_of
from data.models import PerformanceRecord

SORTED_BY: Final = ("start", "id", "output", "good", "downtime", "updated")
_COLUMNS: Final = {
    "start": PerformanceRecord.start_us,
    "id": PerformanceRecord.id,
    "output": PerformanceRecord.output,
    "good": PerformanceRecord.good,
    "downtime": PerformanceRecord.downtime_s,
    "updated": PerformanceRecord.updated_at,
}


@dataclass(frozen=True, slots=True)
class RecordSearch:
    """Which records: those that begin in [start_us, end_us), of these machines; None means all."""

    start_us: int | None = None
    end_us: int | None = None
    machine_ids: Sequence[int] | None = None
    words: str = ""


def record_page(
    access: Access, search: RecordSearch, sort: tuple[str, bool], start: int, most: int
) -> tuple[list[StoredRecord], int]:
    """The records from `start` on, at most `most`, and how many there are; `sort` is field and descending."""
    access.require(Permission.SEE_PLANT)
    row = PerformanceRecord
    conditions = _conditions(search)
    column = _COLUMNS[sort[0]]
    order = (column.desc(), row.id.desc()) if sort[1] else (column, row.id)
    with access.read() as session:
        total = session.scalar(select(func.count(row.id)).where(*conditions)) or 0
        found = session.scalars(
            select(row).where(*conditions).order_by(*order).offset(start).limit(most)
        ).all()
        stops = stops_of(session, [one.id for one in found])
    return [StoredRecord(one.id, one.version, as_draft(one, stops.get(one.id, ()))) for one in found], total


def one_record(access: Access, record_id: int) -> StoredRecord:
    """One record; NotFound for another factory's."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.get(PerformanceRecord, record_id)
        if row is None:
            raise NotFound("There is no such record in this factory.")
        stops = stops_of(session, [row.id])
        return StoredRecord(row.id, row.version, as_draft(row, stops.get(row.id, ())))


def _conditions(search: RecordSearch) -> list[ColumnElement[bool]]:
    row = PerformanceRecord
    found: list[ColumnElement[bool]] = []
    if search.start_us is not None:
        found.append(row.start_us >= search.start_us)
    if search.end_us is not None:
        found.append(row.start_us < search.end_us)
    if search.machine_ids is not None:
        found.append(row.machine_id.in_(search.machine_ids))
    for word in search.words.split():
        texts = (row.batch, row.operator, row.note)
        like = [text.icontains(word, autoescape=True) for text in texts]
        found.append(like[0] | like[1] | like[2])
    return found
