"""The inner loops over state-change events: order them, merge repeats, add their time up.

numpy sorts 16-bit keys stably by radix, which is what makes the order by machine cheap; int64 times are
sorted together with their position in one number, which keeps the order of ties without a slow stable sort.
"""

import numpy as np
from numpy.typing import NDArray

from analytics.timeline.arrays import Codes, Flags, Floats, Int8s, Int64s
from analytics.timeline.events import Events
from analytics.vocabulary import TimeClass

Positions = NDArray[np.intp]
CLASSES = len(TimeClass)


def time_order(time_us: Int64s) -> Positions | None:
    """The stable order of the times, or None where they ascend already."""
    rows = len(time_us)
    if rows < 2 or bool((time_us[1:] >= time_us[:-1]).all()):
        return None
    low, high = int(time_us.min()), int(time_us.max())
    index_bits = (rows - 1).bit_length()
    if (high - low).bit_length() + index_bits > 63:
        return np.argsort(time_us, kind="stable")
    key = time_us - low
    key <<= index_bits
    key |= np.arange(rows)
    key.sort()
    key &= (1 << index_bits) - 1
    return key


def narrow_ranks(machine: Codes) -> tuple[Codes, Codes | None]:
    """Sortable 16-bit stand-ins of the machine codes and the table that turns them back (None: they are the
    codes).

    With more than 32,767 different machines the stand-ins are int32, and sorting is slower.
    """
    if machine.dtype == np.int16 or not len(machine):
        return machine.astype(np.int16, copy=False), None
    present = np.zeros(int(machine.max()) + 1, np.bool_)
    present[machine] = True
    table: Codes = np.flatnonzero(present).astype(machine.dtype)
    narrow = len(table) <= np.iinfo(np.int16).max
    rank: Codes = (np.cumsum(present) - 1).astype(np.int16 if narrow else np.int32)
    return rank[machine], table


def merged_changes(events: Events) -> tuple[Events, Flags]:
    """The real changes of state of events that ascend in time, in order of machine and time.

    Of events of one machine at the same time the last one stays; one that repeats the state and reason
    before it goes. The flags mark the last change of each machine.
    """
    order = np.argsort(events.machine, kind="stable")
    changes = events.take(order)
    same = changes.machine[1:] == changes.machine[:-1]
    stale = same & (changes.time_us[1:] == changes.time_us[:-1])
    if stale.any():
        changes = changes.take(np.flatnonzero(np.append(~stale, True)))
        same = changes.machine[1:] == changes.machine[:-1]
    repeat = same & (changes.state[1:] == changes.state[:-1])
    if changes.reason is not None:
        repeat &= changes.reason[1:] == changes.reason[:-1]
    if repeat.any():
        changes = changes.take(np.flatnonzero(np.concatenate((np.ones(1, np.bool_), ~repeat))))
        same = changes.machine[1:] == changes.machine[:-1]
    last = np.ones(len(changes), np.bool_)
    np.logical_not(same, out=last[:-1])
    return changes, last


def tally(start: Int64s, length: Int64s, time_class: Int8s, edges: Int64s) -> Int64s:
    """How much time of each class lies between consecutive edges?

    `start`, `length`: keys and microseconds of disjoint ascending pieces; `edges`: strictly ascending keys.
    Returns an array (len(edges) - 1, number of classes); time before the first and after the last edge is
    left out. Exact: a bin's sum is an integer below 2**53, which a float64 holds. `length` is used up.
    """
    bins = len(edges) + 1
    position = np.searchsorted(start, edges)
    runs = np.diff(position, prepend=0, append=len(start))
    slot = np.repeat(np.arange(0, bins * CLASSES, CLASSES), runs)
    slot += time_class
    after = position > 0
    crossing = position[after] - 1
    crossing = crossing[start[crossing] + length[crossing] > edges[after]]
    crossing = crossing[np.diff(crossing, prepend=-1) > 0]
    begin, reach = start[crossing], start[crossing] + length[crossing]
    length[crossing] = 0
    total = np.asarray(np.bincount(slot, weights=length, minlength=bins * CLASSES), np.float64)
    _add_crossing(total, begin, reach, time_class[crossing], edges)
    return total.reshape(bins, CLASSES)[1:-1].astype(np.int64)


def _add_crossing(total: Floats, start: Int64s, end: Int64s, time_class: Int8s, edges: Int64s) -> None:
    """Split the pieces that lie across edges and add their parts to `total`."""
    first = np.searchsorted(edges, start, "right")
    pieces = np.searchsorted(edges, end) - first + 1
    row = np.repeat(np.arange(len(start)), pieces)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + first[row]
    padded = np.concatenate(([np.iinfo(np.int64).min], edges, [np.iinfo(np.int64).max]))
    length = np.minimum(end[row], padded[slot + 1]) - np.maximum(start[row], padded[slot])
    total += np.bincount(slot * CLASSES + time_class[row], weights=length, minlength=len(total))
