"""The time of each activity and the units, by worker, station and hour: what all figures are sums of."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import InvalidInput
from analytics.productivity.events import ActivityEvents, Ints, deduplicated
from analytics.productivity.ordering import chunks, different, order_of
from analytics.productivity.spells import Lasting, before, lasting
from analytics.timeline.arrays import Floats, Int64s
from analytics.vocabulary import Activity

TIMES: Final = ("active_us", "idle_us", "absent_us")
SUMMED: Final = (*TIMES, "units", "events")
DENSE: Final = 1 << 24
"""As many cells as this are summed in one array; more are sorted first."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The slots of a range: `edges_us` ascend (hours and cuts), `cuts_us` are those at which states end."""

    edges_us: Int64s
    cuts_us: Int64s

    @property
    def cut_of(self) -> Int64s:
        """The number of cuts at or before each slot; slot 0 lies before the first edge."""
        counted = np.searchsorted(self.cuts_us, self.edges_us, "right")
        return np.concatenate((np.zeros(1, np.int64), counted))


def grid(edges_us: object, cuts_us: object = ()) -> Grid:
    """Slots between edges, microseconds UTC; a cut that is no edge becomes one.

    Errors: InvalidInput for fewer than two edges.
    """
    cuts = np.unique(np.asarray(cuts_us, np.int64))
    edges = np.unique(np.asarray(edges_us, np.int64))
    if len(edges) < 2:
        raise InvalidInput.at("edges_us", "A range needs a start and an end.")
    inside = cuts[(cuts > edges[0]) & (cuts < edges[-1])]
    return Grid(np.union1d(edges, inside), cuts[(cuts >= edges[0]) & (cuts <= edges[-1])])


def hour_figures(
    events: ActivityEvents,
    slots: Grid,
    *,
    cap_us: int,
    until_us: int,
    least_confidence: float = 0.0,
) -> pd.DataFrame:
    """How long was each worker active, idle and absent at each station in each hour, and what came of it?

    Parameters: as of `spells`, with the hours (or any slots) and the cuts in `slots`. Events from before the
    first edge count for the time that they reach into it; give them too. Returns one row per worker, station
    and slot in which there was time or an event, in that order: worker, station (codes, -1 for none), slot
    (position among the edges), start_us, end_us, active_us, idle_us, absent_us, units (of the
    PRODUCT_COUNTs, at the time and place of the count) and events. Time stands at the station of the event
    that named the state. Exact: the microseconds of a cell are a sum of integers.

    >>> from analytics.productivity.events import activity_events
    >>> seen = activity_events([0, 40, 60], [0, 3, 1], [7, 7, 7], [1, 1, 1], count=[0, 5, 0])
    >>> found = hour_figures(seen, grid([0, 50, 100]), cap_us=100, until_us=90)
    >>> found[["active_us", "idle_us", "units"]].to_numpy().tolist()
    [[50.0, 0.0, 5.0], [10.0, 30.0, 0.0]]
    """
    until_us = min(until_us, int(slots.edges_us[-1]))
    used = before(events, until_us)
    limits = _Limits(cap_us, until_us, least_confidence)
    cells, kept = _all_cells(used, slots, limits)
    if kept > different(used.key):
        cells, _ = _all_cells(deduplicated(used), slots, limits)
    return _framed(cells, slots.edges_us)


@dataclass(frozen=True, slots=True)
class _Limits:
    cap_us: int
    until_us: int
    least_confidence: float


def _all_cells(events: ActivityEvents, slots: Grid, limits: _Limits) -> tuple["_Cells", int]:
    """The parts of all cells, and how many events are left without those that repeat in every word."""
    cells = _Cells(_present(events.worker), _present(events.station), len(slots.edges_us) - 1, [], [])
    cut_of, kept = slots.cut_of, 0
    for part in chunks(events, slots.cuts_us):
        order = order_of(part, slots.edges_us)
        kept += len(order.rows)
        found = lasting(
            part,
            order,
            slots.edges_us,
            cut_of,
            cap_us=limits.cap_us,
            until_us=limits.until_us,
            least_confidence=limits.least_confidence,
        )
        _add_time(cells, found, slots.edges_us)
        _add_counts(cells, found)
    return cells, kept


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Cells (worker, station, slot) as one number, and the parts of their sums, part by part."""

    workers: Int64s
    stations: Int64s
    slots: int
    keys: list[Int64s]
    parts: list[NDArray[np.float64]]

    def key(self, worker: Ints, station: Ints, slot: Ints) -> Int64s:
        key = _rank(self.workers, worker)
        key *= len(self.stations)
        key += _rank(self.stations, station)
        key *= self.slots
        key += slot
        return key

    def add(self, key: Int64s, columns: Floats) -> None:
        self.keys.append(key)
        self.parts.append(columns)


def _present(codes: Ints) -> Int64s:
    """The codes that occur, ascending."""
    if not len(codes):
        return np.empty(0, np.int64)
    low, high = int(codes.min()), int(codes.max())
    if high - low > 2 * len(codes) + 1_000:
        return np.unique(codes).astype(np.int64)
    seen = np.zeros(high - low + 1, np.bool_)
    seen[codes - low] = True
    return np.flatnonzero(seen) + low


def _rank(present: Int64s, codes: Ints) -> Int64s:
    if len(present) and int(present[-1]) - int(present[0]) + 1 == len(present):
        near: Int64s = codes.astype(np.int64) - present[0]
        return near
    return np.asarray(np.searchsorted(present, codes), np.int64)


def _add_time(cells: _Cells, found: Lasting, edges: Int64s) -> None:
    """Add the time of each event: whole where it ends in the slot in which it begins, else split."""
    order, kind = found.order, found.kind
    state = kind[found.source]
    source = order.rows[found.source]
    length = found.end_us - order.time_us
    length[state == Activity.PRODUCT_COUNT] = 0
    ends = np.append(edges, np.iinfo(np.int64).max)[order.slot]
    crossing = np.flatnonzero((found.end_us > ends) & (length > 0))
    outside = (order.slot == 0) | (order.slot == len(edges))
    spilled = _split(order.time_us[crossing], found.end_us[crossing], order.slot[crossing], edges)
    length[crossing] = 0
    length[outside] = 0
    slot = np.clip(order.slot - 1, 0, cells.slots - 1)
    key = cells.key(found.events.worker[source], found.events.station[source], slot)
    _add_runs(cells, key, state, length)
    row, place, held = spilled
    at = source[crossing][row]
    key = cells.key(found.events.worker[at], found.events.station[at], place)
    _add_runs(cells, key, state[crossing][row], held)


def _split(
    start: Int64s, end: Int64s, first: NDArray[np.int32], edges: Int64s
) -> tuple[NDArray[np.intp], Int64s, Int64s]:
    """Pieces of spells that cross edges: the spell's row, the slot between edges, the length."""
    last = np.searchsorted(edges, end, "left")
    pieces = last - first + 1
    row = np.repeat(np.arange(len(start)), pieces)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + first[row]
    bounds = np.concatenate(([np.iinfo(np.int64).min], edges, [np.iinfo(np.int64).max]))
    held = np.minimum(end[row], bounds[slot + 1]) - np.maximum(start[row], bounds[slot])
    inside = (slot > 0) & (slot < len(edges))
    return row[inside], slot[inside] - 1, held[inside]


def _add_runs(cells: _Cells, key: Int64s, state: NDArray[np.int8], length: Int64s) -> None:
    """Sum runs of equal cells: events come in order of subject and time, so that a run is long."""
    if not len(key):
        return
    first = np.flatnonzero(np.concatenate((np.ones(1, np.bool_), key[1:] != key[:-1])))
    columns = np.zeros((len(first), 5))
    for column, kind in enumerate((Activity.WORKING, Activity.IDLE, Activity.ABSENT)):
        columns[:, column] = np.add.reduceat(length * (state == kind), first)
    cells.add(key[first], columns)


def _add_counts(cells: _Cells, found: Lasting) -> None:
    """Add units and the number of events at the station that each event itself names."""
    order = found.order
    inside = (order.slot > 0) & (order.slot <= cells.slots)
    rows = order.rows if inside.all() else order.rows[inside]
    slot = order.slot if inside.all() else order.slot[inside]
    if not len(rows):
        return
    key = cells.key(found.events.worker[rows], found.events.station[rows], slot - 1)
    first = np.flatnonzero(np.concatenate((np.ones(1, np.bool_), key[1:] != key[:-1])))
    columns = np.zeros((len(first), 5))
    units = found.events.count[rows] * (found.events.kind[rows] == Activity.PRODUCT_COUNT)
    columns[:, 3] = np.add.reduceat(units.astype(np.float64), first)
    columns[:, 4] = np.diff(first, append=len(key))
    cells.add(key[first], columns)


def _framed(cells: _Cells, edges: Int64s) -> pd.DataFrame:
    """One row per cell that holds anything, in order of worker, station and slot."""
    key, sums = _summed(cells)
    held = sums.any(axis=1)
    key, sums = key[held], sums[held]
    slot = key % cells.slots
    pair = key // cells.slots
    frame = {
        "worker": cells.workers[pair // max(len(cells.stations), 1)] if len(key) else key,
        "station": cells.stations[pair % max(len(cells.stations), 1)] if len(key) else key,
        "slot": slot,
        "start_us": edges[slot],
        "end_us": edges[slot + 1],
    }
    table = pd.DataFrame(frame)
    for column, name in enumerate(SUMMED):
        values = sums[:, column]
        table[name] = values if name == "units" else values.astype(np.int64)
    return table


def _summed(cells: _Cells) -> tuple[Int64s, Floats]:
    if not cells.keys:
        return np.empty(0, np.int64), np.zeros((0, 5))
    key, parts = np.concatenate(cells.keys), np.concatenate(cells.parts)
    size = len(cells.workers) * len(cells.stations) * cells.slots
    if size <= DENSE:
        found = np.flatnonzero(np.bincount(key, minlength=size))
        columns = [np.bincount(key, parts[:, column], size)[found] for column in range(5)]
    else:
        found, place = np.unique(key, return_inverse=True)
        columns = [np.bincount(place, parts[:, column], len(found)) for column in range(5)]
    return found, np.stack(columns, axis=1).astype(np.float64, copy=False)
