"""The base cells of a range, computed once per production day and kept until that day changes.

Every figure of every page, of the command line and of the API is a sum of these cells.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.timeline import Windows, taken
from analytics.vocabulary import MICROSECONDS
from app.bootstrap import Access
from app.production.happenings import calendar, cells_of, read
from app.production.plant import Plant, plant
from data.models import from_us, to_us
from data.queries.plant import revisions
from data.queries.stopped import told_machines

MOST_DAYS = 4_000
"""Days of cells that one process keeps, over all factories (about 50 kB a day of twelve machines)."""
MOST_CUT = 64
"""Parts of days that one process keeps: the figures of a page ask for the same part one after the other."""
NOW_STEP_US = 10_000_000
"""Figures of a day that still runs are computed up to a moment that moves in steps of ten seconds."""
DAY_US = 86_400_000_000

Stamp = tuple[int, ...]
Key = tuple[int, ...]
"""The database, the factory, the day; of a part of a day also its start and end."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range in microseconds, cut off at now, and the production days that it touches."""

    start_us: int
    end_us: int
    until_us: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class _Day:
    """A production day of a range: what its cells depend on, and the part that is asked for, if not all."""

    stamp: Stamp
    part: tuple[int, int] | None


class _Kept:
    """Cells per factory and day, the least recently used dropped first."""

    def __init__(self, most: int) -> None:
        self._days: OrderedDict[Key, tuple[Stamp, pd.DataFrame]] = OrderedDict()
        self._most = most
        self.lock = threading.RLock()

    def get(self, key: Key, stamp: Stamp) -> pd.DataFrame | None:
        found = self._days.get(key)
        if found is None or found[0] != stamp:
            return None
        self._days.move_to_end(key)
        return found[1]

    def put(self, key: Key, stamp: Stamp, cells: pd.DataFrame) -> None:
        self._days[key] = (stamp, cells)
        self._days.move_to_end(key)
        while len(self._days) > self._most:
            self._days.popitem(last=False)


_kept, _cut = _Kept(MOST_DAYS), _Kept(MOST_CUT)


def span(access: Access, start_us: int, end_us: int) -> Span:
    """The range as production days; the end is cut off at now."""
    until = to_us(access.now) // NOW_STEP_US * NOW_STEP_US
    end_us = min(end_us, until)
    last = production_day(access, max(end_us - 1, start_us))
    return Span(start_us, end_us, until, _first_day(access, start_us), last)


def _first_day(access: Access, start_us: int) -> date:
    """The day before, where one of its shifts goes on after the start of the production day."""
    day = production_day(access, start_us)
    before = day - timedelta(days=1)
    known = plant(access)
    if not known.rows.shifts:
        return day
    return before if int(calendar(access, known, before, before).end_us[-1]) > start_us else day


def production_day(access: Access, moment_us: int) -> date:
    """The production day that a moment belongs to, by the clock of the factory."""
    local = from_us(moment_us).astimezone(access.factory.zone)
    before = local.hour * 60 + local.minute < access.factory.day_start_min
    return local.date() - timedelta(days=1) if before else local.date()


def cells(access: Access, start_us: int, end_us: int) -> pd.DataFrame:
    """The cells of all active machines in [start_us, end_us), see `analytics.oee.elements`.

    Whole production days come from the kept ones; of days that the range cuts the part is computed, and kept
    for the next question.
    """
    known = plant(access)
    chosen = span(access, start_us, end_us)
    if chosen.end_us <= chosen.start_us or not known.active:
        return _empty()
    with _kept.lock:
        days = _days(access, known, chosen)
    parts = [frame for frame in days if len(frame)]
    return pd.concat(parts, ignore_index=True) if parts else _empty()


def _empty() -> pd.DataFrame:
    from analytics.oee import SUMMED_COLUMNS

    columns = ["machine", "window", "product", "day", "shift", "start_us", "end_us", *SUMMED_COLUMNS]
    return pd.DataFrame({name: pd.Series(dtype="int64") for name in columns})


def _days(access: Access, known: Plant, chosen: Span) -> list[pd.DataFrame]:
    windows = calendar(access, known, chosen.first, chosen.last)
    asked = _asked(access, known, windows, chosen)
    owner = (access.gemba.database.number, access.factory.id)
    found: dict[int, pd.DataFrame] = {}
    missing: list[int] = []
    for day, one in asked.items():
        kept = _store(one).get((*owner, day, *(one.part or ())), one.stamp)
        if kept is None:
            missing.append(day)
        else:
            found[day] = kept
    for first, last in _runs(missing):
        mine = np.flatnonzero((windows.day >= first) & (windows.day <= last))
        part = taken(windows, mine, windows.start_us[mine], windows.end_us[mine])
        part = _clipped(part, asked)
        if not len(part) or int(part.start_us[0]) >= chosen.until_us:
            continue
        computed = _compute(access, known, part, chosen.until_us)
        for number in np.unique(computed["day"].to_numpy()).tolist():
            frame = computed[computed["day"] == number]
            found[number] = frame
            one = asked[number]
            _store(one).put((*owner, number, *(one.part or ())), one.stamp, frame)
    return [found[day] for day in sorted(found)]


def _store(one: _Day) -> _Kept:
    return _kept if one.part is None else _cut


def _asked(access: Access, known: Plant, windows: Windows, chosen: Span) -> dict[int, _Day]:
    """What each day's cells depend on, and the part of it that the range holds.

    A stop in which a day ended is a minor one until it has lasted long enough: so long the day is not over.
    Without a calendar every day hangs on which machines ever told a state.
    """
    minor_us = access.factory.minor_stop_s * MICROSECONDS
    first, last = int(windows.start_us[0]) // DAY_US, int(windows.end_us[-1]) // DAY_US
    with access.read() as session:
        changed = revisions(session, first, last)
        told = () if known.rows.shifts else told_machines(session)
    asked: dict[int, _Day] = {}
    for day in np.unique(windows.day).tolist():
        mine = windows.day == day
        begin, end = int(windows.start_us[mine][0]), int(windows.end_us[mine][-1])
        whole = begin >= chosen.start_us and (end <= chosen.end_us or chosen.end_us >= chosen.until_us)
        until = chosen.until_us if end + minor_us > chosen.until_us else 0
        touched = range(begin // DAY_US, end // DAY_US + 1)
        stamp = (known.revision, until, *told, *(changed.get(utc, 0) for utc in touched))
        part = None if whole else (max(begin, chosen.start_us), min(end, chosen.end_us))
        asked[day] = _Day(stamp, part)
    return asked


def _runs(days: list[int]) -> list[tuple[int, int]]:
    """Consecutive days as (first, last), so that a cold range is one read."""
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and day == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _clipped(windows: Windows, asked: dict[int, _Day]) -> Windows:
    """Cut the windows of days that the range does not hold whole; leave whole days as they are."""
    whole = (0, np.iinfo(np.int64).max)
    parts = np.array([asked[day].part or whole for day in windows.day.tolist()], dtype=np.int64)
    start = np.maximum(windows.start_us, parts[:, 0])
    end = np.minimum(windows.end_us, parts[:, 1])
    keep = np.flatnonzero(end > start)
    return taken(windows, keep, start[keep], end[keep])


def _compute(access: Access, known: Plant, windows: Windows, until_us: int) -> pd.DataFrame:
    happened = read(access, known, windows, until_us)
    return cells_of(known, happened, [machine.id for machine in known.active])
