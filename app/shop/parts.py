"""How many parts jobs have made: what their machines counted while they ran, and what people entered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analytics.oee import NO_PRODUCT
from analytics.timeline.arrays import Floats, Int64s
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.job_counts import places_of
from data.models import to_us
from data.queries.production import production_counts
from data.queries.shop import job_spells


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of a job; rework counts as neither."""

    good: float = 0.0
    scrap: float = 0.0

    @property
    def total(self) -> float:
        """Good and bad together."""
        return self.good + self.scrap


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Counts of jobs, one row each: the job, when (the middle), good and bad parts; in order of time."""

    job: Int64s
    at_us: Int64s
    good: Floats
    scrap: Floats

    def of(self, job_id: int, start_us: int = 0, end_us: int = 2**62) -> Parts:
        """The parts of one job, made in [start_us, end_us)."""
        mine = (self.job == job_id) & (self.at_us >= start_us) & (self.at_us < end_us)
        return Parts(float(self.good[mine].sum()), float(self.scrap[mine].sum()))


def made_between(session: Session, start_us: int, end_us: int) -> Made:
    """The counts that jobs made in [start_us, end_us).

    A count is a job's where its middle lies in a time over which the job ran on the machine, and neither
    names a product that the other does not.
    """
    spells = job_spells(session, start_us, end_us)
    counts = production_counts(session, start_us, end_us) if len(spells) else pd.DataFrame()
    place = places_of(counts, spells)
    rows = np.flatnonzero(place >= 0)
    if not len(rows):
        none = np.empty(0, np.float64)
        return Made(np.empty(0, np.int64), np.empty(0, np.int64), none, none)
    counts, at = counts.iloc[rows], place[rows]
    product, wanted = counts["product"].to_numpy(np.int64), spells["product"].to_numpy(np.int64)[at]
    fits = (product == wanted) | (product == NO_PRODUCT) | (wanted == NO_PRODUCT)
    counts, at = counts[fits], at[fits]
    start = counts["start_us"].to_numpy(np.int64)
    middle = start + (counts["end_us"].to_numpy(np.int64) - start) // 2
    return Made(
        spells["job"].to_numpy(np.int64)[at],
        middle,
        counts["good"].to_numpy(np.float64),
        counts["scrap"].to_numpy(np.float64),
    )


def parts_of(access: Access, jobs: Sequence[tuple[int, int | None, int | None]]) -> Mapping[int, Parts]:
    """The parts of jobs, each given as (id, start, end); one that has not begun has none."""
    access.require(Permission.SEE_PLANT)
    begun = [(number, start, end) for number, start, end in jobs if start is not None]
    if not begun:
        return {}
    now_us = to_us(access.now)
    first = min(start for _, start, _ in begun)
    last = max(now_us if end is None else end for _, _, end in begun)
    with access.read() as session:
        found = made_between(session, first, max(last, first + 1))
    return {number: found.of(number) for number, _, _ in begun}
