"""The sizes and ages that steer the embedded store's upkeep."""

from dataclasses import dataclass

from data.telemetry.embedded.tiers import DAY_US, MINUTE_US


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each tier is kept and when the log is compacted; hours are kept for ever.

    A compaction runs when the log holds `compact_points` or when the last one is `compact_every_us` ago.
    Files of one window merge when `merge_segments` of one level stand in a row, and all of them one day
    after the window's end, as long as they hold at most `merge_rows` rows together (which bounds the
    memory).
    """

    raw_us: int = 90 * DAY_US
    minute_us: int = 730 * DAY_US
    compact_points: int = 1_000_000
    compact_every_us: int = 10 * MINUTE_US
    merge_segments: int = 8
    merge_rows: int = 20_000_000
    windows_per_step: int = 8
