"""What a cut takes: forces, torque, power, current, roughness, vibration at a flank wear and a diameter."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.twin.lathe import formulas as law
from analytics.twin.lathe.machine import Lathe
from analytics.twin.lathe.process import Process
from analytics.twin.lathe.tools import Operation
from analytics.twin.noise import Floats

ROUGHER_PER_MM: Final = 1.25
"""Relative rise of roughness per mm of wear beyond 0.1 mm; an assumption."""
OTHER_ROUGHNESS: Final = {Operation.THREADING: 12.5, Operation.DRILLING: 40.0, Operation.KNURLING: 63.0}
"""Rz in micrometres where feed and nose do not give it; assumptions."""
STILL_MM_S: Final = 0.15
TURNING_MM_S: Final = 0.45
CUTTING_MM_S: Final = 0.4
CHATTER_PRONE: Final = 2.0
"""Vibration (RMS) standing, per 1000 rpm and per kN, and its factor with a long bar; assumptions. It does not
depend on wear: the correlation that was measured is about zero."""


@dataclass(frozen=True, slots=True)
class Loads:
    """One cut, in steady state; each field is a number or an array of the wear's or diameter's shape."""

    spindle_speed_rpm: Floats
    feed_mm_min: Floats
    cutting_speed_m_min: Floats
    cutting_force_n: Floats
    feed_force_n: Floats
    passive_force_n: Floats
    torque_nm: Floats
    cutting_power_kw: Floats
    spindle_power_kw: Floats
    machine_power_kw: Floats
    spindle_current_a: Floats
    removal_cm3_min: Floats
    roughness_rz_um: Floats
    vibration_mm_s: Floats


@dataclass(frozen=True, slots=True)
class Forces:
    """The forces of a cut at 0.1 mm of wear, in N, and the arm in mm of the cutting force's torque."""

    cutting: float
    feed: float
    passive: float
    arm: float


def forces(process: Process) -> Forces:
    """Which forces does the cut need with an edge of 0.1 mm wear? In threading the mean over the passes."""
    what, cutter = process.material, process.tool
    chip = process.feed_mm / 2.0 if process.operation is Operation.DRILLING else process.feed_mm
    kc = law.specific_force(what.kc11, what.mc, chip, cutter.approach_deg, cutter.rake_deg)
    size = process.diameter_mm
    match process.operation:
        case Operation.DRILLING:
            torque = law.drilling_torque_nm(process.feed_mm, kc, size)
            thrust = law.drilling_thrust_n(process.feed_mm, kc, size, cutter.approach_deg)
            return Forces(torque * 4_000.0 / size, thrust, 0.0, size / 4.0)
        case Operation.THREADING:
            mean = float(law.threading_forces_n(what.kc11, what.mc, process.feed_mm, process.passes).mean())
            return Forces(mean, 0.3 * mean, 0.5 * mean, size / 2.0)
        case Operation.KNURLING:
            radial = law.knurling_force_n(what.yield_mpa, process.depth_mm, cutter.size_mm or 20.0, size)
            return Forces(law.KNURL_FRICTION * radial, 0.1 * radial, radial, size / 2.0)
        case _:
            force = float(law.cutting_force(kc, process.depth_mm, process.feed_mm))
            return Forces(force, force * law.FEED_SHARE, force * law.PASSIVE_SHARE, size / 2.0)


def loads(process: Process, wear_mm: Floats | float, diameter_mm: Floats | float | None = None) -> Loads:
    """What does the cut take at these flank wears (mm), at the outer diameter or at these?

    The spindle turns as the cutting speed asks, up to the lathe's limit. A wheel that knurls does not wear in
    its forces. Shapes follow numpy's rules.
    """
    lathe, base = process.lathe, forces(process)
    wear = np.asarray(wear_mm, np.float64)
    if process.operation is Operation.KNURLING:
        wear = np.full_like(wear, law.NOMINAL_WEAR_MM)
    size = np.asarray(process.diameter_mm if diameter_mm is None else diameter_mm, np.float64)
    rpm = np.minimum(law.spindle_rpm(process.speed_m_min, np.maximum(size, 1e-6)), lathe.max_rpm)
    cutting = np.asarray(base.cutting * law.worn(law.CUTTING_SLOPE, wear))
    torque = cutting * (base.arm / process.diameter_mm) * size / 1_000.0
    edge_kw = torque * rpm * (2.0 * np.pi / 60_000.0)
    feed_rate = rpm * process.feed_mm
    feed_force = np.asarray(base.feed * law.worn(law.FEED_SLOPE, wear))
    spindle_kw = edge_kw / lathe.efficiency
    speed = np.pi * size * rpm / 1_000.0
    return Loads(
        np.asarray(rpm),
        np.asarray(feed_rate),
        np.asarray(speed),
        cutting,
        feed_force,
        np.asarray(base.passive * law.worn(law.PASSIVE_SLOPE, wear)),
        np.asarray(torque),
        np.asarray(edge_kw),
        np.asarray(spindle_kw),
        machine_power_kw(lathe, rpm, edge_kw) + feed_force * feed_rate / 6e7,
        spindle_current_a(lathe, torque),
        np.asarray(removal(process, speed)),
        np.asarray(roughness(process, wear)),
        np.asarray(vibration(process, rpm, cutting)),
    )


def machine_power_kw(lathe: Lathe, rpm: Floats, edge_kw: Floats) -> Floats:
    """Standby and drives, the idle spindle, and the cut with its losses. Gutowski's form; see `Lathe`."""
    idle = lathe.fixed_kw + lathe.spindle_kw_per_1000_rpm * rpm / 1_000.0
    return np.asarray(idle + edge_kw * (1.0 / lathe.efficiency + lathe.load_loss), np.float64)


def spindle_current_a(lathe: Lathe, torque_nm: Floats) -> Floats:
    """Magnetising and load current at a right angle, as in an induction motor; constants are assumptions."""
    return np.asarray(np.hypot(lathe.magnetising_a, lathe.current_a_per_nm * torque_nm), np.float64)


def removal(process: Process, speed_m_min: Floats) -> Floats:
    """The removal rate in cm3/min; a wheel that knurls removes nothing."""
    match process.operation:
        case Operation.KNURLING:
            return np.zeros_like(speed_m_min)
        case Operation.DRILLING:
            return speed_m_min * process.diameter_mm * process.feed_mm / 4.0
        case Operation.THREADING:
            depth = law.thread_depths_mm(process.feed_mm, process.passes)[-1]
            area = float(depth**2 * np.tan(np.radians(30.0))) / process.passes
            return speed_m_min * area
        case _:
            return np.asarray(law.removal_cm3_min(speed_m_min, process.depth_mm, process.feed_mm))


def roughness(process: Process, wear_mm: Floats) -> Floats:
    """Rz in micrometres: from feed and nose radius (Kyocera), rising with wear (assumption)."""
    base = OTHER_ROUGHNESS.get(process.operation)
    if base is None:
        base = law.roughness_rz_um(process.feed_mm, process.tool.nose_mm)
    return base * (1.0 + ROUGHER_PER_MM * np.maximum(wear_mm - law.NOMINAL_WEAR_MM, 0.0))


def vibration(process: Process, rpm: Floats, force_n: Floats) -> Floats:
    """RMS vibration velocity in mm/s; see the constants above."""
    found = STILL_MM_S + TURNING_MM_S * rpm / 1_000.0 + CUTTING_MM_S * force_n / 1_000.0
    return found * CHATTER_PRONE if process.is_chatter_prone else found
