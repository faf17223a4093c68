"""The published formulas of turning, drilling, threading and knurling, one function each.

Units: speeds m/min, spindle speed rpm, lengths mm, feed mm per revolution, specific force N/mm2, force N,
torque Nm, power kW. Arrays and plain numbers both work.
"""

import math
from typing import Final

import numpy as np

from analytics.twin.noise import Floats

Number = float | Floats

NOMINAL_WEAR_MM: Final = 0.1
"""The flank wear at which the specific force of the tables holds."""
CUTTING_SLOPE: Final = 0.80
FEED_SLOPE: Final = 3.15
PASSIVE_SLOPE: Final = 2.25
"""Relative rise of the forces per mm of flank wear: +16, +63 and +45 % from 0.1 to 0.3 mm, the medians of
linear fits to thirteen tools (Vicomtech turning data; 10 to 35, 33 to 155 and 7 to 117 % among tools)."""
FEED_SHARE: Final = 408.0 / 559.0
PASSIVE_SHARE: Final = 139.0 / 559.0
"""Feed and passive force over cutting force at 0.1 mm of wear, from the same data."""
THREAD_DEPTH: Final = 0.6134
"""Radial depth of a metric outer thread over its pitch (Sandvik)."""
FIRST_PASS: Final = 0.3
WHEEL_WIDTH_MM: Final = 8.0
TOOTH_SHARE: Final = 0.5
KNURL_FRICTION: Final = 0.15


def spindle_rpm(speed_m_min: Number, diameter_mm: Number) -> Number:
    """n = 1000 vc / (pi D). Source: Sandvik, turning formulas.

    >>> round(spindle_rpm(150.0, 50.0), 1)
    954.9
    """
    return 1_000.0 * speed_m_min / (math.pi * diameter_mm)


def cutting_speed(rpm: Number, diameter_mm: Number) -> Number:
    """vc = pi D n / 1000, in m/min. Source: Sandvik, turning formulas."""
    return math.pi * diameter_mm * rpm / 1_000.0


def removal_cm3_min(speed_m_min: Number, depth_mm: Number, feed_mm: Number) -> Number:
    """Q = vc ap f, in cm3/min. Source: Sandvik, turning formulas."""
    return speed_m_min * depth_mm * feed_mm


def specific_force(
    kc11: float, mc: float, feed_mm: float, approach_deg: float = 90.0, rake_deg: float = 0.0
) -> float:
    """kc = kc1.1 h^-mc with h = f sin(kappa). Sources: Kienzle; Sandvik.

    The factor 1 - rake / 100 is an assumption (a rule of thumb whose source was not at hand).

    >>> round(specific_force(1988.0, 0.263, 0.2))
    3036
    """
    chip = feed_mm * math.sin(math.radians(approach_deg))
    return float(kc11 * chip**-mc * (1.0 - rake_deg / 100.0))


def cutting_force(kc: Number, depth_mm: Number, feed_mm: Number) -> Number:
    """Fc = kc ap f. Sources: Kienzle; Sandvik."""
    return kc * depth_mm * feed_mm


def cutting_power_kw(force_n: Number, speed_m_min: Number) -> Number:
    """Pc = Fc vc / 60,000: the power at the edge, before the drive's efficiency."""
    return force_n * speed_m_min / 60_000.0


def turning_power_kw(
    depth_mm: float, feed_mm: float, speed_m_min: float, kc: float, efficiency: float
) -> float:
    """Pc = ap f vc kc / (60,000 eta): the motor's power. Source: Mitsubishi, with the example below.

    >>> round(turning_power_kw(3.0, 0.2, 120.0, 3100.0, 0.8), 2)
    4.65
    """
    return depth_mm * feed_mm * speed_m_min * kc / (60_000.0 * efficiency)


def torque_nm(force_n: Number, diameter_mm: Number) -> Number:
    """M = Fc D / 2000."""
    return force_n * diameter_mm / 2_000.0


def drilling_torque_nm(feed_mm: float, kc: float, diameter_mm: float) -> float:
    """Mc = f kc D^2 / 8000. Source: ISCAR, with the example below.

    >>> round(drilling_torque_nm(0.15, 2200.0, 22.0), 1)
    20.0
    """
    return feed_mm * kc * diameter_mm**2 / 8_000.0


def drilling_power_kw(
    feed_mm: float, speed_m_min: float, diameter_mm: float, kc: float, efficiency: float
) -> float:
    """Pc = f vc D kc / (240,000 eta), which follows from ISCAR's Pc = Q kc / (60,000 eta).

    ISCAR's example (22 mm, 0.15 mm, kc 2200) gives 8.06 kW and 20 Nm, which together mean 3,855 rpm.

    >>> round(drilling_power_kw(0.15, cutting_speed(3855, 22.0), 22.0, 2200.0, 1.0), 2)
    8.06
    """
    return feed_mm * speed_m_min * diameter_mm * kc / (240_000.0 * efficiency)


def drilling_thrust_n(feed_mm: float, kc: float, diameter_mm: float, approach_deg: float = 90.0) -> float:
    """Ff = 0.63 D/2 f kc sin(kappa). Source: ISCAR, whose example of 2,286 N leaves sin(kappa) out.

    >>> round(drilling_thrust_n(0.15, 2200.0, 22.0), 1)
    2286.9
    """
    return 0.63 * diameter_mm / 2.0 * feed_mm * kc * math.sin(math.radians(approach_deg))


def thread_depths_mm(pitch_mm: float, passes: int) -> Floats:
    """The depth after each pass, for chips of equal area. Source: Sandvik's threading manual.

    depth(x) = a sqrt(psi) / sqrt(passes - 1), psi = 0.3, 1, 2, ... with a = 0.6134 pitch.

    >>> thread_depths_mm(1.5, 6).round(2).tolist()
    [0.23, 0.41, 0.58, 0.71, 0.82, 0.92]
    """
    psi = np.array([FIRST_PASS, *range(1, passes)], np.float64)
    return np.asarray(THREAD_DEPTH * pitch_mm * np.sqrt(psi / (passes - 1)), np.float64)


def threading_forces_n(kc11: float, mc: float, pitch_mm: float, passes: int) -> Floats:
    """The cutting force of each pass: chip area (increment times mean width of a 60 degree flank) times kc.

    The chip is as thick as the increment of depth, so that the last, thin passes are cut at a high kc; that
    the increment is the chip's thickness is an assumption for radial infeed.
    """
    depth = thread_depths_mm(pitch_mm, passes)
    before = np.concatenate(([0.0], depth[:-1]))
    chip = depth - before
    area = chip * (depth + before) * math.tan(math.radians(30.0))
    return np.asarray(kc11 * chip**-mc * area, np.float64)


def knurling_force_n(yield_mpa: float, depth_mm: float, wheel_mm: float, diameter_mm: float) -> float:
    """The radial force of form knurling: yield strength times contact area. An assumption as a whole.

    That form knurling displaces metal at a high radial load is published (Zeus, Accu-Trak), a law of force
    was not found. The contact is taken as long as that of two rollers pressed `depth_mm` into one another, as
    wide as the wheel (8 mm), and half covered by teeth.
    """
    joint = 1.0 / (1.0 / wheel_mm + 1.0 / diameter_mm)
    return yield_mpa * math.sqrt(joint * depth_mm) * WHEEL_WIDTH_MM * TOOTH_SHARE


def roughness_rz_um(feed_mm: float, nose_mm: float) -> float:
    """Rz = f^2 / (8 r) in micrometres. Source: Kyocera's tables.

    >>> round(roughness_rz_um(0.2, 0.8), 2)
    6.25
    """
    return feed_mm**2 / (8.0 * nose_mm) * 1_000.0


def worn(slope: float, wear_mm: Number) -> Number:
    """The factor on a force at a flank wear: 1 + slope (VB - 0.1 mm)."""
    return 1.0 + slope * (wear_mm - NOMINAL_WEAR_MM)
