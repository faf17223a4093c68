"""The demo plant: a steel works that melts and casts, rolls, and machines."""

from functools import lru_cache
from typing import Final

from analytics.twin.plant.lines.machining import MACHINING
from analytics.twin.plant.lines.melting import MELTING
from analytics.twin.plant.lines.moving import MOVING
from analytics.twin.plant.lines.rolling import ROLLING
from analytics.twin.plant.model import LineModel, PlantModel, ProductModel, ReasonModel, ShiftModel
from analytics.vocabulary import ReasonCategory

UNPLANNED, SETUP = ReasonCategory.UNPLANNED, ReasonCategory.SETUP
PLANNED, EXTERNAL = ReasonCategory.PLANNED, ReasonCategory.EXTERNAL

NAME: Final = "Ruhrtal Steel Works"

LINES: Final = (
    LineModel("A", "Line A Melting & casting", 0.72),
    LineModel("B", "Line B Rolling", 0.65),
    LineModel("C", "Line C Machining", 0.62),
    LineModel("D", "Line D Supply", 0.8),
)

PRODUCTS: Final = (
    ProductModel("S235", "Structural steel S235JR", "t", 0.97),
    ProductModel("C45", "Heat-treatable steel C45", "t", 1.02),
    ProductModel("42CRMO4", "Alloy steel 42CrMo4", "t", 1.07),
    ProductModel("BAR-40", "Round bar 40 mm", "t", 0.98),
    ProductModel("BAR-65", "Round bar 65 mm", "t", 1.08),
    ProductModel("FLAT-60", "Flat bar 60 x 12 mm", "t", 0.93),
    ProductModel("BLANK-120", "Forging blank 120 mm", "pcs", 1.0),
    ProductModel("BLANK-180", "Forging blank 180 mm", "pcs", 1.09),
    ProductModel("SHAFT-S1", "Drive shaft S1", "pcs", 1.03),
    ProductModel("FLANGE-F2", "Flange F2", "pcs", 0.94),
    ProductModel("HUB-H3", "Wheel hub H3", "pcs", 1.08),
    ProductModel("SCRAP", "Scrap for melting", "t", 1.0),
    ProductModel("WATER", "Cooling water", "m³", 1.0),
)

REASONS: Final = (
    ReasonModel("technical", "Technical faults", UNPLANNED),
    ReasonModel("process", "Process faults", UNPLANNED),
    ReasonModel("organisation", "Organisation and supply", EXTERNAL),
    ReasonModel("setups", "Set-up and adjustment", SETUP),
    ReasonModel("planned", "Planned stops", PLANNED),
    ReasonModel("electrical", "Electrical fault", UNPLANNED, "technical"),
    ReasonModel("hydraulics", "Hydraulics leak or pressure loss", UNPLANNED, "technical"),
    ReasonModel("drive", "Drive fault", UNPLANNED, "technical"),
    ReasonModel("sensor", "Sensor or limit switch", UNPLANNED, "technical"),
    ReasonModel("bearing_failure", "Bearing failure", UNPLANNED, "technical"),
    ReasonModel("vibration_trip", "Vibration trip", UNPLANNED, "technical"),
    ReasonModel("cooling", "Cooling water fault", UNPLANNED, "technical"),
    ReasonModel("electrode", "Electrode breakage", UNPLANNED, "process"),
    ReasonModel("breakout", "Breakout alarm", UNPLANNED, "process"),
    ReasonModel("cobble", "Cobble in the stand", UNPLANNED, "process"),
    ReasonModel("jam", "Jam", UNPLANNED, "process"),
    ReasonModel("tool_break", "Tool breakage", UNPLANNED, "process"),
    ReasonModel("chips", "Chip tangle", UNPLANNED, "process"),
    ReasonModel("measuring", "Measuring and correcting", UNPLANNED, "process"),
    ReasonModel("wrong_program", "Wrong program or setting", UNPLANNED, "process", operator_error=True),
    ReasonModel("misfeed", "Part loaded wrongly", UNPLANNED, "process", operator_error=True),
    ReasonModel("no_material", "Waiting for material", EXTERNAL, "organisation"),
    ReasonModel("crane", "Waiting for the crane", EXTERNAL, "organisation"),
    ReasonModel("no_operator", "No operator", EXTERNAL, "organisation"),
    ReasonModel("power_limit", "Power limit of the grid", EXTERNAL, "organisation"),
    ReasonModel("lab", "Waiting for the laboratory", EXTERNAL, "organisation"),
    ReasonModel("tool_change", "Tool change", SETUP, "setups"),
    ReasonModel("roll_change", "Roll change", SETUP, "setups"),
    ReasonModel("electrode_change", "Electrode change", SETUP, "setups"),
    ReasonModel("mould_change", "Mould and tundish change", SETUP, "setups"),
    ReasonModel("product_change", "Product change", SETUP, "setups"),
    ReasonModel("warm_up", "Warm-up after standstill", SETUP, "setups"),
    ReasonModel("break", "Break", PLANNED, "planned"),
    ReasonModel("maintenance", "Planned maintenance", PLANNED, "planned"),
)

SHIFTS: Final = (
    ShiftModel("early", "Early", 360, 840, (("09:30", "10:00"),)),
    ShiftModel("late", "Late", 840, 1_320, (("17:30", "18:00"),)),
    ShiftModel("night", "Night", 1_320, 360, (("01:30", "02:00"),)),
)


@lru_cache(maxsize=16)
def steel_works(seed: int, anchor: int) -> PlantModel:
    """The demo plant of a seed; `anchor` is the ordinal of the day around which its bearing fails."""
    return PlantModel(
        seed=seed,
        anchor=anchor,
        name=NAME,
        timezone="Europe/Berlin",
        day_start_min=360,
        oee_target=0.65,
        lines=LINES,
        machines=(*MELTING, *ROLLING, *MACHINING, *MOVING),
        products=PRODUCTS,
        reasons=REASONS,
        shifts=SHIFTS,
    )
