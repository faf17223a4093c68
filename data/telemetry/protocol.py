"""What every telemetry store answers, whichever engine keeps the points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import pandas as pd

from data.telemetry.batch import Batch
from data.telemetry.windows import Windows

MEASURES: Final = ("count", "mean", "min", "max", "sum", "first", "last", "std")
"""The columns of an aggregate. `std` is the sample standard deviation (n - 1), NaN for a single point."""
DEFAULT_MAX_GAP_US: Final = 300_000_000
"""Five minutes: two points further apart do not speak for the time between them."""
MOST_DRAWN: Final = 2_000
"""More points than this in one line are not to be told apart on a screen."""
MOST_ROWS: Final = 5_000_000
"""A question that would return more rows than this raises TooManyPoints."""

Keys = Sequence[str] | None
"""A choice of machine or parameter keys; None means all. Unknown keys are simply not in the answer."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a store is: `backlog` counts acknowledged points that are not yet in their final files."""

    reachable: bool
    engine: str
    version: str
    points: int
    size_bytes: int
    newest_us: int | None
    backlog: int
    journal: str
    writable: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What one step of upkeep did."""

    compacted_points: int = 0
    merged_segments: int = 0
    expired_segments: int = 0
    removed_files: int = 0


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a bulk load did: `unchanged` points were there, `expired` ones are older than what is kept."""

    loaded: int
    unchanged: int
    expired: int


class TelemetryStore(Protocol):
    """Points of (factory, machine, parameter, event time) -> value.

    Every method takes the factory's slug first and sees nothing of any other factory. Ranges are half-open
    [start_us, end_us) in int64 microseconds UTC. Of two points with one (machine, parameter, time) the one
    that was written last counts. Answers are sorted by machine, parameter and time. Numbers come out as
    double in everything but `latest` and `read`, true as 1; texts take part in `latest`, `read` and
    `parameters` only. Errors: StoreUnavailable, RejectedPoints, TooManyPoints, InvalidInput (a factory slug
    that is none).
    """

    def factories(self) -> tuple[str, ...]:
        """The slugs of the factories that have telemetry here, for upkeep and health."""
        ...

    def append(self, factory: str, batch: Batch) -> int:
        """Keep the batch: when this returns, it survives kill -9 and power loss. Returns its length."""
        ...

    def bulk_load(self, factory: str, points: Batch | pd.DataFrame) -> LoadReport:
        """Keep a large history at once, as durable as `append`; loading the same again changes nothing.

        A frame has the columns machine, parameter, time_us, value and times from 2000 to 2100.
        """
        ...

    def latest(self, factory: str, machines: Keys = None, parameters: Keys = None) -> pd.DataFrame:
        """The newest point of each series: machine, parameter, time_us, value (its own type, see `read`)."""
        ...

    def read(
        self,
        factory: str,
        start_us: int,
        end_us: int,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        limit: int = MOST_ROWS,
    ) -> pd.DataFrame:
        """The points as they came: machine, parameter, time_us, value.

        `value` has the points' type (float64, int64, bool, str) where they share one, else it is an object
        column in which each value has its own.
        """
        ...

    def aggregate(
        self, factory: str, windows: Windows, machines: Keys = None, parameters: Keys = None
    ) -> pd.DataFrame:
        """One row per series and window that holds a number: machine, parameter, start_us and MEASURES."""
        ...

    def downsample(
        self,
        factory: str,
        start_us: int,
        end_us: int,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        points: int = MOST_DRAWN,
        max_gap_us: int = DEFAULT_MAX_GAP_US,
    ) -> pd.DataFrame:
        """A line to draw: machine, parameter, time_us, value (float64), at most `points` rows per series.

        The smallest and the largest point of every bucket are there with their own times. A row with a NaN
        value breaks the line where no point came for longer than `max_gap_us` (or two buckets, if that is
        longer).
        """
        ...

    def matrix(
        self,
        factory: str,
        windows: Windows,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        measure: str = "mean",
    ) -> pd.DataFrame:
        """A feature table: index start_us of every window, columns (machine, parameter), NaN for nothing."""
        ...

    def integral(
        self,
        factory: str,
        windows: Windows,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        max_gap_us: int = DEFAULT_MAX_GAP_US,
    ) -> pd.DataFrame:
        """The time integral: machine, parameter, start_us, end_us, integral_h (value x hours), covered_s.

        Trapezoids between neighbouring points at most `max_gap_us` apart, cut at the windows' edges by
        interpolation; a longer gap adds neither value nor coverage. Power in kW gives energy in kWh.
        """
        ...

    def parameters(self, factory: str, machines: Keys = None) -> pd.DataFrame:
        """Which series exist: machine, parameter, kind (of the newest value), first_us, last_us."""
        ...

    def delete(self, factory: str, machine: str) -> int:
        """Forget a machine's points for good; returns how many series it had (0 if none)."""
        ...

    def maintain(self, factory: str, now_us: int) -> Maintenance:
        """One bounded step of upkeep (compaction, merging, retention); call it every minute or so."""
        ...

    def health(self, factory: str) -> Health:
        """How is the store? Never raises StoreUnavailable: `reachable` and `problem` say it."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
