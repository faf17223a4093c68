"""The columns of a cell: what is summed, in which unit."""

from typing import Final

from analytics.vocabulary import TimeClass

CLASS_COLUMNS: Final[dict[TimeClass, str]] = {
    TimeClass.UNKNOWN: "unknown_us",
    TimeClass.PRODUCING: "producing_us",
    TimeClass.MINOR_STOP: "minor_stop_us",
    TimeClass.SETUP: "setup_us",
    TimeClass.UNPLANNED_STOP: "unplanned_stop_us",
    TimeClass.PLANNED_STOP: "planned_stop_us",
    TimeClass.NOT_SCHEDULED: "not_scheduled_us",
}
"""The column of each time class; their sum is calendar_us, exactly."""

TIME_COLUMNS: Final = ("calendar_us", *CLASS_COLUMNS.values())
IDEAL_COLUMNS: Final = ("ideal_us", "ideal_scrap_us", "ideal_startup_us")
OTHER_TIME_COLUMNS: Final = ("run_without_ideal_us", "overlap_us", "record_us")
COUNT_COLUMNS: Final = ("total", "good", "scrap", "rework", "startup_scrap", "total_without_ideal")
SUMMED_COLUMNS: Final = (*TIME_COLUMNS, *IDEAL_COLUMNS, *OTHER_TIME_COLUMNS, *COUNT_COLUMNS)
CELL_KEYS: Final = ("machine", "window", "product")
"""What identifies a cell; `day`, `shift`, `start_us` and `end_us` follow from machine and window."""

NO_PRODUCT: Final = -1
"""The product of time and parts for which none is known, and of a machine's default cycle time."""
