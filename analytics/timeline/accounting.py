"""The fast path: from raw state-change events to the time of each class, in chunks that fit the cache."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Codes, Int8s, Int64s
from analytics.timeline.axis import Axis
from analytics.timeline.classes import classify
from analytics.timeline.events import Events, checked_events
from analytics.timeline.kernel import CLASSES, merged_changes, narrow_ranks, tally, time_order
from analytics.timeline.segments import Segments
from analytics.timeline.slots import ruled, shared_slots
from analytics.timeline.windows import Windows
from analytics.vocabulary import ReasonCategory, TimeClass

CHUNK: Final = 1 << 17
"""Events per chunk: their columns stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class TimeAccount:
    """`time_us[machine, window, TimeClass]` in microseconds; `machine` lists the codes of the first axis."""

    machine: Codes
    time_us: Int64s


def account_transitions(
    machine: object,
    time_us: object,
    state: object,
    reason: object | None = None,
    *,
    windows: Windows,
    until_us: int,
    reason_category: Mapping[int, ReasonCategory] | None = None,
    minor_stop_us: int = 0,
) -> TimeAccount:
    """How much time of each class did each machine spend in each window, given its state-change events?

    The same result as `from_transitions`, `classify` and `analytics.oee.elements`, without holding the
    segments: the events are taken in chunks of time, and each machine's open state goes on into the next
    chunk, so that a stop has its whole length wherever it is cut. Ties, repeats, the open end and the time
    without data are treated as there. Fastest where the events ascend in time; other orders are sorted
    first. Errors: InvalidInput for columns of unequal length, unknown states, a negative machine code.

    >>> from analytics.timeline import span
    >>> account = account_transitions([3, 3], [0, 60], [1, 5], windows=span(0, 100), until_us=100)
    >>> account.time_us[0, 0].tolist()
    [0, 60, 0, 0, 40, 0, 0]
    """
    events = checked_events(machine, time_us, state, reason)
    if minor_stop_us < 0:
        raise InvalidInput.at("minor_stop_us", "The limit of a minor stop must not be negative.")
    ranks, table = narrow_ranks(events.machine)
    known = np.arange(int(ranks.max()) + 1 if len(ranks) else 0) if table is None else table
    start, end, window, kind = shared_slots(windows, until_us)
    ledger = _Ledger(known, np.unique(np.concatenate((start, end))), reason_category or {}, minor_stop_us)
    open_events: Events | None = None
    for chunk in _chunks(Events(ranks, events.time_us, events.state, events.reason), until_us):
        open_events = ledger.add(chunk.after(open_events), int(chunk.time_us[0]), int(chunk.time_us[-1]))
    if open_events is not None:
        ledger.close(open_events, until_us)
    seen = np.flatnonzero(ledger.seen)
    slot_time = ledger.time_us[seen][:, np.searchsorted(ledger.edges, start)]
    slot_time[:, :, TimeClass.UNKNOWN] += (end - start) - slot_time.sum(axis=2)
    by_window = np.zeros((len(seen), len(windows), CLASSES), np.int64)
    counted = ruled(slot_time.swapaxes(0, 1), kind)
    np.add.at(by_window.swapaxes(0, 1), window, counted)
    return TimeAccount(known[seen].astype(events.machine.dtype), by_window)


class _Ledger:
    """Adds the time of finished segments to bins of (machine, stretch between edges, class)."""

    def __init__(
        self, machines: Codes, edges: Int64s, categories: Mapping[int, ReasonCategory], minor_stop_us: int
    ) -> None:
        first, last = (int(edges[0]), int(edges[-1])) if len(edges) else (0, 0)
        self.machines = len(Axis(machines, first, last).machines)
        self.edges = edges
        self.categories = categories
        self.minor_stop_us = minor_stop_us
        self.seen = np.zeros(self.machines, np.bool_)
        self.time_us = np.zeros((self.machines, max(len(edges) - 1, 0), CLASSES), np.int64)

    def add(self, events: Events, first_us: int, last_us: int) -> Events:
        """Account all segments that end within the events; returns the events that stay open."""
        changes, last = merged_changes(events)
        length = np.zeros_like(changes.time_us)
        np.subtract(changes.time_us[1:], changes.time_us[:-1], out=length[:-1])
        np.putmask(length, last, 0)
        self._account(changes, length, first_us, last_us)
        still_open = changes.take(np.flatnonzero(last))
        self.seen[still_open.machine] = True
        return still_open

    def close(self, events: Events, until_us: int) -> None:
        """Account the segments that are still open now."""
        self._account(events, until_us - events.time_us, until_us, until_us)

    def _account(self, changes: Events, length: Int64s, first_us: int, last_us: int) -> None:
        start = changes.time_us
        line = Segments(changes.machine, start, start, changes.state, changes.reasons(), length)
        classes = classify(line, self.categories, self.minor_stop_us)
        older = np.flatnonzero(start < first_us)
        if len(older):
            start = np.maximum(start, first_us)
            older = older[length[older] > 0]
        if len(older):
            begin = changes.time_us[older]
            earlier = np.minimum(length[older], first_us - begin)
            length[older] -= earlier
            self._tally(changes.machine[older], begin, earlier, classes[older], (int(begin.min()), first_us))
        self._tally(changes.machine, start, length, classes, (first_us, last_us))

    def _tally(
        self, rank: Codes, start: Int64s, length: Int64s, classes: Int8s, within: tuple[int, int]
    ) -> None:
        """Tally pieces that all lie `within` a range, in which few edges matter."""
        low = max(int(np.searchsorted(self.edges, within[0], "right")) - 1, 0)
        high = min(int(np.searchsorted(self.edges, within[1])), len(self.edges) - 1)
        if high <= low:
            return
        local = self.edges[low : high + 1]
        first, last = int(local[0]), int(local[-1])
        if within[0] < first or within[1] > last:
            end = np.clip(start + length, first, last)
            start = np.clip(start, first, last)
            length = end - start
        offset = np.arange(self.machines) * (last - first + 1) - first
        key = offset.take(rank)
        key += start
        bins = tally(key, length, classes, (offset[:, None] + local).ravel())
        bins = np.append(bins, np.zeros((1, CLASSES), np.int64), axis=0)
        per_machine = bins.reshape(self.machines, len(local), CLASSES)
        self.time_us[:, low:high] += per_machine[:, :-1]


def _chunks(events: Events, until_us: int) -> Iterator[Events]:
    """The events before now in chunks that ascend in time and never part equal times."""
    ascending = len(events.time_us) < 2 or bool((events.time_us[1:] >= events.time_us[:-1]).all())
    if not ascending:
        yield from _sorted_chunks(events, until_us)
        return
    rows = int(np.searchsorted(events.time_us, until_us))
    cuts = np.append(events.time_us[CHUNK:rows:CHUNK], until_us)
    stops = np.unique(np.searchsorted(events.time_us, cuts))
    first = 0
    for stop in stops.tolist():
        if stop > first:
            yield events.part(first, stop)
        first = stop


def _sorted_chunks(events: Events, until_us: int) -> Iterator[Events]:
    """Spread unsorted events over up to 32,767 buckets of time by radix, and sort each handful of buckets."""
    low, high = int(events.time_us.min()), int(events.time_us.max())
    shift = max((high - low).bit_length() - 15, 0)
    bucket = ((events.time_us - low) >> shift).astype(np.int16)
    order = np.argsort(bucket, kind="stable")
    counts = np.cumsum(np.bincount(bucket))
    stops = np.unique(np.searchsorted(counts, np.arange(CHUNK, len(order) + CHUNK, CHUNK)))
    first = 0
    for stop in counts[np.minimum(stops, len(counts) - 1)].tolist():
        part = events.take(order[first:stop])
        first = stop
        by_time = time_order(part.time_us)
        part = part if by_time is None else part.take(by_time)
        if len(part.time_us) and part.time_us[0] < until_us:
            yield part.part(0, int(np.searchsorted(part.time_us, until_us)))
