"""What a server must do to keep telemetry: points, the minutes made of them, what is known of both.

Time is cut into windows of four hours. A window of a series is open (its points answer), rolled (its minutes
answer) or closed (its points have expired, only the minutes are left). A write opens the windows that it
touches before its points are stored, so that minutes never answer for points that they do not hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from data.telemetry.batch import I64, U8
from data.telemetry.embedded.points import Points
from data.telemetry.embedded.rollup import Rollup
from data.telemetry.embedded.tiers import HOUR_US
from data.telemetry.protocol import Health

WINDOW_US: Final = 4 * HOUR_US
OPEN: Final = 0
ROLLED: Final = 1
CLOSED: Final = 2


@dataclass(frozen=True, slots=True)
class Series:
    """A machine's parameter; `ref` is the engine's own number for it."""

    ref: int
    machine: str
    parameter: str


@dataclass(frozen=True, slots=True)
class Stale:
    """A window of a series whose minutes must be made; `seen` tells whether it was written since."""

    series: Series
    window: int
    seen: int


class Backend(Protocol):
    """One engine. `series` in points and rows is the place in the list of series that was asked for."""

    name: str

    def factories(self) -> tuple[str, ...]:
        """The slugs of the factories that have series here."""
        ...

    def series(self, factory: str) -> list[Series]:
        """Every living series, sorted by machine and parameter."""
        ...

    def write(self, factory: str, keys: Sequence[tuple[str, str]], points: Points) -> None:
        """Keep settled points whose series is a place in `keys`; durable when this returns.

        Opens their windows first. RejectedPoints for a closed window; then nothing is kept.
        """
        ...

    def newest(self, factory: str, series: Sequence[Series]) -> tuple[Points, I64]:
        """The newest point of each series that has one, and when its first point was."""
        ...

    def points(
        self,
        factory: str,
        series: Sequence[Series],
        start_us: int,
        end_us: int,
        *,
        typed: bool,
        most: int | None = None,
    ) -> Points:
        """Points of [start_us, end_us), settled. TooManyPoints for more than `most`."""
        ...

    def states(self, factory: str, series: Sequence[Series], first: int, last: int) -> U8:
        """The state of each series (rows) in each window of [first, last] (columns)."""
        ...

    def minutes(
        self, factory: str, series: Sequence[Series], start_us: int, end_us: int, columns: tuple[str, ...]
    ) -> Rollup:
        """The minutes that begin in [start_us, end_us), with these columns, sorted by series and time."""
        ...

    def stale(self, factory: str, before: int, most: int) -> list[Stale]:
        """Open windows before the window `before`, the oldest first, at most so many."""
        ...

    def roll(self, factory: str, chosen: list[Stale], rows: Rollup) -> int:
        """Keep the minutes of one window of several series and mark those that nobody wrote to since.

        `chosen` are of one window; a row's series is the place in `chosen`. Returns how many were marked.
        """
        ...

    def expire(self, factory: str, raw_before: int, minutes_before: int) -> int:
        """Close rolled windows before `raw_before`, forget minutes before the other; how many closed."""
        ...

    def delete(self, factory: str, machine: str) -> int:
        """Forget a machine; returns how many series it had."""
        ...

    def health(self, factory: str) -> Health:
        """How is the server? Raises StoreUnavailable when it does not answer."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
