"""State-change events, checked once at the door."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Codes, Int8s, Int32s, Int64s, codes, int64s, same_length, whole_numbers
from analytics.vocabulary import State

NO_REASON: Final = -1
"""The reason id where nobody named a reason."""


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Equally long columns: from `time_us` on the machine is in `state` for `reason` (None: no reasons at
    all).
    """

    machine: Codes
    time_us: Int64s
    state: Int8s
    reason: Int32s | None

    def __len__(self) -> int:
        return len(self.time_us)

    def take(self, rows: NDArray[np.intp]) -> "Events":
        """The rows at these positions."""
        reason = None if self.reason is None else self.reason.take(rows)
        return Events(self.machine.take(rows), self.time_us.take(rows), self.state.take(rows), reason)

    def part(self, first: int, stop: int) -> "Events":
        """The rows from `first` up to `stop`, without a copy."""
        reason = None if self.reason is None else self.reason[first:stop]
        return Events(self.machine[first:stop], self.time_us[first:stop], self.state[first:stop], reason)

    def after(self, earlier: "Events | None") -> "Events":
        """These events behind earlier ones."""
        if earlier is None:
            return self
        reason = None
        if self.reason is not None and earlier.reason is not None:
            reason = np.concatenate((earlier.reason, self.reason))
        return Events(
            np.concatenate((earlier.machine, self.machine)),
            np.concatenate((earlier.time_us, self.time_us)),
            np.concatenate((earlier.state, self.state)),
            reason,
        )

    def reasons(self) -> Int32s:
        """The reason of each event, -1 where there is none."""
        return np.full(len(self), NO_REASON, np.int32) if self.reason is None else self.reason


def checked_events(machine: object, time_us: object, state: object, reason: object | None) -> Events:
    """The columns as events; InvalidInput for unequal lengths, an unknown state, a negative machine code."""
    machines, times, states = codes(machine, "machine"), int64s(time_us, "time_us"), checked_states(state)
    same_length(machine=machines, time_us=times, state=states)
    return Events(machines, times, states, None if reason is None else checked_reasons(reason, len(machines)))


def checked_states(state: object) -> Int8s:
    """The states as int8; InvalidInput where a number is no State."""
    given = whole_numbers(state, "state")
    if given.size and (given.min() < min(State) or given.max() > max(State)):
        raise InvalidInput.at("state", f"A state must be a number from {min(State):d} to {max(State):d}.")
    return given.astype(np.int8, copy=False)


def checked_reasons(reason: object | None, rows: int) -> Int32s:
    """The reason ids as int32, -1 where none is given."""
    if reason is None:
        return np.full(rows, NO_REASON, np.int32)
    ids = int64s(reason, "reason").astype(np.int32, copy=False)
    if len(ids) != rows:
        raise InvalidInput.at("reason", f"reason has {len(ids)} rows where the other columns have {rows}.")
    return ids
