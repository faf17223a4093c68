"""The time model: states, stops, shifts and the class of every second."""

from analytics.timeline.accounting import TimeAccount, account_transitions
from analytics.timeline.axis import Axis
from analytics.timeline.calendar import EVERY_DAY, ShiftPattern, day_windows, shift_windows, wall_to_us
from analytics.timeline.classes import SlotKind, classify
from analytics.timeline.events import NO_REASON
from analytics.timeline.intervals import OPEN, Overlaps, from_intervals
from analytics.timeline.pieces import pieces
from analytics.timeline.segments import Segments, from_transitions
from analytics.timeline.slots import WindowsOf
from analytics.timeline.windows import OUTSIDE, Windows, span

__all__ = [
    "EVERY_DAY",
    "NO_REASON",
    "OPEN",
    "OUTSIDE",
    "Axis",
    "Overlaps",
    "Segments",
    "ShiftPattern",
    "SlotKind",
    "TimeAccount",
    "Windows",
    "WindowsOf",
    "account_transitions",
    "classify",
    "day_windows",
    "from_intervals",
    "from_transitions",
    "pieces",
    "shift_windows",
    "span",
    "wall_to_us",
]
