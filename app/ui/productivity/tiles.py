"""The row of figures of everybody together, against the comparable time before."""

import math

import pandas as pd

from app.production.camera.figures import ActivityQuestion
from app.production.camera.reach import first_activity
from app.ui.productivity.read import factory_of
from app.ui.scene import Scene
from app.ui.tiles import Comparison, kpi_tile, tile_grid

TILES = (
    ("utilisation", "Utilisation", "%", "Active time over active and idle time, all workers together."),
    ("productive_h", "Productive time", "h", "Person-hours in which somebody worked."),
    ("units", "Units", "", "Units that the cameras counted."),
    ("units_per_h", "Rate", "per h", "Units per productive hour."),
    ("workers", "Workers seen", "", "Workers with any event in the range."),
    ("stations", "Workstations in use", "", "Workstations with any event in the range."),
)


def factory_tiles(at: Scene, question: ActivityQuestion, before: ActivityQuestion) -> pd.Series:
    """Draw one tile per figure; returns the figures. Time before the first event is no comparison."""
    row = factory_of(at, question).iloc[0]
    earlier = factory_of(at, before).iloc[0]
    first = first_activity(at.access)
    is_whole = first is not None and first <= before.start_us
    weeks = max(1, round((question.start_us - before.start_us) / (7 * 86_400_000_000)))
    words = "last week" if weeks == 1 else f"{weeks} weeks ago"
    with tile_grid(min_width=140, key="productivity-tiles"):
        for name, label, unit, text in TILES:
            kpi_tile(
                label,
                _known(row[name]),
                key=name,
                unit=unit,
                decimals=0 if name in {"units", "workers", "stations"} else 1,
                comparison=Comparison(_known(earlier[name]), words)
                if is_whole and earlier["events"]
                else None,
                missing="no worked or idle time",
                better="neither" if name in {"workers", "stations"} else "up",
                help_text=text,
            )
    return row


def _known(value: float) -> float | None:
    return None if math.isnan(float(value)) else float(value)
