"""The three tiers of files: every point, its minute, its hour."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

MINUTE_US: Final = 60_000_000
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US
DENSE: Final = 4
"""A day gets minute files where a minute holds this many points on average; else its points serve."""


class Tier(IntEnum):
    """How fine the rows of a file are. Stored as this number."""

    RAW = 0
    MINUTE = 1
    HOUR = 2


FOLDER: Final = {Tier.RAW: "raw", Tier.MINUTE: "minute", Tier.HOUR: "hour"}
WIDTH_US: Final = {Tier.RAW: 1, Tier.MINUTE: MINUTE_US, Tier.HOUR: HOUR_US}
"""The time that one row stands for."""
WINDOW_US: Final = {Tier.RAW: DAY_US, Tier.MINUTE: DAY_US, Tier.HOUR: 32 * DAY_US}
"""The time that one file stands for: a file holds nothing outside its window."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A file's place: its window, and how it stands to the other files of the window.

    `rank` orders the files of a window: of two rows with one key the one of the higher rank is true. `level`
    counts how often its rows were merged.
    """

    tier: Tier
    window_us: int
    rank: int
    level: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One file as the manifest lists it; `tier`, `window_us`, `rank` and `level` as in `Slot`.

    `first_us`, `last_us`, `first_series` and `last_series` bound its rows (inclusive). `dirty` says that it
    may hold series that were deleted.
    """

    name: str
    tier: Tier
    window_us: int
    rank: int
    level: int
    rows: int
    size_bytes: int
    first_us: int
    last_us: int
    first_series: int
    last_series: int
    dirty: bool = False

    @property
    def path(self) -> str:
        """The file's path under the factory's folder."""
        return path_of(self.tier, self.window_us, self.name)

    def meets(self, start_us: int, end_us: int) -> bool:
        """May it hold a row that begins inside [start_us, end_us)?"""
        return self.first_us < end_us and self.last_us >= start_us


def path_of(tier: Tier, window_us: int, name: str) -> str:
    """One folder per tier and window, named by the window's first day.

    >>> path_of(Tier.RAW, 0, "a")
    'raw/day=1970-01-01/a.parquet'
    """
    day = np.datetime64(window_us, "us").astype("datetime64[D]")
    return f"{FOLDER[tier]}/day={day}/{name}.parquet"
