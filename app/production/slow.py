"""Slow cycles: the hours in which a machine ran, but made fewer parts than its ideal cycle allows."""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from analytics.oee import rollup, waterfall
from analytics.timeline import Windows
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.cells import span
from app.production.figures import Question, asked_windows, chosen_machines, named
from app.production.happenings import calendar, cells_of, read
from app.production.plant import plant

HOUR_US: Final = 3_600_000_000
LEAST_RUN_US: Final = 10 * 60_000_000
"""Of less than ten minutes in an hour nothing is said: a count may stand for more time than that."""
SLOW: Final = 0.9
COLUMNS: Final = ["machine", "start_us", "run_us", "lost_us", "parts", "performance"]


def slow_hours(access: Access, question: Question, slow: float = SLOW) -> pd.DataFrame:
    """In which hours of the clock did machines run below `slow` times their ideal speed, from their counts?

    Columns: machine (key), start_us, run_us (producing and minor stops), lost_us (run time beyond the ideal
    time of the parts and the minor stops), parts, performance (ideal time of the parts over run time less
    minor stops). The most lost time first. Hours without parts, with under ten minutes of running, with parts
    that lack an ideal cycle, and the time of shift records are left out. A count stands evenly over its
    interval.
    """
    access.require(Permission.SEE_PLANT)
    known = plant(access)
    chosen = span(access, question.start_us, question.end_us)
    found = read(access, known, calendar(access, known, chosen.first, chosen.last), chosen.until_us)
    machines = np.array(sorted(chosen_machines(known, question)), np.int64)
    windows = asked_windows(found, chosen, question, machines)
    hourly = {machine: by_hour(mine) for machine, mine in windows.items()}
    cells = named(known, cells_of(known, replace(found, windows=hourly), machines.tolist()))
    if question.products:
        cells = cells[cells["product"].isin(question.products)]
    cells = cells.assign(start_us=cells["start_us"] // HOUR_US * HOUR_US)
    if not len(cells):
        return pd.DataFrame(columns=COLUMNS)
    sums = rollup(cells, ["machine", "start_us"])
    flow = waterfall(sums)
    table = sums[["machine", "start_us"]].copy()
    table["run_us"] = sums["producing_us"] + sums["minor_stop_us"]
    table["lost_us"] = flow["speed_us"]
    table["parts"] = sums["total"]
    table["performance"] = sums["ideal_us"] / (table["run_us"] - flow["minor_stop_us"]).clip(lower=1)
    kept = (table["run_us"] >= LEAST_RUN_US) & (table["parts"] > 0) & (sums["total_without_ideal"] == 0)
    table = table[kept & (table["performance"] < slow)]
    return table.sort_values("lost_us", ascending=False, kind="stable", ignore_index=True)


def by_hour(windows: Windows) -> Windows:
    """The same windows, cut at each full hour UTC."""
    if not len(windows):
        return windows
    first = int(windows.start_us[0]) // HOUR_US * HOUR_US
    marks = np.arange(first, int(windows.end_us[-1]) + HOUR_US, HOUR_US, dtype=np.int64)
    start = np.unique(np.concatenate((windows.start_us, marks)))
    row = np.searchsorted(windows.start_us, start, "right") - 1
    kept = (row >= 0) & (start < windows.end_us[row])
    start, row = start[kept], row[kept]
    following = (start // HOUR_US + 1) * HOUR_US
    return replace(
        windows,
        start_us=start,
        end_us=np.minimum(following, windows.end_us[row]),
        day=windows.day[row],
        shift=windows.shift[row],
        scheduled=windows.scheduled[row],
    )
