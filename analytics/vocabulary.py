"""The words that every room shares: machine states, time classes, losses, reason categories, units.

Sources: ISO 22400-2 (KPI symbols), SEMI E10 and PackML (states), Nakajima (six big losses).
"""

from enum import IntEnum, StrEnum
from typing import Final

MICROSECONDS: Final = 1_000_000
"""Microseconds in a second: all times inside are int64 microseconds since 1970-01-01 UTC."""


class State(IntEnum):
    """What a machine is doing, as its controller or an operator reports it. Stored as this number."""

    UNKNOWN = 0
    RUNNING = 1
    IDLE = 2
    SETUP = 3
    PLANNED_STOP = 4
    DOWN = 5
    OFF = 6


STATE_WORDS: Final[dict[State, str]] = {
    State.UNKNOWN: "unknown",
    State.RUNNING: "running",
    State.IDLE: "idle",
    State.SETUP: "setup",
    State.PLANNED_STOP: "planned_stop",
    State.DOWN: "down",
    State.OFF: "off",
}
"""The word of each state in files, in the API and on the command line."""

STATE_LABELS: Final[dict[State, str]] = {
    State.UNKNOWN: "No data",
    State.RUNNING: "Running",
    State.IDLE: "Idle",
    State.SETUP: "Set-up",
    State.PLANNED_STOP: "Planned stop",
    State.DOWN: "Down",
    State.OFF: "Off",
}


class TimeClass(IntEnum):
    """The class of a second in the time model; every second of a window is in exactly one."""

    UNKNOWN = 0
    PRODUCING = 1
    MINOR_STOP = 2
    SETUP = 3
    UNPLANNED_STOP = 4
    PLANNED_STOP = 5
    NOT_SCHEDULED = 6


TIME_CLASS_LABELS: Final[dict[TimeClass, str]] = {
    TimeClass.UNKNOWN: "No data",
    TimeClass.PRODUCING: "Producing",
    TimeClass.MINOR_STOP: "Minor stops",
    TimeClass.SETUP: "Set-up",
    TimeClass.UNPLANNED_STOP: "Unplanned stops",
    TimeClass.PLANNED_STOP: "Planned stops",
    TimeClass.NOT_SCHEDULED: "Not scheduled",
}


class Activity(IntEnum):
    """What a camera says of a worker at a workstation. Stored as this number."""

    WORKING = 0
    IDLE = 1
    ABSENT = 2
    PRODUCT_COUNT = 3


ACTIVITY_WORDS: Final[dict[Activity, str]] = {one: one.name.lower() for one in Activity}
ACTIVITIES: Final[dict[str, Activity]] = {word: one for one, word in ACTIVITY_WORDS.items()}


class ReasonCategory(StrEnum):
    """The branch of the reason tree that a stop's reason belongs to."""

    UNPLANNED = "unplanned"
    SETUP = "setup"
    PLANNED = "planned"
    EXTERNAL = "external"
    NOT_SCHEDULED = "not_scheduled"


class Loss(StrEnum):
    """The six big losses of Nakajima, as used with OEE."""

    BREAKDOWN = "breakdown"
    SETUP = "setup"
    MINOR_STOP = "minor_stop"
    REDUCED_SPEED = "reduced_speed"
    DEFECT = "defect"
    STARTUP = "startup"


LOSS_LABELS: Final[dict[Loss, str]] = {
    Loss.BREAKDOWN: "Breakdowns",
    Loss.SETUP: "Set-up and adjustment",
    Loss.MINOR_STOP: "Idling and minor stops",
    Loss.REDUCED_SPEED: "Reduced speed",
    Loss.DEFECT: "Process defects",
    Loss.STARTUP: "Start-up losses",
}

ANOMALY_SCORE: Final = "anomaly_score"
"""The parameter that holds a machine's live distance from normal; 1 is the limit."""
ANOMALY_SCORE_UNIT: Final = "x limit"
