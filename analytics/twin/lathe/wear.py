"""How long an edge lasts, how its flank wears, and how likely it fails."""

from functools import lru_cache
from typing import Final

import numpy as np

from analytics.twin.lathe.process import SPEED_SHARE, Process
from analytics.twin.lathe.tools import Operation
from analytics.twin.noise import Floats

REFERENCE_DEPTH_MM: Final = 2.0
REFERENCE_FEED_MM: Final = 0.2
FRESH_MM: Final = 0.02
RUN_IN_MM: Final = 0.06
RUN_IN_SHARE: Final = 0.06
STEADY_MM: Final = 0.16
END_MM: Final = 0.06
END_POWER: Final = 8.0
BROKEN_MM: Final = 1.0
FAILED_AT_LIFE: Final = 0.39
"""The share of edges that fail by the end of their life: 46 of 119 in AI4I 2020."""
SHAPE: Final = 6.0
"""Weibull shape of the life of edges; an assumption (steep: wear-out, not chance)."""
SCALE: Final = float((-np.log(1.0 - FAILED_AT_LIFE)) ** (-1.0 / SHAPE))
WITH_DEPTH: Final = frozenset({Operation.TURNING, Operation.FACING, Operation.BORING})
KNURLING_LIFE_MIN: Final = 480.0
KNURLING_SPEED: Final = 30.0
LONGEST_MIN: Final = 10_000.0
"""Taylor's law says nothing of edges that are hardly loaded: no life is longer; an assumption."""


def tool_life_min(process: Process) -> float:
    """How many minutes of cutting does an edge last, to 0.3 mm of flank wear?

    Extended Taylor law, v T^n (ap / 2)^x (f / 0.2)^y = C; its form is published (iks-sh, formuladen), the
    reference depth and feed keep C comparable with tables of the plain law. Assumptions: threading, drilling
    and boring bear a lower speed (`SPEED_SHARE`), depth and feed count where an edge is fed against a depth
    of its own, a knurling wheel lasts 480 minutes at 30 m/min.
    """
    grade, work = process.tool.grade, process.operation
    if work is Operation.KNURLING:
        return min(KNURLING_LIFE_MIN * KNURLING_SPEED / process.speed_m_min, LONGEST_MIN)
    load = process.speed_m_min / SPEED_SHARE[work]
    if work in WITH_DEPTH:
        load *= (process.depth_mm / REFERENCE_DEPTH_MM) ** grade.depth_exponent
        load *= (process.feed_mm / REFERENCE_FEED_MM) ** grade.feed_exponent
    return float(min((grade.c * process.material.life_speed / load) ** (1.0 / grade.n), LONGEST_MIN))


def wear_after(share: Floats | float, limit_mm: float = 0.3) -> Floats:
    """The flank wear in mm after a share of the edge's life: fast at first, steady, fast at the end.

    The shape is published and measured (run-in to 0.05-0.1 mm in the first 10 to 25 % of life, nearly linear
    to 0.25 mm, then accelerating); this curve through it is ours:
    0.02 + 0.06 (1 - exp(-s / 0.06)) + 0.16 s + 0.06 s^8 mm, scaled to the tool's limit, at most 1 mm. Wear
    follows the share of life, so that it runs as fast as Taylor's law says for the load.

    >>> wear_after(np.array([0.0, 0.15, 0.5, 0.85, 1.0])).round(3).tolist()
    [0.02, 0.099, 0.16, 0.232, 0.3]
    """
    spent = np.asarray(share, np.float64)
    run_in = FRESH_MM + RUN_IN_MM * (1.0 - np.exp(-spent / RUN_IN_SHARE))
    squared = spent * spent
    fourth = squared * squared
    wear = run_in + STEADY_MM * spent + END_MM * fourth * fourth
    return np.asarray(np.minimum(wear * (limit_mm / 0.3), BROKEN_MM), np.float64)


@lru_cache(maxsize=1)
def _curve() -> tuple[Floats, Floats]:
    share = np.linspace(0.0, 1.2, 4_801)
    return share, wear_after(share)


def share_at(wear_mm: float, limit_mm: float = 0.3) -> float:
    """The share of its life that an edge has spent at a flank wear; the inverse of `wear_after`.

    >>> round(share_at(0.16), 2)
    0.5
    """
    share, wear = _curve()
    return float(np.interp(wear_mm * 0.3 / limit_mm, wear, share))


def failed_by(share: Floats | float) -> Floats:
    """The probability that an edge has failed by a share of its life; Weibull, 39 % at the end of life."""
    return np.asarray(1.0 - np.exp(-((np.maximum(share, 0.0) / SCALE) ** SHAPE)), np.float64)


def fails_within(share: Floats | float, ahead: float) -> Floats:
    """The probability that an edge that still cuts fails within a further share `ahead` of its life."""
    spent = np.maximum(share, 0.0)
    hazard = ((spent + ahead) / SCALE) ** SHAPE - (spent / SCALE) ** SHAPE
    return np.asarray(1.0 - np.exp(-hazard), np.float64)


def break_share(chance: Floats) -> Floats:
    """The share of life at which edges fail, from uniform chances in [0, 1)."""
    return np.asarray(SCALE * (-np.log1p(-chance)) ** (1.0 / SHAPE), np.float64)
