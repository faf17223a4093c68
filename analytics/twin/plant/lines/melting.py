"""Line A of the demo plant: arc furnace, ladle furnace, caster and reheating furnace, around the clock."""

from typing import Final

from analytics.twin.plant.model import ChangeModel, MachineModel, SignalModel, StopModel, UpkeepModel
from analytics.vocabulary import State

DOWN, IDLE = State.DOWN, State.IDLE
HEATS: Final = (("S235", 30.0), ("C45", 31.5), ("42CRMO4", 34.0))

ARC_FURNACE: Final = MachineModel(
    "eaf-1", "Arc furnace", "A", "Electric arc furnace", "Primetals", "EAF Quantum 120", "Melt shop, bay 1",
    HEATS, speed=0.92, scrap=0.010, takes_breaks=False, quantum=0.5, importance=5,
    tools=ChangeModel(0.6, "electrode_change", 34.0),
    campaigns=ChangeModel(0.45, "product_change", 23.0),
    upkeep=UpkeepModel(2, 2.0, 3.0),
    stops=(
        StopModel(None, IDLE, 5.0, 110.0),
        StopModel("crane", IDLE, 6.0, 150.0, night=1.3),
        StopModel("lab", IDLE, 5.6, 500.0, spread=0.4),
        StopModel("power_limit", IDLE, 1.96, 1_540.0, night=1.0),
        StopModel("electrode", DOWN, 0.39, 3_780.0),
        StopModel("electrical", DOWN, 0.63, 2_660.0),
        StopModel("cooling", DOWN, 0.42, 2_100.0),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 180.0, 1_900.0, 62_000.0, 1_300.0, 2_500.0, swing=0.16,
                    cycle_min=52.0, load=0.6, wear=0.25, is_kpi=True, high_limit=82_000.0, decimals=0),
        SignalModel("electrode_current_ka", "Electrode current", "kA", 0.0, 0.0, 58.0, 2.6, 2.0, swing=0.1,
                    cycle_min=52.0, wear=0.3, high_limit=75.0, decimals=1),
        SignalModel("bath_temp_c", "Bath temperature", "°C", 650.0, 1_480.0, 1_620.0, 5.0, 12.0, lag_min=24.0,
                    low_limit=1_400.0, high_limit=1_700.0, is_kpi=True, decimals=0),
        SignalModel("cooling_water_c", "Cooling water return", "°C", 19.0, 27.0, 41.0, 0.4, 1.2, lag_min=14.0,
                    ambient=1.4, high_limit=52.0, decimals=1),
        SignalModel("offgas_temp_c", "Off-gas temperature", "°C", 60.0, 180.0, 690.0, 16.0, 30.0, lag_min=6.0,
                    swing=0.07, cycle_min=52.0, high_limit=900.0, decimals=0),
        SignalModel("oxygen_nm3h", "Oxygen flow", "Nm³/h", 0.0, 30.0, 2_450.0, 70.0, 120.0, swing=0.2,
                    cycle_min=52.0, decimals=0),
    ),
)  # fmt: skip

LADLE_FURNACE: Final = MachineModel(
    "lf-1", "Ladle furnace", "A", "Ladle furnace", "SMS group", "LF 120", "Melt shop, bay 2",
    (("S235", 31.0), ("C45", 32.5), ("42CRMO4", 36.0)),
    speed=0.93, scrap=0.004, takes_breaks=False, quantum=0.5, importance=4,
    tools=ChangeModel(0.35, "electrode_change", 29.0),
    campaigns=ChangeModel(0.45, "product_change", 13.0),
    upkeep=UpkeepModel(2, 2.5, 2.5),
    stops=(
        StopModel(None, IDLE, 6.0, 100.0),
        StopModel("lab", IDLE, 9.8, 420.0, spread=0.4),
        StopModel("crane", IDLE, 5.0, 170.0),
        StopModel("no_material", IDLE, 3.08, 1_260.0),
        StopModel("electrical", DOWN, 0.42, 2_380.0),
        StopModel("hydraulics", DOWN, 0.35, 2_660.0),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 60.0, 420.0, 13_800.0, 420.0, 800.0, swing=0.12,
                    cycle_min=41.0, load=0.5, wear=0.25, is_kpi=True, high_limit=19_000.0, decimals=0),
        SignalModel("steel_temp_c", "Steel temperature", "°C", 600.0, 1_500.0, 1_585.0, 3.0, 7.0,
                    lag_min=18.0, low_limit=1_450.0, high_limit=1_640.0, is_kpi=True, decimals=0),
        SignalModel("argon_nl_min", "Argon flow", "Nl/min", 0.0, 20.0, 380.0, 14.0, 20.0, decimals=0),
        SignalModel("electrode_current_ka", "Electrode current", "kA", 0.0, 0.0, 31.0, 1.2, 1.0, wear=0.3,
                    high_limit=42.0, decimals=1),
        SignalModel("cooling_water_c", "Cooling water return", "°C", 19.0, 25.0, 36.0, 0.3, 0.9, lag_min=12.0,
                    ambient=1.2, high_limit=48.0, decimals=1),
        SignalModel("hydraulic_bar", "Hydraulic pressure", "bar", 2.0, 138.0, 150.0, 1.4, 2.5,
                    low_limit=120.0, decimals=1),
    ),
)  # fmt: skip

CASTER: Final = MachineModel(
    "caster-1", "Continuous caster", "A", "Billet caster", "Danieli", "FastCast 5", "Casting hall",
    (("S235", 29.0), ("C45", 31.0), ("42CRMO4", 35.0)),
    speed=0.95, scrap=0.014, takes_breaks=False, quantum=0.5, importance=5,
    tools=ChangeModel(0.8, "mould_change", 72.0),
    campaigns=ChangeModel(0.45, "product_change", 31.0),
    upkeep=UpkeepModel(2, 3.0, 3.0),
    stops=(
        StopModel(None, IDLE, 3.0, 90.0),
        StopModel("no_material", IDLE, 4.48, 870.0),
        StopModel("sensor", DOWN, 2.6, 130.0),
        StopModel("breakout", DOWN, 0.39, 7_280.0),
        StopModel("cooling", DOWN, 0.56, 2_660.0),
        StopModel("drive", DOWN, 0.35, 3_220.0),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 45.0, 260.0, 1_240.0, 22.0, 40.0, load=0.3, is_kpi=True,
                    high_limit=1_700.0, decimals=1),
        SignalModel("casting_speed_m_min", "Casting speed", "m/min", 0.0, 0.0, 3.1, 0.04, 0.12, load=-1.2,
                    is_kpi=True, high_limit=4.0),
        SignalModel("mould_temp_c", "Mould temperature", "°C", 22.0, 60.0, 164.0, 2.2, 4.0, lag_min=4.0,
                    wear=0.35, high_limit=195.0, decimals=1),
        SignalModel("mould_level_mm", "Mould level", "mm", 0.0, 0.0, 82.0, 1.8, 1.5, low_limit=70.0,
                    high_limit=95.0, decimals=1),
        SignalModel("spray_water_m3h", "Secondary cooling water", "m³/h", 2.0, 18.0, 142.0, 2.6, 5.0,
                    load=0.5, decimals=1),
        SignalModel("oscillation_hz", "Mould oscillation", "Hz", 0.0, 0.0, 3.4, 0.03, 0.1),
    ),
)  # fmt: skip

REHEATER: Final = MachineModel(
    "reheat-1", "Reheating furnace", "A", "Walking-beam furnace", "Tenova", "WBF 90", "Rolling hall, entry",
    (("S235", 39.0), ("C45", 40.5), ("42CRMO4", 44.0)),
    speed=0.95, scrap=0.006, takes_breaks=False, quantum=0.5, importance=4,
    campaigns=ChangeModel(0.7, "product_change", 16.0),
    upkeep=UpkeepModel(3, 2.0, 2.0),
    stops=(
        StopModel(None, IDLE, 5.0, 95.0),
        StopModel("jam", DOWN, 3.0, 140.0),
        StopModel("no_material", IDLE, 3.4, 1_190.0),
        StopModel("hydraulics", DOWN, 0.59, 3_400.0),
        StopModel("sensor", DOWN, 0.85, 1_360.0),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 35.0, 240.0, 610.0, 14.0, 20.0, load=0.3, is_kpi=True,
                    high_limit=800.0, decimals=1),
        SignalModel("zone1_temp_c", "Zone 1 temperature", "°C", 700.0, 1_010.0, 1_080.0, 3.0, 8.0,
                    lag_min=35.0, high_limit=1_150.0, decimals=0),
        SignalModel("zone2_temp_c", "Zone 2 temperature", "°C", 760.0, 1_150.0, 1_235.0, 3.0, 7.0,
                    lag_min=40.0, low_limit=1_100.0, high_limit=1_290.0, is_kpi=True, decimals=0),
        SignalModel("gas_nm3h", "Natural gas flow", "Nm³/h", 90.0, 620.0, 2_280.0, 38.0, 70.0, load=0.8,
                    decimals=0),
        SignalModel("oxygen_pct", "Oxygen in flue gas", "%", 20.5, 5.2, 2.4, 0.12, 0.3, lag_min=3.0,
                    high_limit=6.0),
        SignalModel("furnace_pressure_pa", "Furnace pressure", "Pa", 0.0, 6.0, 14.0, 0.9, 1.5, decimals=1),
    ),
)  # fmt: skip

MELTING: Final = (ARC_FURNACE, LADLE_FURNACE, CASTER, REHEATER)
