"""Line D of the demo plant: a belt conveyor and a cooling-water pump, with the physics of their power."""

from typing import Final

from analytics.errors import InvalidInput
from analytics.twin.plant.model import MachineModel, SignalModel, StopModel, UpkeepModel
from analytics.vocabulary import State

GRAVITY: Final = 9.81
WATER: Final = 1_000.0
"""Density of water in kg/m3."""


def conveyor_power_kw(
    flow_t_h: float,
    length_m: float,
    lift_m: float,
    speed_m_s: float,
    *,
    moving_kg_m: float = 60.0,
    friction: float = 0.02,
    secondary: float = 1.5,
    efficiency: float = 0.9,
) -> float:
    """What power does a loaded belt conveyor take at its motor, in kW?

    F = C f L g (m' + q) + q H g with the load q = flow / (3.6 speed) per metre and m' = `moving_kg_m` of belt
    and idlers (both strands); P = F v / efficiency. The form is that of DIN 22101 and ISO 5048: f is the
    artificial friction coefficient (0.02 usual), C = `secondary` for the other resistances. Their values
    here, and the efficiency, are assumptions. Downhill the belt may give power back: the result is negative.

    >>> round(conveyor_power_kw(300.0, 100.0, 5.0, 1.5), 2)
    10.21

    Raises InvalidInput for a flow, length or friction that is negative, or a speed or efficiency that is not
    above 0.
    """
    _at_least(flow_t_h=flow_t_h, length_m=length_m, moving_kg_m=moving_kg_m, friction=friction)
    _above(speed_m_s=speed_m_s, secondary=secondary, efficiency=efficiency)
    load_kg_m = flow_t_h / 3.6 / speed_m_s
    rolling_n = secondary * friction * length_m * GRAVITY * (moving_kg_m + load_kg_m)
    force_n = rolling_n + load_kg_m * lift_m * GRAVITY
    return force_n * speed_m_s / 1_000.0 * (1.0 / efficiency if force_n > 0 else efficiency)


def pump_power_kw(
    flow_m3_h: float, head_m: float, *, efficiency: float = 0.72, density: float = WATER
) -> float:
    """What power does a centrifugal pump take at its shaft, in kW? P = rho g Q H / eta.

    The hydraulic power over the pump's efficiency (ISO 9906 uses the same quantities); 0.72 is an assumption.

    >>> round(pump_power_kw(200.0, 40.0), 2)
    30.28
    """
    _at_least(flow_m3_h=flow_m3_h, head_m=head_m)
    _above(efficiency=efficiency, density=density)
    return density * GRAVITY * flow_m3_h / 3_600.0 * head_m / efficiency / 1_000.0


def at_speed(flow_m3_h: float, head_m: float, power_kw: float, share: float) -> tuple[float, float, float]:
    """Flow, head and power of a pump at a share of its speed: the affinity laws Q ~ n, H ~ n2, P ~ n3.

    They hold without static head and at constant efficiency.

    >>> at_speed(200.0, 40.0, 30.0, 0.5)
    (100.0, 10.0, 3.75)
    """
    _at_least(share=share)
    return flow_m3_h * share, head_m * share**2, power_kw * share**3


def _at_least(**values: float) -> None:
    for name, value in values.items():
        if not 0.0 <= value < float("inf"):
            raise InvalidInput.at(name, f"{name} of {value:g} is not a number from 0 on.")


def _above(**values: float) -> None:
    for name, value in values.items():
        if not 0.0 < value < float("inf"):
            raise InvalidInput.at(name, f"{name} of {value:g} is not a number above 0.")


FLOW_T_H: Final = 120.0
BELT_M_S: Final = 1.4
BELT_M, LIFT_M = 85.0, 6.0
WATER_M3_H, HEAD_M = 420.0, 45.0
_BELT_KW: Final = conveyor_power_kw(FLOW_T_H, BELT_M, LIFT_M, BELT_M_S)
_EMPTY_KW: Final = conveyor_power_kw(0.0, BELT_M, LIFT_M, BELT_M_S)
_PUMP_KW: Final = pump_power_kw(WATER_M3_H, HEAD_M)

CONVEYOR: Final = MachineModel(
    "conveyor-1", "Scrap conveyor", "D", "Belt conveyor", "Beumer", "BC 800", "Scrap yard",
    (("SCRAP", 3_600.0 / FLOW_T_H),),
    speed=0.84, scrap=0.0, takes_breaks=False, quantum=0.5, importance=3,
    upkeep=UpkeepModel(1, 3.0, 1.0),
    stops=(
        StopModel(None, State.IDLE, 6.0, 80.0),
        StopModel("jam", State.DOWN, 2.2, 420.0),
        StopModel("no_material", State.IDLE, 3.0, 700.0),
        StopModel("drive", State.DOWN, 0.3, 2_600.0),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 0.2, round(_EMPTY_KW, 2), round(_BELT_KW, 2), 0.15, 0.2,
                    load=round(1.0 - _EMPTY_KW / _BELT_KW, 2), is_kpi=True,
                    high_limit=round(1.6 * _BELT_KW, 1)),
        SignalModel("belt_speed_m_s", "Belt speed", "m/s", 0.0, BELT_M_S, BELT_M_S, 0.01, 0.01, load=-0.02,
                    low_limit=1.2),
        SignalModel("flow_t_h", "Load on the belt", "t/h", 0.0, 0.0, FLOW_T_H, 5.0, 8.0, load=1.0,
                    is_kpi=True, high_limit=170.0, decimals=1),
        SignalModel("belt_tension_kn", "Belt tension", "kN", 3.0, 3.4, 6.1, 0.08, 0.1, load=0.4,
                    low_limit=2.5, high_limit=9.0),
        SignalModel("vibration_mm_s", "Vibration velocity", "mm/s", 0.05, 0.9, 2.2, 0.15, 0.15,
                    high_limit=7.1),
        SignalModel("drum_temp_c", "Drive drum bearing", "°C", 20.0, 32.0, 47.0, 0.3, 0.8, lag_min=25.0,
                    ambient=3.0, high_limit=75.0, decimals=1),
    ),
)  # fmt: skip

PUMP: Final = MachineModel(
    "pump-1", "Cooling water pump", "D", "Centrifugal pump", "KSB", "Omega 200", "Water house",
    (("WATER", 3_600.0 / WATER_M3_H),),
    speed=0.83, scrap=0.0, takes_breaks=False, importance=5,
    upkeep=UpkeepModel(2, 3.0, 0.5),
    stops=(
        StopModel(None, State.IDLE, 1.0, 90.0),
        StopModel("electrical", State.DOWN, 0.15, 1_500.0),
        StopModel("cooling", State.DOWN, 0.2, 900.0),
    ),
    signals=(
        SignalModel("power_kw", "Active power", "kW", 0.3, round(0.4 * _PUMP_KW, 1), round(_PUMP_KW, 1), 0.5,
                    0.8, load=0.6, is_kpi=True, high_limit=round(1.25 * _PUMP_KW, 1), decimals=1),
        SignalModel("flow_m3h", "Flow", "m³/h", 0.0, 0.0, WATER_M3_H, 4.0, 8.0, load=0.8, is_kpi=True,
                    low_limit=330.0, decimals=1),
        SignalModel("suction_bar", "Suction pressure", "bar", 0.9, 0.85, 0.55, 0.02, 0.02, load=-0.2,
                    low_limit=0.25),
        SignalModel("head_bar", "Discharge pressure", "bar", 0.2, 5.1, round(HEAD_M * GRAVITY / 100.0, 2),
                    0.04, 0.06, load=-0.1, low_limit=3.6),
        SignalModel("vibration_mm_s", "Vibration velocity", "mm/s", 0.05, 0.4, 1.9, 0.12, 0.15,
                    high_limit=4.5),
        SignalModel("bearing_temp_c", "Bearing temperature", "°C", 20.0, 34.0, 52.0, 0.3, 0.7, lag_min=30.0,
                    ambient=2.0, high_limit=80.0, decimals=1),
    ),
)  # fmt: skip
"""Levels of power follow from the formulas above; noise, limits and stops are assumptions."""

MOVING: Final = (CONVEYOR, PUMP)
