"""Every machine's windows, cut into stretches in which one set of rules holds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Codes, Int8s, Int32s, Int64s
from analytics.timeline.axis import Axis
from analytics.timeline.classes import CLASS_IN_SLOT, SlotKind
from analytics.timeline.kernel import CLASSES, tally
from analytics.timeline.segments import Segments
from analytics.timeline.windows import Windows
from analytics.vocabulary import TimeClass

WindowsOf = Windows | Mapping[int, Windows]
"""Windows that all machines share, or the windows of each machine code."""


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Ascending, disjoint stretches: `start` and `end` are keys of `axis`, `window` a row of the machine's
    windows.
    """

    axis: Axis
    rank: Int64s
    start: Int64s
    end: Int64s
    window: Int32s
    kind: Int8s

    def __len__(self) -> int:
        return len(self.start)

    def cut(self, at: Int64s) -> tuple["Slots", Int64s]:
        """The slots cut at further keys, and the slot that each new one came from."""
        if not len(self):
            return self, np.empty(0, np.int64)
        starts = np.unique(np.concatenate((self.start, at)))
        parent = np.searchsorted(self.start, starts, "right") - 1
        inside = (parent >= 0) & (starts < self.end[np.maximum(parent, 0)])
        starts, parent = starts[inside], parent[inside]
        ends = self.end[parent]
        ends[:-1] = np.minimum(ends[:-1], starts[1:])
        cut = Slots(self.axis, self.rank[parent], starts, ends, self.window[parent], self.kind[parent])
        return cut, parent


def shared_slots(windows: Windows, until_us: int) -> tuple[Int64s, Int64s, Int32s, Int8s]:
    """Start, end, window and SlotKind of the stretches of windows and breaks before now."""
    points = np.concatenate(
        (windows.start_us, windows.end_us, windows.break_start_us, windows.break_end_us, [until_us])
    )
    points = np.unique(np.minimum(points, until_us))
    start, end = points[:-1], points[1:]
    window = np.searchsorted(windows.start_us, start, "right") - 1
    inside = (window >= 0) & (start < np.append(windows.end_us, 0)[window])
    start, end, window = start[inside], end[inside], window[inside]
    pause = np.searchsorted(windows.break_start_us, start, "right") - 1
    in_break = (pause >= 0) & (start < np.append(windows.break_end_us, 0)[pause])
    kind = np.where(windows.scheduled[window], SlotKind.SCHEDULED, SlotKind.OUTSIDE)
    kind[in_break & windows.scheduled[window]] = SlotKind.BREAK
    return start, end, window.astype(np.int32), kind.astype(np.int8)


def windows_of(windows: WindowsOf, machine: int) -> Windows:
    """The windows of one machine."""
    if isinstance(windows, Windows):
        return windows
    if machine not in windows:
        raise InvalidInput.at("windows", f"There are no windows for machine {machine}.")
    return windows[machine]


def slots_of(windows: WindowsOf, machines: Codes, until_us: int) -> Slots:
    """The stretches of all machines (ascending codes) up to now; windows in the future have none."""
    if isinstance(windows, Windows):
        groups = [(windows, np.arange(len(machines)))]
    else:
        alike: dict[int, list[int]] = {}
        for position, machine in enumerate(machines.tolist()):
            alike.setdefault(id(windows_of(windows, machine)), []).append(position)
        groups = [(windows_of(windows, int(machines[ranks[0]])), np.array(ranks)) for ranks in alike.values()]
    parts = [(ranks, shared_slots(one, until_us)) for one, ranks in groups]
    low = min((int(part[1][0][0]) for part in parts if len(part[1][0])), default=until_us)
    axis = Axis(machines, low, until_us)
    every = [_for_machines(axis, *part) for part in parts if len(part[0])]
    if not every:
        none = np.empty(0, np.int64)
        return Slots(axis, none, none, none, none.astype(np.int32), none.astype(np.int8))
    rank, start, end, window, kind = (np.concatenate(column) for column in zip(*every, strict=True))
    order = np.argsort(start, kind="stable")
    return Slots(axis, rank[order], start[order], end[order], window[order], kind[order])


def _for_machines(
    axis: Axis, ranks: Int64s, stretches: tuple[Int64s, Int64s, Int32s, Int8s]
) -> tuple[Int64s, Int64s, Int64s, Int32s, Int8s]:
    """The same stretches for each of the machines."""
    start, end, window, kind = stretches
    rank = np.repeat(ranks, len(start))
    begin, finish = (axis.key(rank, np.tile(edge, len(ranks))) for edge in (start, end))
    return rank, begin, finish, np.tile(window, len(ranks)), np.tile(kind, len(ranks))


def class_times(slots: Slots, segments: Segments, classes: Int8s) -> Int64s:
    """Microseconds per slot and TimeClass, the rules of breaks and schedule applied; time without data is
    unknown.

    Each row adds up exactly to the slot's length.
    """
    if not len(slots):
        return np.zeros((0, CLASSES), np.int64)
    rank = slots.axis.rank(segments.machine)
    here = rank >= 0
    if not here.all():
        segments, classes, rank = segments.take(here), classes[here], rank[here]
    start, end = slots.axis.key(rank, segments.start_us), slots.axis.key(rank, segments.end_us)
    edges = np.unique(np.concatenate((slots.start, slots.end)))
    time = tally(start, end - start, classes, edges)[np.searchsorted(edges, slots.start)]
    time[:, TimeClass.UNKNOWN] += slots.end - slots.start - time.sum(axis=1)
    return ruled(time, slots.kind)


def ruled(time: Int64s, kind: Int8s) -> Int64s:
    """Times [slot, ..., class] with each class counted as what it is in a slot of this kind."""
    counted = np.zeros_like(time)
    for slot_kind in SlotKind:
        rows = kind == slot_kind
        for before, after in enumerate(CLASS_IN_SLOT[slot_kind].tolist()):
            counted[rows, ..., after] += time[rows, ..., before]
    return counted


def overlaps_of(slots: Slots, start: Int64s, end: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Which slots does each interval (keys, in any order, overlapping or not) touch, and for how long?

    Returns interval row, slot row and microseconds, in order of interval and slot. An empty interval
    touches the slot that holds its instant, with length 0.
    """
    first = np.searchsorted(slots.end, start, "right")
    beyond = np.searchsorted(slots.start, np.maximum(end, start + 1))
    pieces = np.maximum(beyond - first, 0)
    row = np.repeat(np.arange(len(start)), pieces)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + first[row]
    length = np.minimum(end[row], slots.end[slot]) - np.maximum(start[row], slots.start[slot])
    return row, slot, length
