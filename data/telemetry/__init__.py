"""Time series of machines: the interface, the points' checks, and the engines behind it."""

from data.telemetry.batch import Batch, Kind
from data.telemetry.opening import open_store
from data.telemetry.protocol import (
    DEFAULT_MAX_GAP_US,
    MEASURES,
    Health,
    LoadReport,
    Maintenance,
    TelemetryStore,
)
from data.telemetry.windows import Windows

__all__ = [
    "DEFAULT_MAX_GAP_US",
    "MEASURES",
    "Batch",
    "Health",
    "Kind",
    "LoadReport",
    "Maintenance",
    "TelemetryStore",
    "Windows",
    "open_store",
]
