"""How counts and performance records share out over the slots that their intervals touch."""

import numpy as np

from analytics.oee.inputs import Counts, Records
from analytics.timeline.arrays import Floats, Int64s
from analytics.timeline.kernel import CLASSES
from analytics.timeline.slots import Slots, overlaps_of
from analytics.vocabulary import TimeClass


def spread_counts(slots: Slots, counts: Counts) -> tuple[Int64s, Int64s, Floats]:
    """Count row, slot row and share (0 to 1) of each count in each slot; the whole of an instant in its
    slot.
    """
    axis = slots.axis
    rank = axis.rank(counts.machine)
    instant = counts.start_us == counts.end_us
    outside = (counts.start_us < axis.start_us) | (counts.start_us >= axis.end_us)
    rows = np.flatnonzero((rank >= 0) & ~(instant & outside))
    start = axis.key(rank[rows], counts.start_us[rows])
    end = axis.key(rank[rows], counts.end_us[rows])
    row, slot, length = overlaps_of(slots, start, end)
    row = rows[row]
    whole = np.maximum(counts.end_us[row] - counts.start_us[row], 1)
    share = np.where(instant[row], 1.0, length / whole)
    some = share > 0
    return row[some], slot[some], share[some]


def spread_records(slots: Slots, records: Records, record: Int64s) -> tuple[Int64s, Int64s, Floats]:
    """Record row, slot row and share of each record in each slot that it replaces."""
    slot = np.flatnonzero(record >= 0)
    row = record[slot]
    length = slots.end[slot] - slots.start[slot]
    return row, slot, length / (records.end_us[row] - records.start_us[row])


def record_times(slots: Slots, records: Records, slot: Int64s, row: Int64s) -> Int64s:
    """Microseconds per TimeClass of each slot that a record replaces.

    Each slot adds up exactly to its length, and the slots of a whole record exactly to the record: the
    classes are taken one after the other from what is left, each by the difference of a rounded-down
    running share.
    """
    begin = slots.axis.time(slots.start[slot]) - records.start_us[row]
    finish = begin + slots.end[slot] - slots.start[slot]
    whole = records.end_us[row] - records.start_us[row]
    unknown = records.planned_us - records.operating_us - records.downtime_us
    time = np.zeros((len(slot), CLASSES), np.int64)
    for time_class, part in (
        (TimeClass.PRODUCING, records.operating_us[row]),
        (TimeClass.UNPLANNED_STOP, records.downtime_us[row]),
        (TimeClass.UNKNOWN, unknown[row]),
    ):
        before, after = _running_share(part, begin, whole), _running_share(part, finish, whole)
        time[:, time_class] = after - before
        begin, finish, whole = begin - before, finish - after, whole - part
    time[:, TimeClass.PLANNED_STOP] = finish - begin
    return time


def _running_share(part: Int64s, position: Int64s, whole: Int64s) -> Int64s:
    """floor(part * position / whole), 0 where nothing is left; Python integers, as the product passes
    2**63.
    """
    exact = part.astype(object) * position.astype(object) // np.maximum(whole, 1).astype(object)
    return np.asarray(exact, np.int64)
