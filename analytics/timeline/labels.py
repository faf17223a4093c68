"""What people said about stops, laid over what the machines reported."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Flags, Int32s, Int64s, codes, int64s, same_length
from analytics.timeline.axis import Axis
from analytics.timeline.intervals import OPEN
from analytics.timeline.segments import Segments
from analytics.vocabulary import State

NO_LABEL = -1


@dataclass(frozen=True, slots=True, eq=False)
class _Labels:
    """Judgements on the axis, ascending: where they start and end, the reason, the row they came from."""

    start: Int64s
    end: Int64s
    reason: Int32s
    row: Int64s

    def at(self, key: Int64s) -> Int64s:
        """Which label holds each key, NO_LABEL where none does."""
        place = np.searchsorted(self.start, key, "right") - 1
        held = (place >= 0) & (key < np.append(self.end, 0)[place])
        return np.where(held, place, NO_LABEL)


def labelled(segments: Segments, labels: pd.DataFrame) -> tuple[Segments, Int64s]:
    """Which reason has each stop, after people have judged it?

    `labels` has one row per judgement: machine (code), start_us, end_us (half-open microseconds UTC), reason
    (id); labels of one machine do not overlap; an end of OPEN (-1) means: until the machine runs again. A
    label gives its reason to the stops under it: a stop that it covers in part is cut there (a split), stops
    that follow one another without a gap under one label become one, with the state of the first (a merge).
    Time in which the machine ran or nothing is known keeps what it is. `stop_us` is the longer of the whole
    stop that a piece was cut from and all stop time under its label, so that judging a stop in parts makes
    none of them minor.

    Returns the segments, and for each the row of its label in `labels`, -1 for none. Errors: InvalidInput
    where a label does not end after it starts, or two overlap.
    """
    none = np.full(len(segments), NO_LABEL, np.int64)
    if not len(labels) or not len(segments):
        return segments, none
    edges = (segments.start_us.min(), segments.end_us.max())
    axis = Axis.over(segments.machine, int(edges[0]), int(edges[1]))
    rank = axis.rank(segments.machine)
    low, high = axis.key(rank, segments.start_us), axis.key(rank, segments.end_us)
    stopped = (segments.state != State.RUNNING) & (segments.state != State.UNKNOWN)
    told = _on_axis(axis, labels, _stretches(low[stopped], high[stopped]))
    if not len(told.row):
        return segments, none
    at, start, end = _cut(low, high, stopped, np.unique(np.concatenate([told.start, told.end])))
    label = np.where(stopped[at], told.at(start), NO_LABEL)
    return _joined(axis, segments, (at, start, end), label, told)


def _stretches(low: Int64s, high: Int64s) -> tuple[Int64s, Int64s]:
    """Stops that follow one another without a gap as one stretch: where each starts and ends."""
    new = np.append(True, low[1:] != high[:-1])[: len(low)]
    return low[new], high[np.append(new[1:], True)[: len(high)]]


def _on_axis(axis: Axis, labels: pd.DataFrame, stretches: tuple[Int64s, Int64s]) -> _Labels:
    machine = codes(labels["machine"].to_numpy(), "machine")
    start, end = (int64s(labels[name].to_numpy(), name) for name in ("start_us", "end_us"))
    reason = labels["reason"].to_numpy(np.int32)
    same_length(machine=machine, start_us=start, end_us=end, reason=reason)
    is_open = end == OPEN
    if (end[~is_open] <= start[~is_open]).any():
        raise InvalidInput.at("end_us", "A label ends after it starts.")
    rank = axis.rank(machine)
    low, high = axis.key(rank, start), axis.key(rank, end)
    place = np.searchsorted(stretches[0], low, "right") - 1
    until = np.append(stretches[1], 0)[place]
    high = np.where(is_open, np.where((place >= 0) & (until > low), until, low), high)
    kept = np.flatnonzero((rank >= 0) & (low < high))
    kept = kept[np.argsort(low[kept], kind="stable")]
    low, high = low[kept], high[kept]
    if (low[1:] < high[:-1]).any():
        raise InvalidInput.at("start_us", "Two labels of one machine overlap.")
    return _Labels(low, high, reason[kept], kept)


def _cut(low: Int64s, high: Int64s, stopped: Flags, edges: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """The stops cut at the edges inside them: the segment, start and end of each piece, ascending."""
    row = np.searchsorted(low, edges, "right") - 1
    inside = (row >= 0) & stopped[row] & (edges > low[row]) & (edges < high[row])
    start = np.concatenate([low, edges[inside]])
    at = np.concatenate([np.arange(len(low), dtype=np.int64), row[inside]])
    order = np.argsort(start, kind="stable")
    at, start = at[order], start[order]
    following = np.append(start[1:], high[-1:])
    return at, start, np.minimum(high[at], following)


def _joined(
    axis: Axis, segments: Segments, cut: tuple[Int64s, Int64s, Int64s], label: Int64s, told: _Labels
) -> tuple[Segments, Int64s]:
    """Pieces that touch under one label as one; each as long as the stop that it belongs to."""
    at, start, end = cut
    under = label != NO_LABEL
    length = segments.stop_us[at].copy()
    covered = np.zeros(len(told.row), np.int64)
    np.add.at(covered, label[under], (end - start)[under])
    length[under] = np.maximum(length[under], covered[label[under]])
    new = np.ones(len(at), np.bool_)
    new[1:] = ~(under[1:] & (label[1:] == label[:-1]) & (start[1:] == end[:-1]))
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(at)) - 1
    of = label[first]
    named = of != NO_LABEL
    reason = np.where(named, told.reason[of], segments.reason[at[first]]).astype(np.int32)
    joined = Segments(
        segments.machine[at[first]], axis.time(start[first]), _end(axis, start[first], end[last]),
        segments.state[at[first]], reason, np.maximum.reduceat(length, first),
    )  # fmt: skip
    return joined, np.where(named, told.row[of], NO_LABEL)


def _end(axis: Axis, start: Int64s, end: Int64s) -> Int64s:
    """The time of the end of pieces, which may be the end of the axis."""
    return axis.time(start) + (end - start)
