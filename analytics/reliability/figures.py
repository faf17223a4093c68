"""MTBF, MTTR and the corrective ratio of a machine (ISO 22400-2, as in `analytics.kpis.registry`)."""

from dataclasses import dataclass

import numpy as np

from analytics.timeline.arrays import Int64s

HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Reliability:
    """Hours and shares; None where not evaluable.

    `availability` is the inherent one, MTBF / (MTBF + MTTR).
    """

    failures: int
    mtbf_h: float | None
    mttr_h: float | None
    availability: float | None
    corrective_ratio: float | None


def reliability(
    operating_h: float, failures: int, repair_h: float, corrective_h: float = 0.0, planned_h: float = 0.0
) -> Reliability:
    """How reliable was a machine, and how much of its maintenance was repair?

    MTBF = operating time / (failures + 1), since the range itself ends the last interval; MTTR = time to
    restoration / failures; corrective ratio = corrective / (corrective + planned and preventive hours).

    >>> reliability(98.0, 1, 2.0, corrective_h=3.0, planned_h=9.0)
    Reliability(failures=1, mtbf_h=49.0, mttr_h=2.0, availability=0.9607843137254902, corrective_ratio=0.25)
    """
    mtbf = operating_h / (failures + 1) if operating_h > 0 else None
    mttr = repair_h / failures if failures else None
    worked = corrective_h + planned_h
    return Reliability(
        failures,
        mtbf,
        mttr,
        mtbf / (mtbf + mttr) if mtbf is not None and mttr is not None else None,
        corrective_h / worked if worked > 0 else None,
    )


def clipped_hours(start_us: Int64s, end_us: Int64s, low_us: int, high_us: int) -> float:
    """The hours of intervals [start, end) that lie in [low, high), each counted for itself.

    >>> clipped_hours(np.array([0, 5]) * HOUR_US, np.array([4, 9]) * HOUR_US, HOUR_US, 6 * HOUR_US)
    4.0
    """
    part = np.minimum(end_us, high_us) - np.maximum(start_us, low_us)
    return float(part.clip(min=0).sum()) / HOUR_US
