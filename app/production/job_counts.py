"""The parts of production jobs: which job a count belongs to, and what that means for the figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from analytics.oee import NO_PRODUCT
from analytics.timeline.arrays import Int64s
from data.queries.production import OPEN

FOREVER_US: Final = 2**62
NO_JOB: Final = -1


@dataclass(frozen=True, slots=True)
class JobCycles:
    """The ideal cycles of jobs by (machine, code), and the product that stands behind each code."""

    cycle_s: Mapping[tuple[int, int], float] = field(default_factory=dict)
    product: Mapping[int, int] = field(default_factory=dict)


def code_of(job_id: int) -> int:
    """The number under which a job's parts stand where products have theirs; below `NO_PRODUCT`."""
    return -2 - job_id


def places_of(counts: pd.DataFrame, spells: pd.DataFrame) -> Int64s:
    """For each count the row of the spell in which its middle lies, on its machine; -1 where no job ran.

    `spells` is sorted by machine and start and does not overlap, see `data.queries.shop.job_spells`.
    """
    if not len(spells) or not len(counts):
        return np.full(len(counts), NO_JOB, np.int64)
    start = counts["start_us"].to_numpy(np.int64)
    middle = start + (counts["end_us"].to_numpy(np.int64) - start) // 2
    machine = counts["machine"].to_numpy(np.int64)
    found = np.full(len(counts), NO_JOB, np.int64)
    own = spells["machine"].to_numpy(np.int64)
    begin = spells["start_us"].to_numpy(np.int64)
    end = spells["end_us"].to_numpy(np.int64)
    end = np.where(end == OPEN, FOREVER_US, end)
    for one in np.unique(own).tolist():
        first, last = np.searchsorted(own, [one, one + 1])
        rows = np.flatnonzero(machine == one)
        place = first - 1 + np.searchsorted(begin[first:last], middle[rows], "right")
        inside = (place >= first) & (middle[rows] < end[place])
        found[rows[inside]] = place[inside]
    return found


def with_jobs(counts: pd.DataFrame, spells: pd.DataFrame) -> tuple[pd.DataFrame, JobCycles]:
    """The counts with the code of the job that made them, and the ideal cycles of these jobs.

    A count is a job's where it names the job's product or none, and the job's ideal cycle is known; all
    others keep their product.
    """
    place = places_of(counts, spells)
    if not (place >= 0).any():
        return counts, JobCycles()
    product = counts["product"].to_numpy(np.int64)
    job, wanted = (np.append(spells[name].to_numpy(np.int64), NO_JOB)[place] for name in ("job", "product"))
    cycle = np.append(spells["cycle_s"].to_numpy(np.float64), 0.0)[place]
    mine = (place >= 0) & (cycle > 0) & ((product == NO_PRODUCT) | (product == wanted))
    codes = np.where(mine, -2 - job, product)
    rows = spells.iloc[np.unique(place[mine])]
    told = list(zip(rows["machine"], rows["job"], rows["product"], rows["cycle_s"], strict=True))
    cycles = {(int(machine), code_of(int(number))): float(seconds) for machine, number, _, seconds in told}
    return counts.assign(product=codes), JobCycles(
        cycles, {code_of(int(number)): int(behind) for _, number, behind, _ in told}
    )


def with_products(cells: pd.DataFrame, jobs: JobCycles) -> pd.DataFrame:
    """Cells with the products of jobs in place of their codes; cells that become alike are summed."""
    if not jobs.product:
        return cells
    product = [jobs.product.get(code, code) for code in cells["product"].tolist()]
    keys = ["machine", "window", "product", "day", "shift", "start_us", "end_us"]
    named = cells.assign(product=np.array(product, np.int64))
    return named.groupby(keys, as_index=False, sort=True)[
        [name for name in cells.columns if name not in keys]
    ].sum()
