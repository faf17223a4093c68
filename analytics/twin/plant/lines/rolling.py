"""Line B of the demo plant: roughing mill, finishing mill, cold saw and hydraulic press."""

from typing import Final

from analytics.twin.plant.model import (
    BearingModel,
    ChangeModel,
    MachineModel,
    SignalModel,
    StopModel,
    UpkeepModel,
)
from analytics.vocabulary import State

DOWN, IDLE = State.DOWN, State.IDLE
SUNDAY_NIGHT: Final = frozenset({(6, "night")})
BARS: Final = (("BAR-40", 52.0), ("FLAT-60", 58.0), ("BAR-65", 47.0))

ROUGHING_MILL: Final = MachineModel(
    "rough-1", "Roughing mill", "B", "Two-high reversing mill", "SMS group", "RM 850", "Rolling hall, bay 1",
    BARS, speed=0.93, takes_breaks=False,
    scrap=0.014, rest=SUNDAY_NIGHT, cold_start_min=40.0, quantum=0.5, importance=4,
    tools=ChangeModel(0.33, "roll_change", 62.0),
    campaigns=ChangeModel(0.9, "product_change", 36.0),
    upkeep=UpkeepModel(1, 4.0, 1.5),
    stops=(
        StopModel(None, IDLE, 9.0, 80.0),
        StopModel("cobble", DOWN, 4.5, 170.0),
        StopModel("no_material", IDLE, 4.2, 750.0),
        StopModel("drive", DOWN, 0.56, 3_480.0),
        StopModel("hydraulics", DOWN, 0.56, 2_460.0),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 30.0, 340.0, 3_650.0, 130.0, 180.0, load=0.9, wear=0.4,
                    is_kpi=True, high_limit=5_000.0, decimals=1),
        SignalModel("roll_force_kn", "Rolling force", "kN", 0.0, 20.0, 4_800.0, 120.0, 160.0, load=1.0,
                    wear=0.8, is_kpi=True, high_limit=6_500.0, decimals=0),
        SignalModel("roll_speed_rpm", "Roll speed", "rpm", 0.0, 12.0, 64.0, 0.8, 1.5, load=-0.5, decimals=1),
        SignalModel("bearing_temp_c", "Bearing temperature", "°C", 20.0, 34.0, 57.0, 0.5, 1.2, lag_min=28.0,
                    ambient=1.5, high_limit=85.0, decimals=1),
        SignalModel("vibration_mm_s", "Vibration velocity", "mm/s", 0.1, 0.4, 2.6, 0.16, 0.2, wear=0.5,
                    high_limit=7.1),
        SignalModel("oil_pressure_bar", "Oil pressure", "bar", 0.5, 4.8, 5.6, 0.07, 0.15, low_limit=4.0),
    ),
)  # fmt: skip

FINISHING_MILL: Final = MachineModel(
    "finish-1", "Finishing mill", "B", "Six-stand finishing mill", "Danieli", "FM 6/420",
    "Rolling hall, bay 2",
    (("BAR-40", 50.0), ("FLAT-60", 57.0), ("BAR-65", 45.0)),
    speed=0.91, takes_breaks=False, scrap=0.020,
    rest=SUNDAY_NIGHT, cold_start_min=45.0, quantum=0.5, importance=5,
    tools=ChangeModel(0.5, "roll_change", 68.0),
    campaigns=ChangeModel(0.9, "product_change", 44.0),
    upkeep=UpkeepModel(1, 4.0, 1.5),
    bearing=BearingModel(63, 20, 4, "bearing_failure", 9.5),
    stops=(
        StopModel(None, IDLE, 8.0, 85.0),
        StopModel("cobble", DOWN, 6.5, 190.0),
        StopModel("vibration_trip", DOWN, 34.0, 130.0, spread=0.5, monday=1.2, with_bearing=True),
        StopModel("no_material", IDLE, 3.64, 810.0),
        StopModel("drive", DOWN, 0.7, 3_340.0),
        StopModel("sensor", DOWN, 1.68, 900.0),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 40.0, 420.0, 5_400.0, 170.0, 260.0, load=0.9, wear=0.4,
                    bearing=240.0, is_kpi=True, high_limit=7_000.0, decimals=1),
        SignalModel("roll_force_kn", "Rolling force", "kN", 0.0, 15.0, 2_900.0, 75.0, 100.0, load=1.0,
                    wear=0.8, high_limit=4_000.0, decimals=0),
        SignalModel("exit_speed_m_s", "Exit speed", "m/s", 0.0, 0.4, 11.5, 0.16, 0.3, load=-0.8),
        SignalModel("bearing_temp_c", "Bearing temperature", "°C", 20.0, 36.0, 61.0, 0.6, 1.3, lag_min=26.0,
                    bearing=27.0, ambient=1.5, is_kpi=True, high_limit=85.0, decimals=1),
        SignalModel("vibration_mm_s", "Vibration velocity", "mm/s", 0.1, 0.5, 2.8, 0.18, 0.2, wear=0.4,
                    bearing=5.6, is_kpi=True, high_limit=7.1),
        SignalModel("strip_temp_c", "Exit temperature", "°C", 24.0, 90.0, 935.0, 7.0, 11.0, lag_min=0.4,
                    low_limit=850.0, high_limit=990.0, decimals=0),
        SignalModel("cooling_water_c", "Cooling water return", "°C", 18.0, 23.0, 33.0, 0.3, 0.8, lag_min=15.0,
                    ambient=1.2, high_limit=45.0, decimals=1),
    ),
)  # fmt: skip

COLD_SAW: Final = MachineModel(
    "saw-1", "Cooling bed & cold saw", "B", "Cold saw", "Linsinger", "KSS 1250", "Rolling hall, exit",
    (("BAR-40", 49.0), ("FLAT-60", 55.0), ("BAR-65", 44.0)),
    speed=0.90, takes_breaks=False, scrap=0.016, rest=SUNDAY_NIGHT, cold_start_min=15.0, quantum=0.5,
    tools=ChangeModel(1.4, "tool_change", 31.0),
    campaigns=ChangeModel(0.9, "product_change", 21.0),
    stops=(
        StopModel(None, IDLE, 12.0, 75.0),
        StopModel("jam", DOWN, 9.0, 120.0),
        StopModel("no_material", IDLE, 5.6, 700.0),
        StopModel("chips", DOWN, 5.0, 150.0),
        StopModel("electrical", DOWN, 0.7, 2_180.0),
        StopModel("tool_break", DOWN, 0.7, 2_460.0),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 4.0, 22.0, 168.0, 7.0, 9.0, load=0.8, wear=0.4,
                    is_kpi=True, high_limit=240.0, decimals=1),
        SignalModel("cutting_force_n", "Cutting force", "N", 0.0, 0.0, 5_600.0, 170.0, 200.0, load=1.0,
                    wear=0.8, high_limit=7_500.0, decimals=0),
        SignalModel("feed_force_n", "Feed force", "N", 0.0, 0.0, 2_300.0, 90.0, 100.0, load=1.0, wear=3.2,
                    is_kpi=True, high_limit=4_500.0, decimals=0),
        SignalModel("blade_speed_m_min", "Blade speed", "m/min", 0.0, 0.0, 122.0, 1.2, 2.5, load=-0.4,
                    decimals=1),
        SignalModel("vibration_mm_s", "Vibration velocity", "mm/s", 0.1, 0.3, 3.1, 0.3, 0.3, wear=1.0,
                    high_limit=8.0),
        SignalModel("bed_temp_c", "Cooling bed temperature", "°C", 24.0, 95.0, 262.0, 6.0, 12.0, lag_min=16.0,
                    ambient=3.0, high_limit=350.0, decimals=0),
    ),
)  # fmt: skip

PRESS: Final = MachineModel(
    "press-1", "Hydraulic press", "B", "Forging press", "Schuler", "MH 1600", "Forge",
    (("BLANK-120", 34.0), ("BLANK-180", 46.0)),
    speed=0.87, scrap=0.024, rework=0.010, rest=SUNDAY_NIGHT, cold_start_min=50.0, importance=4,
    tools=ChangeModel(0.9, "tool_change", 55.0),
    campaigns=ChangeModel(1.3, "product_change", 49.0),
    upkeep=UpkeepModel(4, 9.0, 1.5),
    stops=(
        StopModel(None, IDLE, 16.0, 70.0),
        StopModel("misfeed", DOWN, 12.0, 110.0, night=1.7),
        StopModel("jam", DOWN, 8.0, 150.0),
        StopModel("no_material", IDLE, 4.38, 750.0),
        StopModel("hydraulics", DOWN, 1.62, 3_250.0),
        StopModel("sensor", DOWN, 2.5, 600.0),
        StopModel("no_operator", IDLE, 2.0, 880.0, night=2.2),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 6.0, 74.0, 385.0, 18.0, 22.0, load=0.8, wear=0.3,
                    is_kpi=True, high_limit=520.0, decimals=1),
        SignalModel("press_force_kn", "Pressing force", "kN", 0.0, 0.0, 12_400.0, 260.0, 300.0, load=1.0,
                    wear=0.8, is_kpi=True, high_limit=17_500.0, decimals=0),
        SignalModel("oil_temp_c", "Oil temperature", "°C", 19.0, 38.0, 54.0, 0.4, 1.2, lag_min=45.0,
                    ambient=1.6, high_limit=68.0, decimals=1),
        SignalModel("hydraulic_bar", "Hydraulic pressure", "bar", 3.0, 205.0, 282.0, 4.0, 5.0, load=0.3,
                    low_limit=180.0, high_limit=315.0, decimals=1),
        SignalModel("die_temp_c", "Die temperature", "°C", 22.0, 150.0, 236.0, 3.0, 6.0, lag_min=22.0,
                    high_limit=290.0, decimals=0),
        SignalModel("stroke_s", "Stroke time", "s", 0.0, 0.0, 8.6, 0.14, 0.2, load=0.6, wear=0.4),
    ),
)  # fmt: skip

ROLLING: Final = (ROUGHING_MILL, FINISHING_MILL, COLD_SAW, PRESS)
