"""Randomness as a pure function of key and time: any moment can be computed alone, in any step.

Every value is a hash (the finaliser of splitmix64, Steele, Lea and Flood 2014) of a 64-bit key and a number.
"""

import hashlib
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_SHORT: Final = np.uint64(0xFFFF)


@lru_cache(maxsize=4_096)
def key_of(*parts: object) -> int:
    """The 64-bit key of some parts (seed, machine, signal ...); equal parts give equal keys anywhere.

    >>> key_of(7, "saw") == key_of(7, "saw"), key_of(7, "saw") == key_of(8, "saw")
    (True, False)
    """
    text = "/".join(str(part) for part in parts).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def _hashed(key: int, numbers: Int64s) -> npt.NDArray[np.uint64]:
    mixed = numbers.astype(np.uint64) * _STEP + np.array([key], np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


def uniform(key: int, numbers: Int64s) -> Floats:
    """One value in [0, 1) per number."""
    return np.asarray((_hashed(key, numbers) >> np.uint64(11)) * 2.0**-53, np.float64)


def gauss(key: int, numbers: Int64s) -> Floats:
    """One value per number with mean 0 and deviation 1, within 3.5: the scaled sum of four uniforms."""
    bits = _hashed(key, numbers)
    total = (bits & _SHORT).astype(np.float64)
    for shift in (16, 32, 48):
        total += (bits >> np.uint64(shift)) & _SHORT
    return np.asarray((total / 65_536.0 - 2.0) * 3.0**0.5, np.float64)


def normals(key: int, numbers: Int64s) -> Floats:
    """Four rows of values with mean 0 and deviation 1, within 4.2: normal quantiles of a hash's four parts.

    Four times as fast as `gauss` for as many values.
    """
    lanes = _hashed(key, numbers).view(np.uint16).reshape(len(numbers), 4)
    return np.asarray(_quantiles()[lanes.T], np.float64)


@lru_cache(maxsize=1)
def _quantiles() -> Floats:
    """The standard normal quantiles in the middle of 65,536 equal shares."""
    inverse = NormalDist().inv_cdf
    half = [inverse((place + 0.5) / 65_536.0) for place in range(32_768)]
    return np.array([*half, *(-value for value in reversed(half))], np.float64)


def wander(key: int, times_us: Int64s, step_us: int) -> Floats:
    """A slow wander in [-1, 1]: random values every `step_us`, joined by straight lines.

    `times_us` must not be empty.
    """
    knot = times_us // step_us
    first = int(knot.min())
    values = 2.0 * uniform(key, np.arange(first, int(knot.max()) + 2, dtype=np.int64)) - 1.0
    place = knot - first
    share = (times_us - knot * step_us) / step_us
    return np.asarray(values[place] * (1.0 - share) + values[place + 1] * share, np.float64)
