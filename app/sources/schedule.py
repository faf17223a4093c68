"""Reading every source when its time has come."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from analytics.errors import Conflict
from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.sources.runs import read_source
from data.models import Source, SourceRun

ACTOR = "source"


def due(access: Access) -> list[int]:
    """The sources to read now: asked for, or switched on and last read long enough ago."""
    newest = (
        select(SourceRun.source_id, func.max(SourceRun.started_at).label("at"))
        .group_by(SourceRun.source_id)
        .subquery()
    )
    with access.read() as session:
        rows = session.execute(
            select(Source, newest.c.at).outerjoin(newest, newest.c.source_id == Source.id).order_by(Source.id)
        ).all()
    return [row.id for row, at in rows if _is_due(row, at, access.now)]


def _is_due(row: Source, last: datetime | None, now: datetime) -> bool:
    if row.wanted_at is not None:
        return True
    return row.is_on and (last is None or now >= last + timedelta(seconds=row.every_s))


def round_of(gemba: Gemba, slugs: list[str]) -> None:
    """Read what is due in all factories, one source after another."""
    for slug in slugs:
        principal = service(gemba.database, slug, ACTOR)
        if principal is None:
            continue
        access = Access(gemba, principal)
        for source_id in due(access):
            if gemba.closing.is_set():
                return
            try:
                read_source(access, source_id)
            except Conflict:
                continue
