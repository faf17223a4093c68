"""Line C of the demo plant: two lathes, a grinder and the manual inspection cell; off from Saturday night."""

from typing import Final

from analytics.twin.lathe.checks import standard_process
from analytics.twin.lathe.machine import Lathe
from analytics.twin.plant.lines.lathes import lathe_signals
from analytics.twin.plant.model import ChangeModel, MachineModel, SignalModel, StopModel, UpkeepModel
from analytics.vocabulary import State

DOWN, IDLE = State.DOWN, State.IDLE
WEEKENDS: Final = frozenset({(5, "night"), (6, "early"), (6, "late"), (6, "night")})

SHAFTS: Final = standard_process(
    "mild_steel", "turning", 5, Lathe("CTX beta 1250"), speed_m_min=218.6, diameter_mm=48.0
)
FLANGES: Final = standard_process(
    "mild_steel", "turning", 5, Lathe("G220", fixed_kw=2.9), speed_m_min=223.9, depth_mm=1.8, diameter_mm=44.0
)
"""What the two lathes cut; their signals follow from it."""

LATHE_1: Final = MachineModel(
    "lathe-1", "CNC lathe 1", "C", "CNC lathe", "DMG Mori", "CTX beta 1250", "Machine shop, row 1",
    (("SHAFT-S1", 168.0), ("FLANGE-F2", 126.0), ("HUB-H3", 204.0)),
    speed=0.94, takes_breaks=False, scrap=0.016, rework=0.008, rest=WEEKENDS, cold_start_min=20.0,
    tools=ChangeModel(4.0, "tool_change", 12.0),
    campaigns=ChangeModel(0.8, "product_change", 60.0),
    upkeep=UpkeepModel(4, 10.0, 1.0),
    stops=(
        StopModel(None, IDLE, 10.0, 70.0),
        StopModel("chips", DOWN, 9.0, 120.0),
        StopModel("measuring", IDLE, 7.0, 200.0, spread=0.4),
        StopModel("no_operator", IDLE, 2.7, 840.0, night=2.0),
        StopModel("tool_break", DOWN, 0.94, 1_760.0),
        StopModel("electrical", DOWN, 0.41, 3_240.0),
    ),
    signals=lathe_signals(SHAFTS),
)  # fmt: skip

LATHE_2: Final = MachineModel(
    "lathe-2", "CNC lathe 2", "C", "CNC lathe", "Index", "G220", "Machine shop, row 1",
    (("FLANGE-F2", 118.0), ("HUB-H3", 192.0), ("SHAFT-S1", 160.0)),
    speed=0.88, scrap=0.026, rework=0.014, rest=WEEKENDS, cold_start_min=22.0,
    tools=ChangeModel(5.0, "tool_change", 11.0),
    campaigns=ChangeModel(1.1, "product_change", 52.0),
    upkeep=UpkeepModel(4, 12.0, 1.0),
    stops=(
        StopModel(None, IDLE, 14.0, 75.0),
        StopModel("chips", DOWN, 13.0, 130.0),
        StopModel("measuring", IDLE, 8.0, 220.0, spread=0.4),
        StopModel("wrong_program", DOWN, 1.75, 700.0, night=1.8),
        StopModel("no_operator", IDLE, 3.0, 800.0, night=2.2),
        StopModel("drive", DOWN, 0.62, 3_120.0),
    ),
    signals=lathe_signals(FLANGES, has_passive=False),
)  # fmt: skip

GRINDER: Final = MachineModel(
    "grinder-1", "Cylindrical grinder", "C", "Grinder", "Studer", "S41", "Machine shop, row 2",
    (("SHAFT-S1", 92.0), ("HUB-H3", 108.0)),
    speed=0.83, scrap=0.030, rework=0.030, rest=WEEKENDS, cold_start_min=30.0,
    tools=ChangeModel(6.5, "tool_change", 13.0),
    campaigns=ChangeModel(1.0, "product_change", 55.0),
    upkeep=UpkeepModel(4, 5.0, 1.0),
    stops=(
        StopModel(None, IDLE, 14.0, 80.0),
        StopModel("measuring", IDLE, 18.0, 210.0, spread=0.4),
        StopModel("no_material", IDLE, 6.25, 950.0),
        StopModel("no_operator", IDLE, 3.75, 880.0, night=2.2),
        StopModel("cooling", DOWN, 1.25, 2_000.0),
        StopModel("wrong_program", DOWN, 1.5, 750.0, night=1.8),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 0.5, 3.8, 15.5, 0.7, 0.7, load=0.5, wear=0.5,
                    is_kpi=True, high_limit=24.0),
        SignalModel("grinding_force_n", "Tangential force", "N", 0.0, 0.0, 85.0, 3.2, 3.0, load=1.0, wear=0.8,
                    high_limit=130.0, decimals=1),
        SignalModel("normal_force_n", "Normal force", "N", 0.0, 0.0, 172.0, 6.0, 6.0, load=1.0, wear=2.2,
                    is_kpi=True, high_limit=320.0, decimals=1),
        SignalModel("acoustic_v", "Acoustic emission", "V", 0.02, 0.05, 1.9, 0.1, 0.08, wear=2.4),
        SignalModel("coolant_temp_c", "Coolant temperature", "°C", 19.0, 21.0, 25.5, 0.15, 0.4, lag_min=30.0,
                    ambient=1.0, high_limit=30.0, decimals=1),
        SignalModel("wheel_speed_m_s", "Wheel speed", "m/s", 0.0, 0.0, 45.0, 0.25, 0.4, high_limit=50.0,
                    decimals=1),
    ),
)  # fmt: skip

INSPECTION: Final = MachineModel(
    "inspect-1", "Inspection & packing cell", "C", "Manual cell", "Gemba workshop", "Cell 1",
    "Machine shop, dispatch",
    (("SHAFT-S1", 64.0), ("FLANGE-F2", 48.0), ("HUB-H3", 72.0)),
    speed=0.88, scrap=0.022, cold_start_min=10.0, importance=2, is_manual=True,
    campaigns=ChangeModel(1.0, "product_change", 12.0),
    stops=(
        StopModel("no_material", IDLE, 6.0, 900.0),
        StopModel("no_operator", IDLE, 4.0, 780.0, night=2.0),
        StopModel("measuring", IDLE, 5.0, 420.0),
    ),
)  # fmt: skip

MACHINING: Final = (LATHE_1, LATHE_2, GRINDER, INSPECTION)
