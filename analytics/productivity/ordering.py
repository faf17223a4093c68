"""Events in order of who they speak of and when, repeats removed: one pass for ten million of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analytics.productivity.events import ActivityEvents, deduplicated, ranked
from analytics.timeline.arrays import Codes, Flags, Int32s, Int64s
from analytics.timeline.kernel import Positions, narrow_ranks, time_order
from analytics.vocabulary import Activity

NO_EDGE: Final = np.int64(2**62)
CHUNK: Final = 1 << 17
"""Events that are worked on together."""
LONG: Final = 4
"""So many times a chunk may be exceeded before it is divided further."""


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """Positions of events in order of subject and time, ties in order of weight (the last one holds).

    A subject is a worker or, for events that name none, their station. `slot` is the number of edges at or
    before each event's time.
    """

    rows: Positions
    subject: Codes
    time_us: Int64s
    slot: Int32s

    def only(self, kept: Flags) -> "Ordered":
        """Those where the flag is set."""
        return Ordered(self.rows[kept], self.subject[kept], self.time_us[kept], self.slot[kept])


def ordered(events: ActivityEvents, edges: Int64s) -> tuple[ActivityEvents, Ordered]:
    """The events without repeats, and their order; `edges` ascend, microseconds UTC."""
    found = order_of(events, edges)
    if different(events.key) < len(found.rows):
        events = deduplicated(events)
        found = order_of(events, edges)
    return events, found


def different(key: Int64s) -> int:
    """How many different keys there are.

    Repeats lie side by side once the events are in order; only where fewer keys than events are left, a key
    came again with another time or content, and the repeats must be looked for by key.
    """
    ascending = np.sort(key)
    return len(key) and int(np.count_nonzero(ascending[1:] != ascending[:-1])) + 1


def chunks(events: ActivityEvents, cuts: Int64s) -> Iterator[ActivityEvents]:
    """The events in parts that know nothing of one another, small enough for the processor's cache.

    Nothing reaches over a cut, and events come nearly in order of time: parts between cuts are read nearly
    in order of memory. A part that is still long is divided by subject.
    """
    if len(events) <= CHUNK:
        yield events
        return
    number = np.searchsorted(cuts, events.time_us, "right")
    for part in _parts(events, number.astype(np.int16 if len(cuts) < 2**15 else np.int32)):
        if len(part) > LONG * CHUNK:
            yield from _parts(part, subjects(part))
        else:
            yield part


def _parts(events: ActivityEvents, code: Codes) -> Iterator[ActivityEvents]:
    """The events by ascending code, as many whole codes together as make a chunk."""
    rows = np.argsort(code, kind="stable")
    ends = np.cumsum(np.bincount(code))
    begin = 0
    while begin < len(rows):
        last = max(int(np.searchsorted(ends, begin + CHUNK, "right")) - 1, 0)
        end = int(ends[last])
        if end <= begin:
            end = int(ends[int(np.searchsorted(ends, begin, "right"))])
        yield events.take(rows[begin:end])
        begin = end


def subjects(events: ActivityEvents) -> Codes:
    """16-bit (or 32-bit) codes of whom each event speaks: workers first, then stations that stand alone."""
    worker = events.worker
    alone = worker < 0
    if not alone.any():
        return narrow_ranks(worker.astype(np.int32, copy=False))[0]
    first = int(worker.max(initial=0)) + 2
    return narrow_ranks(np.where(alone, first + events.station, worker).astype(np.int32))[0]


def order_of(events: ActivityEvents, edges: Int64s) -> Ordered:
    """The order of events; those that repeat another one in every word are left out."""
    subject = subjects(events)
    by_time = time_order(events.time_us)
    times = events.time_us if by_time is None else events.time_us[by_time]
    position = np.searchsorted(times, edges)
    runs = np.diff(position, prepend=0, append=len(times))
    slot = np.repeat(np.arange(len(edges) + 1, dtype=np.int32), runs)
    by_subject = np.argsort(subject if by_time is None else subject[by_time], kind="stable")
    rows = by_subject if by_time is None else by_time[by_subject]
    found = Ordered(rows, subject[rows], times[by_subject], slot[by_subject])
    return _without_ties(events, found)


def _without_ties(events: ActivityEvents, found: Ordered) -> Ordered:
    """Put events of one subject and time in order of weight, and leave repeats of one of them out."""
    tie = (found.subject[1:] == found.subject[:-1]) & (found.time_us[1:] == found.time_us[:-1])
    if not tie.any():
        return found
    in_tie = np.zeros(len(found.rows), np.bool_)
    in_tie[1:] |= tie
    in_tie[:-1] |= tie
    places = np.flatnonzero(in_tie)
    group = np.cumsum(~np.concatenate((np.zeros(1, np.bool_), tie)))[places]
    rows = found.rows[places]
    order = _by_weight(events, rows, group)
    rows = rows[order]
    found.rows[places] = rows
    copy = (group[1:] == group[:-1]) & _says_the_same(events.take(rows))
    if not copy.any():
        return found
    kept = np.ones(len(found.rows), np.bool_)
    kept[places[1:][copy]] = False
    return found.only(kept)


def _by_weight(events: ActivityEvents, rows: Positions, group: NDArray[np.intp]) -> Positions:
    """Counts before states, then by confidence, working last; what is the same by key side by side."""
    kind = events.kind[rows]
    order: Positions = np.lexsort(
        (
            events.count[rows],
            events.model[rows],
            events.key[rows],
            -events.station[rows].astype(np.int64),
            -kind,
            ranked(events.confidence[rows]),
            kind != Activity.PRODUCT_COUNT,
            group,
        )
    )
    return order


def _says_the_same(events: ActivityEvents) -> Flags:
    """Whether each event but the first repeats the one before it in every word."""
    same = np.ones(max(len(events) - 1, 0), np.bool_)
    for column in (events.key, events.kind, events.station, events.model, events.count):
        same &= column[1:] == column[:-1]
    confidence = ranked(events.confidence)
    same &= confidence[1:] == confidence[:-1]
    return same
