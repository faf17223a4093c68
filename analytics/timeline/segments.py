"""What each machine was doing, as one gap-tolerant line of segments per machine."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.timeline.arrays import Codes, Flags, Int8s, Int32s, Int64s
from analytics.timeline.events import Events, checked_events
from analytics.timeline.kernel import merged_changes, narrow_ranks, time_order


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Segments [start_us, end_us) sorted by machine and start, which never overlap on one machine.

    `stop_us` is the length of the whole stop before any cut, so that a piece of a cut stop keeps its class.
    Time that no segment covers is unknown.
    """

    machine: Codes
    start_us: Int64s
    end_us: Int64s
    state: Int8s
    reason: Int32s
    stop_us: Int64s

    def __len__(self) -> int:
        return len(self.machine)

    def take(self, rows: Int64s | Flags) -> "Segments":
        """The chosen segments (a mask or ascending positions), in the same order."""
        return Segments(
            self.machine[rows],
            self.start_us[rows],
            self.end_us[rows],
            self.state[rows],
            self.reason[rows],
            self.stop_us[rows],
        )

    def frame(self) -> pd.DataFrame:
        """The segments as a frame with the columns machine, start_us, end_us, state, reason, stop_us."""
        return pd.DataFrame({name: getattr(self, name) for name in self.__slots__})


def from_transitions(
    machine: object,
    time_us: object,
    state: object,
    reason: object | None = None,
    *,
    until_us: int,
) -> Segments:
    """In which state was each machine, and for how long, given its state-change events?

    Parameters: equally long columns, in any order: machine codes (>= 0), event times (int64 microseconds
    UTC), State numbers and reason ids (-1 or no column: none). `until_us` is now. An event holds until the
    next one of its machine, the last one until `until_us`; events at or after `until_us` are in the future
    and left out. Of two events of one machine at the same time the later row wins. Consecutive events with
    the same state and reason are one segment and one stop. The time before a machine's first event stays
    uncovered. Errors: InvalidInput for columns of unequal length or an unknown state.

    >>> from_transitions([7, 7], [0, 60], [1, 5], until_us=100).frame()[["start_us", "end_us", "state"]]
       start_us  end_us  state
    0         0      60      1
    1        60     100      5
    """
    events = checked_events(machine, time_us, state, reason)
    if len(events) and events.time_us.max() >= until_us:
        events = events.take(np.flatnonzero(events.time_us < until_us))
    by_time = time_order(events.time_us)
    if by_time is not None:
        events = events.take(by_time)
    ranks, table = narrow_ranks(events.machine)
    changes, last = merged_changes(Events(ranks, events.time_us, events.state, events.reason))
    end = np.empty_like(changes.time_us)
    end[:-1] = changes.time_us[1:]
    end[last] = until_us
    named = changes.machine if table is None else table[changes.machine]
    length = end - changes.time_us
    return Segments(named, changes.time_us, end, changes.state, changes.reasons(), length)
