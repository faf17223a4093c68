"""The milling process of the public AI4I 2020 data set: its published rules of failure, in one scenario.

Source: S. Matzka, Explainable Artificial Intelligence for Predictive Maintenance Applications (2020), and the
data set's own documentation. Where documentation and data differ the data were followed: product shares of
60, 30 and 10 % (not 50, 30, 20), a spindle power that rises with torque as it does in
the data (not one of 2860 W), tools changed after 198 to 253 minutes (median 215;
not 200 to 240), and random failures that do not count as failures of the machine.
"""

from dataclasses import dataclass
from math import pi
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.errors import InvalidInput
from analytics.twin.noise import Floats, Int64s

Bools = npt.NDArray[np.bool_]

TYPES: Final = "LMH"
SHARES: Final = (0.6, 0.3, 0.1)
MINUTES: Final = (2.0, 3.0, 5.0)
"""Tool wear that a product of each type adds."""
STRAIN: Final = (11_000.0, 12_000.0, 13_000.0)
"""Wear times torque above which a tool is overstrained, in min Nm."""
LIFE_MIN: Final = (214.0, 9.6)
LEAST_LIFE_MIN: Final = 196.0
MOST_LIFE_MIN: Final = 251.0
"""Minutes after which a tool's life ends: mean, deviation and limits, fitted to the 119 in the data."""
TORQUE_NM: Final = (4.8, 9.2, 11.7, 13.9, 16.7, 20.4, 25.5, 31.2, 37.1, 43.0, 48.7, 54.5, 60.5, 66.9, 73.1)
MEAN_W: Final = (1434, 2628, 3257, 3555, 3825, 4222, 4770, 5368, 5980, 6590, 7198, 7798, 8425, 9034, 9797)
SPREAD_W: Final = (180, 166, 135, 90, 138, 151, 227, 244, 255, 288, 308, 326, 365, 399, 399)
"""The power at the spindle and its deviation over torque, as means of classes of the data."""
FAILS: Final = 0.39
"""How many of the tools at the end of their life fail instead of being changed: 46 of 119."""
COOL_K: Final = 8.6
SLOW_RPM: Final = 1_380.0
POWER_W: Final = (3_500.0, 9_000.0)
RANDOM: Final = 0.001
UNEXPLAINED: Final = 0.0009
"""Failures without a mode: 9 in the data's 10,000."""
MOST: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class Milling:
    """Products in the order in which they were made; arrays of equal length."""

    type: Int64s
    """0, 1, 2 for L, M, H."""
    air_k: Floats
    process_k: Floats
    speed_rpm: Floats
    torque_nm: Floats
    wear_min: Floats
    tool_wear_failure: Bools
    heat_failure: Bools
    power_failure: Bools
    overstrain_failure: Bools
    random_failure: Bools
    failure: Bools
    """Any of the first four, or one without a mode."""


def milling(count: int = 10_000, seed: int = 0) -> Milling:
    """So many products of the AI4I process; equal seeds give equal products.

    Raises InvalidInput at `count` outside 100 to 50 million.
    """
    if not 100 <= count <= MOST:
        raise InvalidInput.at("count", f"A count of {count:,} lies outside 100 to {MOST:,}.")
    rng = np.random.default_rng([seed, 2020])
    kind = rng.choice(3, count, p=SHARES).astype(np.int64)
    air = 300.0 + _walk(rng, count, 2.0)
    process = air + 10.0 + _walk(rng, count, 1.0)
    torque = np.maximum(np.round(rng.normal(40.0, 10.0, count), 1), 3.8)
    power_w = np.interp(torque, TORQUE_NM, MEAN_W)
    power_w += np.interp(torque, TORQUE_NM, SPREAD_W) * rng.standard_normal(count)
    speed = np.round(power_w / torque * 30.0 / pi)
    wear, ends = _wear(rng, kind)
    air, process = np.round(air, 1), np.round(process, 1)
    return _judged(rng, kind, air, process, speed, torque, wear, ends)


def _walk(rng: np.random.Generator, count: int, deviation: float) -> Floats:
    """A random walk with mean 0 and this deviation over its length."""
    walk = np.cumsum(rng.standard_normal(count))
    return np.asarray((walk - walk.mean()) / walk.std() * deviation, np.float64)


def _wear(rng: np.random.Generator, kind: Int64s) -> tuple[Floats, Bools]:
    """The wear before each product, and whether a tool's life ends with it."""
    added = np.array(MINUTES)[kind]
    total = np.concatenate(([0.0], np.cumsum(added)))
    wear, ends = np.empty(len(kind)), np.zeros(len(kind), np.bool_)
    begin = 0
    while begin < len(kind):
        limit = total[begin] + np.clip(rng.normal(*LIFE_MIN), LEAST_LIFE_MIN, MOST_LIFE_MIN)
        end = min(int(np.searchsorted(total, limit)), len(kind) - 1)
        wear[begin : end + 1] = total[begin : end + 1] - total[begin]
        ends[end] = total[end] >= limit
        begin = end + 1
    return wear, ends


def _judged(
    rng: np.random.Generator,
    kind: Int64s,
    air: Floats,
    process: Floats,
    speed: Floats,
    torque: Floats,
    wear: Floats,
    ends: Bools,
) -> Milling:
    """The products with the failures that the rules find."""
    power_w = torque * speed * 2.0 * pi / 60.0
    tool = ends & (rng.random(len(kind)) < FAILS)
    heat = (np.round(process - air, 1) < COOL_K) & (speed < SLOW_RPM)
    power = (power_w < POWER_W[0]) | (power_w > POWER_W[1])
    strain = wear * torque > np.array(STRAIN)[kind]
    random = rng.random(len(kind)) < RANDOM
    unexplained = rng.random(len(kind)) < UNEXPLAINED
    any_mode = tool | heat | power | strain
    return Milling(
        kind, air, process, speed, torque, wear,
        tool, heat, power, strain, random, any_mode | unexplained,
    )  # fmt: skip


def failures_of(made: Milling) -> dict[str, int]:
    """How many products failed in each way."""
    return {
        "failure": int(made.failure.sum()),
        "TWF": int(made.tool_wear_failure.sum()),
        "HDF": int(made.heat_failure.sum()),
        "PWF": int(made.power_failure.sum()),
        "OSF": int(made.overstrain_failure.sum()),
        "RNF": int(made.random_failure.sum()),
    }
