"""Forgetting jobs that ended long ago, with the results that they left."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select

from app.auth.sessions import service
from app.bootstrap import Gemba
from app.jobs.running.claims import ENDED, QUIETLY
from app.jobs.running.endings import RESULTS
from data.models import Job, to_us

SWEPT: Final = 5_000


def sweep(gemba: Gemba, slugs: Sequence[str]) -> None:
    """Forget jobs that ended more than the kept days ago. What scans found stays."""
    before_us = to_us(gemba.clock() - timedelta(days=gemba.settings.jobs_keep_days))
    for slug in slugs:
        principal = service(gemba.database, slug, "jobs")
        if principal is None or gemba.closing.is_set():
            continue
        with gemba.database.write(principal.factory.id) as session:
            old = select(Job.id).where(Job.state.in_(ENDED), Job.finished_us < before_us).limit(SWEPT)
            ids = list(session.scalars(old))
            session.execute(delete(Job).where(Job.id.in_(ids)), execution_options=QUIETLY)
        gemba.documents.expire(slug, RESULTS, before_us)
