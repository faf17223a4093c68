"""The time model: states, stops, shifts and the class of every second."""

from analytics.timeline.accounting import TimeAccount, account_transitions
from analytics.timeline.axis import Axis
from analytics.timeline.classes import SlotKind, classify
from analytics.timeline.drawing.pieces import pieces
from analytics.timeline.events import NO_REASON
from analytics.timeline.intervals import OPEN, Overlaps, from_intervals
from analytics.timeline.labels import labelled
from analytics.timeline.segments import Segments, from_transitions
from analytics.timeline.shifts.calendar import EVERY_DAY, ShiftPattern, day_windows, shift_windows, wall_to_us
from analytics.timeline.shifts.crews import FREE, CrewRotation, crew_on, rotation, shift_letters
from analytics.timeline.shifts.overlap import refuse_overlaps
from analytics.timeline.shifts.special import DayException, SpecialDay, special_days
from analytics.timeline.slots import WindowsOf
from analytics.timeline.windows import OUTSIDE, Windows, span, taken

__all__ = [
    "EVERY_DAY",
    "FREE",
    "NO_REASON",
    "OPEN",
    "OUTSIDE",
    "Axis",
    "CrewRotation",
    "DayException",
    "Overlaps",
    "Segments",
    "ShiftPattern",
    "SlotKind",
    "SpecialDay",
    "TimeAccount",
    "Windows",
    "WindowsOf",
    "account_transitions",
    "classify",
    "crew_on",
    "day_windows",
    "from_intervals",
    "from_transitions",
    "labelled",
    "pieces",
    "refuse_overlaps",
    "rotation",
    "shift_letters",
    "shift_windows",
    "span",
    "special_days",
    "taken",
    "wall_to_us",
]
