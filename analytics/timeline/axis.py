"""Machine and time as one number, so that one sorted array holds the lines of all machines."""

from dataclasses import dataclass

import numpy as np

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Codes, Int64s


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """The lines of `machines` (ascending codes) from `start_us` to `end_us`, laid one behind the other.

    A key ascends with machine and time. Times outside the range are moved to its nearest end.
    """

    machines: Codes
    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        if self.end_us < self.start_us:
            raise InvalidInput.at("until_us", "The range ends before it starts.")
        if (len(self.machines) + 1) * self.span >= 2**63:
            raise InvalidInput.at("range", "Too many machines for so long a range: ask for a shorter one.")

    @classmethod
    def over(cls, machine: Codes, start_us: int, end_us: int) -> "Axis":
        """The axis of all machines that occur in a column of codes."""
        if len(machine) and int(machine.max()) < 2**22:
            present = np.zeros(int(machine.max()) + 1, np.bool_)
            present[machine] = True
            return cls(np.flatnonzero(present).astype(machine.dtype), start_us, end_us)
        return cls(np.unique(machine), start_us, end_us)

    @property
    def span(self) -> int:
        """Length of one machine's line in keys; one more than the range, so that lines never touch."""
        return self.end_us - self.start_us + 1

    def rank(self, machine: Codes) -> Int64s:
        """The position of each machine on the axis, -1 for a machine that is not on it."""
        if not len(self.machines):
            return np.full(len(machine), -1, np.int64)
        at = np.minimum(np.searchsorted(self.machines, machine), len(self.machines) - 1)
        return np.where(self.machines[at] == machine, at, -1).astype(np.int64)

    def key(self, rank: Int64s, time_us: Int64s) -> Int64s:
        """The key of each (machine rank, time)."""
        key = np.clip(time_us, self.start_us, self.end_us)
        key -= self.start_us
        key += rank * self.span
        return key

    def time(self, key: Int64s) -> Int64s:
        """The time of each key."""
        return key % self.span + self.start_us
