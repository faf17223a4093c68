"""The base cells from which every figure is summed: time, ideal time and parts per machine, window and
product.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.oee.columns import CLASS_COLUMNS, NO_PRODUCT, SUMMED_COLUMNS
from analytics.oee.inputs import (
    Counts,
    IdealCycles,
    Records,
    checked_counts,
    checked_records,
    cycles_of,
)
from analytics.oee.shares import record_times, spread_counts, spread_records
from analytics.timeline import Overlaps, Segments
from analytics.timeline.arrays import Codes, Floats, Int8s, Int64s, codes
from analytics.timeline.slots import Slots, WindowsOf, class_times, overlaps_of, slots_of, windows_of
from analytics.vocabulary import MICROSECONDS, TimeClass


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Parts in slots: which slot, which product, how many."""

    slot: Int64s
    product: Int64s
    good: Floats
    scrap: Floats
    rework: Floats
    startup_scrap: Floats


def elements(
    segments: Segments,
    classes: Int8s,
    windows: WindowsOf,
    *,
    until_us: int,
    machines: object | None = None,
    counts: pd.DataFrame | None = None,
    ideal_s: IdealCycles | None = None,
    records: pd.DataFrame | None = None,
    overlaps: Overlaps | None = None,
) -> pd.DataFrame:
    """How was the time of each machine, window and product spent, and what was made in it?

    Parameters: `segments` and their `classes` (see `analytics.timeline.classify`); `windows` for all
    machines or per machine code; `until_us` is now: windows end there and later ones are left out;
    `machines`: the codes to report, default all that occur; `counts`, `records`: see
    `analytics.oee.inputs`; `ideal_s`: ideal seconds per part of (machine, product), (machine, -1) for all
    other products; `overlaps` of `from_intervals`.

    Returns one row per (machine, window, product) with day (ordinal), shift (key, "" outside), start_us,
    end_us and the columns of `analytics.oee.columns`: int64 microseconds (`*_us`) and float parts. The
    seven classes add up exactly to calendar_us. ideal_us = ideal cycle x total; ideal_scrap_us is its share
    in scrap and rework except start-up scrap, which is ideal_startup_us. total = good + scrap + rework.

    Rules. A count is spread evenly over its interval where windows cut it; an instant counts where it lies.
    Time belongs to a product from the start of its first count until the first count of another product
    starts; before any count it is product -1. Of products that are counted over the same time the highest
    id has the time. Parts keep their own product. A performance record replaces the timeline and the counts
    of its machine over its interval: operating time is producing, downtime is unplanned, the rest of
    planned time is unknown and the rest of the interval is a planned stop, all pro rata where windows cut
    it. Parts without a known ideal cycle are in total_without_ideal, and the run time of their cells in
    run_without_ideal_us. Errors: InvalidInput for negative, missing or contradictory numbers.
    """
    told, recorded = checked_counts(counts), checked_records(records)
    known = _machines(machines, segments, told, recorded)
    slots = slots_of(windows, known, until_us)
    slots, product, record = _attributed(slots, told, recorded)
    time = class_times(slots, segments, classes)
    in_record = np.flatnonzero(record >= 0)
    time[in_record] = record_times(slots, recorded, in_record, record[in_record])
    doubled = _doubled(slots, overlaps, record)
    parts = _parts(slots, told, recorded, record)
    cells = _Cells.over(slots, product, parts)
    frame = cells.frame(slots, time, doubled, record, parts, ideal_s=ideal_s or {})
    return _described(frame, windows, until_us)


def _machines(given: object | None, segments: Segments, counts: Counts, records: Records) -> Codes:
    if given is not None:
        return np.unique(codes(given, "machines"))
    return codes(np.unique(np.concatenate((segments.machine, counts.machine, records.machine))), "machine")


def _attributed(slots: Slots, counts: Counts, records: Records) -> tuple[Slots, Int64s, Int64s]:
    """The slots cut at changes of product and at records, with the product and the record (-1) of each."""
    starts, owners = _changes_of_product(slots, counts)
    rank = slots.axis.rank(records.machine)
    known = np.flatnonzero(rank >= 0)
    begin = slots.axis.key(rank[known], records.start_us[known])
    finish = slots.axis.key(rank[known], records.end_us[known])
    slots, _ = slots.cut(np.concatenate((starts, begin, finish)))
    at = np.searchsorted(starts, slots.start, "right") - 1
    span = slots.axis.span
    same = (at >= 0) & (np.append(starts, -1)[at] // span == slots.rank)
    product = np.where(same, np.append(owners, NO_PRODUCT)[at], NO_PRODUCT)
    at = np.searchsorted(begin, slots.start, "right") - 1
    inside = (at >= 0) & (slots.start < np.append(finish, 0)[at])
    record = np.where(inside, np.append(known, -1)[at], -1)
    product = np.where(inside, np.append(records.product, NO_PRODUCT)[record], product)
    return slots, product, record


def _changes_of_product(slots: Slots, counts: Counts) -> tuple[Int64s, Int64s]:
    """The keys at which another product begins on a machine, ascending, and that product."""
    rank = slots.axis.rank(counts.machine)
    rows = np.flatnonzero((rank >= 0) & (counts.start_us < slots.axis.end_us))
    rows = rows[np.lexsort((counts.product[rows], counts.start_us[rows], rank[rows]))]
    rank, product = rank[rows], counts.product[rows]
    new = np.ones(len(rows), np.bool_)
    new[1:] = (rank[1:] != rank[:-1]) | (product[1:] != product[:-1])
    return slots.axis.key(rank[new], counts.start_us[rows[new]]), product[new]


def _doubled(slots: Slots, overlaps: Overlaps | None, record: Int64s) -> Int64s:
    """Microseconds per slot that stops reported more than once, outside records."""
    total = np.zeros(len(slots), np.int64)
    if overlaps is None:
        return total
    rank = slots.axis.rank(overlaps.machine)
    known = rank >= 0
    start = slots.axis.key(rank[known], overlaps.start_us[known])
    end = slots.axis.key(rank[known], overlaps.end_us[known])
    _, slot, length = overlaps_of(slots, start, end)
    np.add.at(total, slot, length)
    total[record >= 0] = 0
    return total


def _parts(slots: Slots, counts: Counts, records: Records, record: Int64s) -> Parts:
    """The parts of counts outside records and of records, in slots."""
    row, slot, share = spread_counts(slots, counts)
    measured = record[slot] < 0
    row, slot, share = row[measured], slot[measured], share[measured]
    at, piece, part = spread_records(slots, records, record)
    scrap = records.total[at] - records.good[at]
    none = np.zeros(len(at), np.float64)
    return Parts(
        np.concatenate((slot, piece)),
        np.concatenate((counts.product[row], records.product[at])),
        np.concatenate((counts.good[row] * share, records.good[at] * part)),
        np.concatenate((counts.scrap[row] * share, scrap * part)),
        np.concatenate((counts.rework[row] * share, none)),
        np.concatenate((counts.startup_scrap[row] * share, none)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The distinct (machine, window, product), and the cell of each slot and of each handful of parts."""

    machine: Codes
    window: Int64s
    product: Int64s
    of_slot: Int64s
    of_parts: Int64s

    @classmethod
    def over(cls, slots: Slots, product: Int64s, parts: Parts) -> "_Cells":
        products, code = np.unique(np.concatenate((product, parts.product)), return_inverse=True)
        at = np.concatenate((np.arange(len(slots)), parts.slot))
        windows = int(slots.window.max()) + 1 if len(slots) else 1
        packed = (slots.rank[at] * windows + slots.window[at]) * len(products) + code
        cells, cell = np.unique(packed, return_inverse=True)
        place = cells // max(len(products), 1)
        return cls(
            slots.axis.machines[place // windows],
            place % windows,
            products[cells % max(len(products), 1)],
            cell[: len(slots)],
            cell[len(slots) :],
        )

    def time(self, values: Int64s) -> Int64s:
        """Sum per cell of integers per slot; exact, since a sum below 2**53 is a whole float64."""
        return np.bincount(self.of_slot, values, len(self.window)).astype(np.int64)

    def amount(self, values: Floats) -> Floats:
        """Sum per cell of amounts of parts."""
        return np.asarray(np.bincount(self.of_parts, values, len(self.window)), np.float64)

    def frame(
        self,
        slots: Slots,
        time: Int64s,
        doubled: Int64s,
        record: Int64s,
        parts: Parts,
        *,
        ideal_s: IdealCycles,
    ) -> pd.DataFrame:
        """The cells with all sums."""
        length = slots.end - slots.start
        frame = pd.DataFrame({"machine": self.machine, "window": self.window, "product": self.product})
        frame["calendar_us"] = self.time(length)
        for time_class, column in CLASS_COLUMNS.items():
            frame[column] = self.time(time[:, time_class])
        frame["overlap_us"] = self.time(doubled)
        frame["record_us"] = self.time(np.where(record >= 0, length, 0))
        for column in ("good", "scrap", "rework", "startup_scrap"):
            frame[column] = self.amount(getattr(parts, column))
        frame["total"] = frame["good"] + frame["scrap"] + frame["rework"]
        self._add_ideal(frame, parts, ideal_s)
        return frame

    def _add_ideal(self, frame: pd.DataFrame, parts: Parts, ideal_s: IdealCycles) -> None:
        cycle = cycles_of(self.machine.astype(np.int64)[self.of_parts], parts.product, ideal_s)
        unknown = np.isnan(cycle)
        cycle_us = np.where(unknown, 0.0, cycle * MICROSECONDS)
        rejected = parts.scrap + parts.rework - parts.startup_scrap
        good, scrap, startup = (
            np.rint(self.amount(values * cycle_us)).astype(np.int64)
            for values in (parts.good, rejected, parts.startup_scrap)
        )
        frame["ideal_us"] = good + scrap + startup
        frame["ideal_scrap_us"] = scrap
        frame["ideal_startup_us"] = startup
        without = self.amount(np.where(unknown, parts.good + parts.scrap + parts.rework, 0.0))
        frame["total_without_ideal"] = without
        run = frame[CLASS_COLUMNS[TimeClass.PRODUCING]] + frame[CLASS_COLUMNS[TimeClass.MINOR_STOP]]
        frame["run_without_ideal_us"] = np.where(without > 0, run, 0)


def _described(frame: pd.DataFrame, windows: WindowsOf, until_us: int) -> pd.DataFrame:
    """The cells with the day, shift and bounds of their window, in the documented order of columns."""
    day, shift = np.zeros(len(frame), np.int64), np.full(len(frame), "", dtype=object)
    start, end = np.zeros(len(frame), np.int64), np.zeros(len(frame), np.int64)
    machine, window = frame["machine"].to_numpy(), frame["window"].to_numpy()
    for code in np.unique(machine).tolist():
        one = windows_of(windows, code)
        rows = np.flatnonzero(machine == code)
        at = window[rows]
        day[rows], shift[rows], start[rows] = one.day[at], one.shift_key[at], one.start_us[at]
        end[rows] = np.minimum(one.end_us[at], until_us)
    places = pd.DataFrame({"day": day, "shift": shift, "start_us": start, "end_us": end})
    keys = frame[["machine", "window", "product"]]
    return pd.concat([keys, places, frame[list(SUMMED_COLUMNS)]], axis=1)
