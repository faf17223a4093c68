"""Which stretches of time of each machine a record stands for already."""

from bisect import bisect_left, insort


class Occupied:
    """Intervals per machine that do not overlap one another."""

    def __init__(self) -> None:
        self._starts: dict[int, list[int]] = {}
        self._ends: dict[tuple[int, int], int] = {}

    def put(self, machine: int, start_us: int, end_us: int) -> None:
        """Take an interval; one with the same start is replaced."""
        if (machine, start_us) not in self._ends:
            insort(self._starts.setdefault(machine, []), start_us)
        self._ends[machine, start_us] = end_us

    def overlaps(self, machine: int, start_us: int, end_us: int) -> bool:
        """Whether [start_us, end_us) touches an interval with another start.

        >>> taken = Occupied()
        >>> taken.put(1, 10, 20)
        >>> taken.overlaps(1, 19, 30), taken.overlaps(1, 20, 30), taken.overlaps(1, 10, 15)
        (True, False, False)
        """
        starts = self._starts.get(machine, [])
        place = bisect_left(starts, start_us)
        if place and self._ends[machine, starts[place - 1]] > start_us:
            return True
        if place < len(starts) and starts[place] == start_us:
            place += 1
        return place < len(starts) and starts[place] < end_us
