"""Anomalies: what is not as it was while all was well, since when, and which parameters say so."""

from analytics.anomaly.detector import Detector, State
from analytics.anomaly.episodes import changed_since, episodes, has_changed
from analytics.anomaly.fitting import MINIMUM_ROWS, fit, rebaselined
from analytics.anomaly.keeping import from_bytes, to_bytes
from analytics.anomaly.measures import severity
from analytics.anomaly.shifts import SHIFT_COLUMNS, shift_rows
from analytics.anomaly.stream import Memory, fresh_memory, live_scores

__all__ = [
    "MINIMUM_ROWS",
    "SHIFT_COLUMNS",
    "Detector",
    "Memory",
    "State",
    "changed_since",
    "episodes",
    "fit",
    "fresh_memory",
    "from_bytes",
    "has_changed",
    "live_scores",
    "rebaselined",
    "severity",
    "shift_rows",
    "to_bytes",
]
