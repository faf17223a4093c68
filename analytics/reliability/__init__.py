"""Reliability and maintenance: when work is due, and what repairs and failures amount to."""

from analytics.reliability.due import UNITS, Standing, Unit, forecast, next_due, standing
from analytics.reliability.figures import Reliability, clipped_hours, reliability

__all__ = [
    "UNITS",
    "Reliability",
    "Standing",
    "Unit",
    "clipped_hours",
    "forecast",
    "next_due",
    "reliability",
    "standing",
]
