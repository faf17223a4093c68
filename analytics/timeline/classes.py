"""From states and reasons to the classes of the time model."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

import numpy as np

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Int8s, Int64s
from analytics.timeline.segments import Segments
from analytics.vocabulary import ReasonCategory, State, TimeClass


class SlotKind(IntEnum):
    """Where a stretch of a window lies."""

    SCHEDULED = 0
    BREAK = 1
    OUTSIDE = 2


def _class_of_state() -> Int8s:
    table = np.zeros(len(State), np.int8)
    table[State.RUNNING] = TimeClass.PRODUCING
    table[State.IDLE] = table[State.DOWN] = TimeClass.UNPLANNED_STOP
    table[State.SETUP] = TimeClass.SETUP
    table[State.PLANNED_STOP] = TimeClass.PLANNED_STOP
    table[State.OFF] = TimeClass.NOT_SCHEDULED
    return table


def _class_in_slot() -> Int8s:
    table = np.tile(np.arange(len(TimeClass), dtype=np.int8), (len(SlotKind), 1))
    table[SlotKind.BREAK] = TimeClass.PLANNED_STOP
    table[SlotKind.BREAK, TimeClass.PRODUCING] = TimeClass.PRODUCING
    table[SlotKind.OUTSIDE] = TimeClass.NOT_SCHEDULED
    for run in (TimeClass.PRODUCING, TimeClass.MINOR_STOP):
        table[SlotKind.OUTSIDE, run] = run
    return table


CLASS_OF_STATE: Final = _class_of_state()
"""The class of each State, before reasons and stop lengths."""

CLASS_IN_SLOT: Final = _class_in_slot()
"""[SlotKind, TimeClass] -> the class that counts there.

In a break, producing stays and all else, no data too, is a planned stop. Outside the schedule run time
(producing and minor stops) stays, because parts were made, and all else is not scheduled: a stop there
costs nothing.
"""

CLASS_OF_CATEGORY: Final[dict[ReasonCategory, TimeClass]] = {
    ReasonCategory.UNPLANNED: TimeClass.UNPLANNED_STOP,
    ReasonCategory.EXTERNAL: TimeClass.UNPLANNED_STOP,
    ReasonCategory.SETUP: TimeClass.SETUP,
    ReasonCategory.PLANNED: TimeClass.PLANNED_STOP,
    ReasonCategory.NOT_SCHEDULED: TimeClass.NOT_SCHEDULED,
}


def classify(segments: Segments, reason_category: Mapping[int, ReasonCategory], minor_stop_us: int) -> Int8s:
    """Which TimeClass does each segment's time belong to?

    Running is producing; down and idle are an unplanned stop, or a minor stop where the whole stop is shorter
    than `minor_stop_us` (microseconds); set-up, planned stop and off map to their classes. The category of a
    stop's reason replaces the class of its state; unplanned and external are minor by length as well. A
    reason on a running or unknown segment and a reason without a category change nothing. Errors:
    InvalidInput for a negative limit. Returns int8, one per segment.
    """
    if minor_stop_us < 0:
        raise InvalidInput.at("minor_stop_us", "The limit of a minor stop must not be negative.")
    time_class = CLASS_OF_STATE.take(segments.state)
    if reason_category:
        stop = (segments.state != State.RUNNING) & (segments.state != State.UNKNOWN)
        rows = np.flatnonzero(stop & (segments.reason >= 0))
        known = np.array(sorted(reason_category), np.int64)
        classes = np.array([CLASS_OF_CATEGORY[reason_category[int(one)]] for one in known], np.int8)
        at = np.minimum(np.searchsorted(known, segments.reason[rows]), len(known) - 1)
        hit = known[at] == segments.reason[rows]
        time_class[rows[hit]] = classes[at[hit]]
    return with_minor_stops(time_class, segments.stop_us, minor_stop_us)


def with_minor_stops(time_class: Int8s, stop_us: Int64s, minor_stop_us: int) -> Int8s:
    """The classes with every unplanned stop that is shorter than the limit turned into a minor one, in
    place.
    """
    short = stop_us < minor_stop_us
    short &= time_class == TimeClass.UNPLANNED_STOP
    np.putmask(time_class, short, np.int8(TimeClass.MINOR_STOP))
    return time_class
