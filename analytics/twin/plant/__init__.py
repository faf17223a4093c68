"""A simulated plant: states, counts, signals and shift records of any range, from a seed alone.

Each value depends on the seed, the machine and its own day or moment: a range computed alone equals the same
range computed as part of a longer one.
"""

from analytics.twin.plant.model import (
    LineModel,
    MachineModel,
    PlantModel,
    ProductModel,
    ReasonModel,
    ShiftModel,
    SignalModel,
)
from analytics.twin.plant.output import Counts
from analytics.twin.plant.people import Seen, activities, staff
from analytics.twin.plant.ranges import States, counts, states
from analytics.twin.plant.records import ShiftRecord, shift_records
from analytics.twin.plant.schedule import PlantDay, day_of, plant_day
from analytics.twin.plant.signals import flank_wear_mm, telemetry
from analytics.twin.plant.steelworks import steel_works

__all__ = [
    "Counts",
    "LineModel",
    "MachineModel",
    "PlantDay",
    "PlantModel",
    "ProductModel",
    "ReasonModel",
    "Seen",
    "ShiftModel",
    "ShiftRecord",
    "SignalModel",
    "States",
    "activities",
    "counts",
    "day_of",
    "flank_wear_mm",
    "plant_day",
    "shift_records",
    "staff",
    "states",
    "steel_works",
    "telemetry",
]
