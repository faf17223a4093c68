"""Forgetting reports after their days, with their files."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.reports.asking import forget
from app.reports.shelf import shelf
from data.models import Report, to_us

ACTOR: Final = "reports"
SWEPT: Final = 1_000


def sweep(gemba: Gemba, slugs: Sequence[str]) -> None:
    """Forget what has expired: the files first, so that none is left without a row that names it."""
    for slug in slugs:
        principal = service(gemba.database, slug, ACTOR)
        if principal is None or gemba.closing.is_set():
            continue
        access = Access(gemba, principal)
        old = select(Report).where(Report.expires_us < to_us(access.now)).limit(SWEPT)
        with access.read() as session:
            rows = list(session.scalars(old))
        files = shelf(gemba.settings) if rows else None
        for row in rows:
            if files is not None and row.path:
                files.remove(row.path)
        if rows:
            with access.write() as session:
                forget(session, [row.key for row in rows])
                access.audit(session, "report.expire", ("factory", slug), before={"reports": len(rows)})
