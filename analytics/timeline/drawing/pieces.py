"""The timeline as it is drawn: pieces per machine and window, gaps included."""

import numpy as np
import pandas as pd

from analytics.timeline.arrays import Codes, Int8s, Int64s
from analytics.timeline.classes import CLASS_IN_SLOT
from analytics.timeline.events import NO_REASON
from analytics.timeline.segments import Segments
from analytics.timeline.slots import Slots, WindowsOf, overlaps_of, slots_of
from analytics.vocabulary import State, TimeClass


def pieces(
    segments: Segments,
    classes: Int8s,
    windows: WindowsOf,
    *,
    until_us: int,
    machines: Codes | None = None,
) -> pd.DataFrame:
    """What happened when, cut at windows, breaks and now, in the classes that count?

    Columns: machine, window, start_us, end_us, state, time_class (after the rules of breaks and schedule),
    reason, segment (the row of `segments` that the piece came from, -1 for a gap), sorted by machine and
    start. Every microsecond of every window before now is in exactly one piece; time without data is state
    UNKNOWN. `machines`: the ascending codes to show, default those in `segments`.
    """
    known = np.unique(segments.machine) if machines is None else machines
    slots = slots_of(windows, known, until_us)
    row, slot, start, end = covered(slots, segments)
    hole_start, hole_end = _holes(slots, start, end)
    hole_slot = np.searchsorted(slots.start, hole_start, "right") - 1
    segment = np.concatenate((row, np.full(len(hole_slot), -1, np.int64)))
    at = np.concatenate((slot, hole_slot))
    low, high = np.concatenate((start, hole_start)), np.concatenate((end, hole_end))
    order = np.argsort(low, kind="stable")
    segment, at, low, high = segment[order], at[order], low[order], high[order]
    measured = segment >= 0
    time_class = np.append(classes, TimeClass.UNKNOWN).astype(np.int8)[segment]
    return pd.DataFrame(
        {
            "machine": known[slots.rank[at]],
            "window": slots.window[at],
            "start_us": slots.axis.time(low),
            "end_us": slots.axis.time(high),
            "state": np.where(measured, np.append(segments.state, 0)[segment], State.UNKNOWN),
            "time_class": CLASS_IN_SLOT[slots.kind[at], time_class],
            "reason": np.where(measured, np.append(segments.reason, 0)[segment], NO_REASON),
            "segment": segment,
        }
    )


def covered(slots: Slots, segments: Segments) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """Segment row, slot row, start and end key of every piece of a segment inside a slot."""
    rank = slots.axis.rank(segments.machine)
    known = np.flatnonzero(rank >= 0)
    start = slots.axis.key(rank[known], segments.start_us[known])
    end = slots.axis.key(rank[known], segments.end_us[known])
    row, slot, length = overlaps_of(slots, start, end)
    row, slot = row[length > 0], slot[length > 0]
    low, high = np.maximum(start[row], slots.start[slot]), np.minimum(end[row], slots.end[slot])
    return known[row], slot, low, high


def _holes(slots: Slots, start: Int64s, end: Int64s) -> tuple[Int64s, Int64s]:
    """The parts of the slots that no piece covers: free and taken edges alternate on the sorted axis."""
    free = np.sort(np.concatenate((slots.start, end)))
    taken = np.sort(np.concatenate((start, slots.end)))
    return free[free < taken], taken[free < taken]
