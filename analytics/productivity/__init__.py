"""Productivity from camera events: who worked where, how long, and what came of it."""

from analytics.productivity.events import (
    NOBODY,
    ActivityEvents,
    activity_events,
    confident,
    content_numbers,
    deduplicated,
)
from analytics.productivity.figures import factory_figures, station_figures, worker_figures
from analytics.productivity.hours import SUMMED, TIMES, Grid, grid, hour_figures
from analytics.productivity.models import (
    THRESHOLDS,
    Drift,
    Verdict,
    compare_models,
    drift,
    kolmogorov_smirnov,
    psi,
    sensitivity,
)
from analytics.productivity.spells import Spells, spells
from analytics.productivity.stations import station_hours

__all__ = [
    "NOBODY",
    "SUMMED",
    "THRESHOLDS",
    "TIMES",
    "ActivityEvents",
    "Drift",
    "Grid",
    "Spells",
    "Verdict",
    "activity_events",
    "compare_models",
    "confident",
    "content_numbers",
    "deduplicated",
    "drift",
    "factory_figures",
    "grid",
    "hour_figures",
    "kolmogorov_smirnov",
    "psi",
    "sensitivity",
    "spells",
    "station_figures",
    "station_hours",
    "worker_figures",
]
