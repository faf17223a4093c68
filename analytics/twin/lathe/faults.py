"""What goes wrong by chance: chatter, coolant loss, bearing wear, sensors that drop out or drift.

All rates, lengths and strengths are assumptions. Episodes are hashes of the seed and the hour: any moment can
be computed alone. Faults change what is measured; they do not change the schedule.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.errors import FieldProblem, InvalidInput
from analytics.twin.noise import Floats, Int64s, key_of, uniform

HOUR_S: Final = 3_600.0
DAY_S: Final = 86_400.0
CHATTER_VIBRATION: Final = 3.5
CHATTER_ROUGHNESS: Final = 1.8
COOLANT_K: Final = 14.0
COOLANT_MIN: Final = 5.0
COOLANT_FORCE: Final = 1.06
BEARING_MM_S: Final = 3.5
BEARING_K: Final = 14.0
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Faults:
    """How often each fault comes: episodes an hour (0 to 1) and their median length in seconds.

    `bearing_life_h` is the running time after which the spindle's bearing fails and is renewed; 0 for never.
    `drift_per_day` is how much further the temperature sensor is off each day, as a share of its value.
    """

    chatter_per_h: float = 0.0
    chatter_s: float = 90.0
    coolant_per_h: float = 0.0
    coolant_s: float = 480.0
    dropout_per_h: float = 0.0
    dropout_s: float = 60.0
    drift_per_day: float = 0.0
    bearing_life_h: float = 0.0


NO_FAULTS: Final = Faults()
USUAL_FAULTS: Final = Faults(0.3, 90.0, 0.05, 480.0, 0.1, 60.0, 0.002, 2_000.0)
"""What a lathe in use shows; assumptions."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """The faults at moments: which is on, how long coolant has been away, how far the bearing is worn."""

    chatter: Bools
    coolant: Bools
    coolant_k: Floats
    lost: Int64s
    """A number that chooses the sensor that is silent; -1 while all speak."""
    drift: Floats
    bearing: Floats


def checked_faults(faults: Faults) -> Faults:
    """The faults themselves; raises InvalidInput that names each rate outside its range."""
    ranges = {
        "chatter_per_h": (0.0, 1.0),
        "coolant_per_h": (0.0, 1.0),
        "dropout_per_h": (0.0, 1.0),
        "chatter_s": (1.0, HOUR_S),
        "coolant_s": (1.0, HOUR_S),
        "dropout_s": (1.0, HOUR_S),
        "drift_per_day": (-1.0, 1.0),
        "bearing_life_h": (0.0, 100_000.0),
    }
    problems = [
        FieldProblem(name, f"{name} of {getattr(faults, name):g} lies outside {low:g} to {high:g}.")
        for name, (low, high) in ranges.items()
        if not low <= getattr(faults, name) <= high
    ]
    if problems:
        raise InvalidInput(*problems)
    return faults


def disturbance(faults: Faults, seed: int, times_s: Floats) -> Disturbance:
    """Which faults hold at these seconds since the start?"""
    chatter, _ = _episodes(seed, "chatter", faults.chatter_per_h, faults.chatter_s, times_s)
    coolant, since = _episodes(seed, "coolant", faults.coolant_per_h, faults.coolant_s, times_s)
    silent, _ = _episodes(seed, "dropout", faults.dropout_per_h, faults.dropout_s, times_s)
    lost = np.full(len(times_s), -1, np.int64)
    if silent.any():
        hours = (times_s[silent] / HOUR_S).astype(np.int64)
        lost[silent] = (uniform(key_of(seed, "sensor"), hours) * 1_000).astype(np.int64)
    life = faults.bearing_life_h * HOUR_S
    worn = np.mod(times_s, life) / life if life else np.zeros(len(times_s))
    warm = COOLANT_K * (1.0 - np.exp(-since / (60.0 * COOLANT_MIN))) if coolant.any() else 0.0 * times_s
    return Disturbance(
        chatter,
        coolant,
        np.asarray(np.where(coolant, warm, 0.0), np.float64),
        lost,
        np.asarray(faults.drift_per_day * times_s / DAY_S, np.float64),
        np.asarray(worn**4, np.float64),
    )


def _episodes(seed: int, name: str, per_h: float, median_s: float, times_s: Floats) -> tuple[Bools, Floats]:
    """Whether an episode holds at each moment, and how long; at most one an hour, none across its end."""
    if per_h <= 0.0 or not len(times_s):
        return np.zeros(len(times_s), np.bool_), np.zeros(len(times_s))
    hours = (times_s / HOUR_S).astype(np.int64)
    first = int(hours.min())
    numbers = np.arange(first, int(hours.max()) + 1, dtype=np.int64)
    key = key_of(seed, name)
    comes = uniform(key, numbers) < per_h
    length = np.minimum(median_s * np.exp(1.2 * (uniform(key ^ 1, numbers) - 0.5)), 0.95 * HOUR_S)
    begin = uniform(key ^ 2, numbers) * (HOUR_S - length)
    place = hours - first
    since = times_s - hours * HOUR_S - begin[place]
    return comes[place] & (since >= 0.0) & (since < length[place]), np.maximum(since, 0.0)
