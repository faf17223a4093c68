"""Reported intervals that may overlap become one line of segments per machine."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Codes, Int8s, Int32s, Int64s, codes, int64s, same_length
from analytics.timeline.axis import Axis
from analytics.timeline.events import Events, checked_reasons, checked_states
from analytics.timeline.segments import Segments
from analytics.vocabulary import State

OPEN: Final = -1
"""The `end_us` of an interval that still runs."""

_LAYERS: Final = 3
_RUNNING_LAYER: Final = 1
_UNKNOWN_LAYER: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Time that was reported more than once.

    `machine`, `start_us`, `end_us` list the parts of stops that an earlier stop of the machine covers
    already. `per_machine` has one row per machine: stop_over_stop_us (the sum of that list, a reporting
    error to warn about) and over_running_us (a stop inside a running interval, or running reported twice),
    and overlap_us, both.
    """

    machine: Codes
    start_us: Int64s
    end_us: Int64s
    per_machine: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class _Reports:
    """Checked intervals in order of machine, start and input, as keys of one axis."""

    rank: Int64s
    start: Int64s
    end: Int64s
    state: Int8s
    reason: Int32s
    length: Int64s


def from_intervals(
    machine: object,
    start_us: object,
    end_us: object,
    state: object,
    reason: object | None = None,
    *,
    until_us: int,
) -> tuple[Segments, Overlaps]:
    """What was each machine doing, given reported intervals [start, end) that may overlap?

    Parameters: equally long columns in any order; an end of OPEN (-1) means that it still runs, which
    counts up to `until_us` (now); nothing counts beyond now. Rules where reports overlap: a stop wins over
    running (a stop reported inside a running interval cuts it); among stops the one that started first
    keeps its time, at equal starts the earlier row; running intervals unite; an unknown state yields to
    everything. Touching pieces of one machine with the same state and reason are one stop. Time that nobody
    reported stays uncovered. `stop_us` is the reported length of the stop, also where another stop took a
    part of it. Errors: InvalidInput for an end before its start, an unknown state, columns of unequal
    length.

    >>> line, twice = from_intervals([1, 1], [0, 40], [60, 100], [5, 5], [8, 9], until_us=100)
    >>> line.end_us.tolist(), twice.per_machine.stop_over_stop_us.tolist()
    ([60, 100], [20])
    """
    machines, states = codes(machine, "machine"), checked_states(state)
    starts, ends = int64s(start_us, "start_us"), int64s(end_us, "end_us")
    reasons = checked_reasons(reason, len(machines))
    same_length(machine=machines, start_us=starts, end_us=ends, state=states, reason=reasons)
    still_open = ends == OPEN
    ends = np.where(still_open, np.maximum(until_us, starts), ends)
    if (ends < starts).any():
        row = int(np.flatnonzero(ends < starts)[0])
        raise InvalidInput.at("end_us", f"The interval in row {row} ends before it starts.")
    if not len(machines):
        return _no_segments(machines), Overlaps(
            machines, starts, ends, _per_machine(machines, starts, starts)
        )
    axis = Axis.over(machines, int(starts.min()), max(until_us, int(starts.min())))
    reports = _sorted_reports(axis, Events(machines, starts, states, reasons), ends)
    layer = np.where(reports.state == State.RUNNING, _RUNNING_LAYER, 0)
    layer[reports.state == State.UNKNOWN] = _UNKNOWN_LAYER
    kept, covered = _first_keeps(reports, layer)
    segments = _layered(axis, reports, kept, layer)
    twice = np.flatnonzero((layer == 0) & (covered > reports.start))
    overlap = np.bincount(reports.rank[twice], (covered - reports.start)[twice], len(axis.machines))
    union = np.bincount(axis.rank(segments.machine), segments.end_us - segments.start_us, len(axis.machines))
    told = np.bincount(reports.rank, reports.end - reports.start, len(axis.machines))
    table = _per_machine(axis.machines, overlap.astype(np.int64), (told - union).astype(np.int64))
    doubled = Overlaps(
        axis.machines[reports.rank[twice]],
        axis.time(reports.start[twice]),
        axis.time(covered[twice]),
        table,
    )
    return segments, doubled


def _no_segments(machines: Codes) -> Segments:
    none = np.empty(0, np.int64)
    return Segments(machines, none, none, none.astype(np.int8), none.astype(np.int32), none)


def _per_machine(machines: Codes, stop_over_stop: Int64s, total: Int64s) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "machine": machines,
            "stop_over_stop_us": stop_over_stop,
            "over_running_us": total - stop_over_stop,
            "overlap_us": total,
        }
    )


def _sorted_reports(axis: Axis, begun: Events, ends: Int64s) -> _Reports:
    """The non-empty part of each report before now, in order of machine, start and input row."""
    rank = axis.rank(begun.machine)
    start, end = axis.key(rank, begun.time_us), axis.key(rank, ends)
    length = ends - begun.time_us
    order = np.argsort(start, kind="stable")
    order = order[start[order] < end[order]]
    begun = begun.take(order)
    return _Reports(rank[order], start[order], end[order], begun.state, begun.reasons(), length[order])


def _first_keeps(reports: _Reports, layer: Int64s) -> tuple[Int64s, Int64s]:
    """Where the own time of each report begins, and where its part that earlier ones cover ends."""
    kept, covered = reports.start.copy(), reports.start.copy()
    for number in range(_LAYERS):
        rows = np.flatnonzero(layer == number)
        if len(rows):
            reach = np.maximum.accumulate(reports.end[rows])
            before = np.concatenate((reports.start[rows[:1]], reach[:-1]))
            kept[rows] = np.maximum(reports.start[rows], before)
            covered[rows] = np.minimum(kept[rows], reports.end[rows])
    return kept, covered


def _layered(axis: Axis, reports: _Reports, kept: Int64s, layer: Int64s) -> Segments:
    """Lay the layers over one another, the highest rank first, and join touching pieces of the same kind."""
    own = kept < reports.end
    edges = np.unique(np.concatenate((kept[own], reports.end[own])))
    low, high = edges[:-1], edges[1:]
    owner = np.full(len(low), -1, np.int64)
    for number in range(_LAYERS):
        rows = np.flatnonzero(own & (layer == number))
        if len(rows):
            at = np.searchsorted(kept[rows], low, "right") - 1
            holder = rows[np.maximum(at, 0)]
            free = (owner < 0) & (at >= 0) & (reports.end[holder] > low)
            owner[free] = holder[free]
    low, high, owner = low[owner >= 0], high[owner >= 0], owner[owner >= 0]
    return _joined(axis, reports, low, high, owner)


def _joined(axis: Axis, reports: _Reports, low: Int64s, high: Int64s, owner: Int64s) -> Segments:
    """Segments from ascending pieces, each owned by one report; a joined stop is as long as its reports
    reach.
    """
    rank, state, reason = reports.rank[owner], reports.state[owner], reports.reason[owner]
    new = np.ones(len(low), np.bool_)
    same = (rank[1:] == rank[:-1]) & (state[1:] == state[:-1]) & (reason[1:] == reason[:-1])
    new[1:] = ~(same & (low[1:] == high[:-1]))
    first = np.flatnonzero(new)
    told_start = reports.start[owner]
    told_end = told_start + reports.length[owner]
    stop = np.maximum.reduceat(told_end, first) - np.minimum.reduceat(told_start, first)
    last = np.append(first[1:], len(low))[: len(first)] - 1
    machine = axis.machines[rank[first]]
    return Segments(machine, axis.time(low[first]), axis.time(high[last]), state[first], reason[first], stop)
