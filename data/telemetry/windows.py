"""The time windows that a question is asked over: an even step, or local days of 23, 24 or 25 hours."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from analytics.errors import InvalidInput, TooManyPoints
from analytics.vocabulary import MICROSECONDS

MOST_WINDOWS = 2_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Adjoining half-open windows: window k is [edges_us[k], edges_us[k + 1]).

    `edges_us` is int64 microseconds UTC, strictly ascending, at least two. `step_us` is the common length, or
    None where the windows differ in length.
    """

    edges_us: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        if len(self.edges_us) < 2 or bool((np.diff(self.edges_us) <= 0).any()):
            raise InvalidInput.at(
                "edges_us", "Windows need at least two edges, each later than the one before."
            )

    @classmethod
    def every(cls, start_us: int, end_us: int, step_us: int) -> Self:
        """Windows of `step_us` from `start_us`; the last one ends at `end_us` and may be shorter.

        >>> Windows.every(0, 25, 10).edges_us.tolist()
        [0, 10, 20, 25]
        """
        if step_us <= 0 or end_us <= start_us:
            raise InvalidInput.at("step_us", "The step must be positive and the end later than the start.")
        if (end_us - start_us) // step_us > MOST_WINDOWS:
            raise TooManyPoints(
                f"More than {MOST_WINDOWS:,} windows: choose a longer step or a shorter range."
            )
        edges = np.arange(start_us, end_us, step_us, dtype=np.int64)
        return cls(np.append(edges, np.int64(end_us)))

    @classmethod
    def local_days(cls, first: date, days: int, zone: ZoneInfo) -> Self:
        """`days` calendar days of `zone` from `first`: 82,800, 86,400 or 90,000 seconds each.

        >>> import numpy as np
        >>> days = Windows.local_days(date(2026, 3, 28), 2, ZoneInfo("Europe/Berlin"))
        >>> (np.diff(days.edges_us) // 1_000_000).tolist()
        [86400, 82800]
        """
        midnights = [
            datetime.combine(first + timedelta(n), datetime.min.time(), zone) for n in range(days + 1)
        ]
        seconds = [int((midnight - EPOCH).total_seconds()) for midnight in midnights]
        return cls(np.array(seconds, np.int64) * MICROSECONDS)

    @property
    def start_us(self) -> int:
        """The first window's start."""
        return int(self.edges_us[0])

    @property
    def end_us(self) -> int:
        """The last window's end (not inside)."""
        return int(self.edges_us[-1])

    @property
    def step_us(self) -> int | None:
        """The common length of all windows, or None."""
        lengths = np.diff(self.edges_us)
        return int(lengths[0]) if bool((lengths == lengths[0]).all()) else None

    def __len__(self) -> int:
        return len(self.edges_us) - 1
