"""Reads when production jobs ran, as frames of codes and microseconds."""

import pandas as pd
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from data.models import JobSpell, ProductionJob
from data.queries.arrays import frame
from data.queries.production import NONE, OPEN

SPELL_COLUMNS = {
    "machine": "int64",
    "job": "int64",
    "product": "int64",
    "start_us": "int64",
    "end_us": "int64",
    "cycle_s": "float64",
}


def job_spells(session: Session, start_us: int, end_us: int) -> pd.DataFrame:
    """The times over which jobs ran that touch [start_us, end_us), by machine and start.

    Columns `SPELL_COLUMNS`; `end_us` is OPEN while the job runs, `product` NONE where the job names none,
    `cycle_s` 0 where nobody knows the ideal time of a part.
    """
    spell, job = JobSpell, ProductionJob
    statement = (
        select(
            spell.machine_id,
            job.id,
            func.coalesce(job.product_id, NONE),
            spell.start_us,
            func.coalesce(spell.end_us, OPEN),
            func.coalesce(job.cycle_s, 0.0),
        )
        .join(job, job.id == spell.job_id)
        .where(spell.start_us < end_us, or_(spell.end_us.is_(None), spell.end_us > start_us))
        .order_by(spell.machine_id, spell.start_us)
    )
    return frame(session, statement, SPELL_COLUMNS)
