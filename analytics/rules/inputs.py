"""What a rule sees of one machine over one stretch of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analytics.rules.truth import F64, I64


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Samples of one parameter: ascending distinct times in microseconds, values as doubles.

    `text` holds the values of a parameter that sends words (NaN in `value` there), else it is None.
    """

    times: I64
    value: F64
    text: tuple[str, ...] | None = None

    @classmethod
    def empty(cls) -> "Series":
        """No sample."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.float64))

    def between(self, start_us: int, end_us: int) -> "Series":
        """The samples of [start_us, end_us)."""
        first, stop = np.searchsorted(self.times, [start_us, end_us], "left")
        part = slice(int(first), int(stop))
        return Series(self.times[part], self.value[part], None if self.text is None else self.text[part])


@dataclass(frozen=True, slots=True, eq=False)
class StateSpans:
    """The machine's states: from `times[i]` on `states[i]`, up to the next time. No overlap."""

    times: I64
    states: I64

    @classmethod
    def empty(cls) -> "StateSpans":
        """Nothing is known of the machine's state."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True)
class Inputs:
    """Samples by parameter, and the machine's states. A parameter that is not there sent nothing."""

    series: Mapping[str, Series] = field(default_factory=dict)
    states: StateSpans = field(default_factory=StateSpans.empty)

    def samples(self, parameter: str, start_us: int, end_us: int) -> Series:
        """The samples of a parameter in [start_us, end_us)."""
        found = self.series.get(parameter)
        return Series.empty() if found is None else found.between(start_us, end_us)
