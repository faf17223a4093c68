"""The windows over which figures are computed: shift instances, days or any range."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Flags, Int32s, Int64s, same_length

OUTSIDE: Final = -1
"""The shift of a window that belongs to no shift."""


def _no_times() -> Int64s:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Ascending, disjoint windows [start_us, end_us) in microseconds UTC.

    `day`: the production day as `datetime.date.toordinal()`; `shift`: position in `shift_keys`, -1 outside
    any shift; `scheduled`: False where nobody planned to produce; breaks: ascending, disjoint, inside
    windows.
    """

    start_us: Int64s
    end_us: Int64s
    day: Int32s
    shift: NDArray[np.int16]
    scheduled: Flags
    shift_keys: tuple[str, ...] = ()
    break_start_us: Int64s = field(default_factory=_no_times)
    break_end_us: Int64s = field(default_factory=_no_times)

    def __post_init__(self) -> None:
        same_length(start_us=self.start_us, end_us=self.end_us, day=self.day, scheduled=self.scheduled)
        for start, end in ((self.start_us, self.end_us), (self.break_start_us, self.break_end_us)):
            if (end <= start).any() or (start[1:] < end[:-1]).any():
                raise InvalidInput.at("windows", "Windows must ascend, not overlap and not be empty.")

    def __len__(self) -> int:
        return len(self.start_us)

    @property
    def length_us(self) -> Int64s:
        """The true length of each window."""
        return self.end_us - self.start_us

    @property
    def shift_key(self) -> NDArray[np.object_]:
        """The key of each window's shift, "" outside any shift."""
        return np.array([*self.shift_keys, ""], dtype=object)[self.shift]


def span(start_us: int, end_us: int, day: int = 0) -> Windows:
    """One scheduled window over any range, for a figure that knows no shifts."""
    times = np.array([start_us], np.int64), np.array([end_us], np.int64)
    return Windows(*times, np.array([day], np.int32), np.array([OUTSIDE], np.int16), np.ones(1, np.bool_))


def taken(windows: Windows, place: Int64s, start_us: Int64s, end_us: Int64s) -> Windows:
    """Some windows, or pieces of them: piece i lies in the window at `place[i]` and keeps its day and shift.

    Breaks that touch the pieces' whole range stay.

    >>> day = span(0, 10, day=7)
    >>> taken(day, np.array([0, 0]), np.array([0, 4]), np.array([4, 10])).day.tolist()
    [7, 7]
    """
    low, high = (int(start_us[0]), int(end_us[-1])) if len(start_us) else (0, 0)
    pause = (windows.break_start_us < high) & (windows.break_end_us > low)
    return Windows(
        start_us, end_us, windows.day[place], windows.shift[place], windows.scheduled[place],
        windows.shift_keys, windows.break_start_us[pause], windows.break_end_us[pause],
    )  # fmt: skip


def united(start: Int64s, end: Int64s) -> tuple[Int64s, Int64s]:
    """The union of intervals as ascending, disjoint, non-touching intervals."""
    order = np.argsort(start, kind="stable")
    start, end = start[order], end[order]
    start, end = start[end > start], end[end > start]
    if not len(start):
        return start, end
    reach = np.maximum.accumulate(end)
    first = np.concatenate((np.zeros(1, np.int64), np.flatnonzero(start[1:] > reach[:-1]) + 1))
    return start[first], np.maximum.reduceat(end, first)
