"""How long a part takes and what the lathe does when: loading, spindle start, rapid moves, cutting."""

from dataclasses import dataclass
from enum import IntEnum
from math import pi
from typing import Final

import numpy as np

from analytics.twin.lathe.process import Process
from analytics.twin.lathe.tools import Operation
from analytics.twin.noise import Floats, Int64s
from analytics.vocabulary import State

CLEARANCE_MM: Final = 100.0


class Phase(IntEnum):
    """What a lathe does at a moment."""

    LOADING = 0
    SPINDLE_START = 1
    RAPID = 2
    CUTTING = 3
    TOOL_CHANGE = 4
    REPAIR = 5


PHASE_WORDS: Final = {
    Phase.LOADING: "loading",
    Phase.SPINDLE_START: "spindle start",
    Phase.RAPID: "rapid move",
    Phase.CUTTING: "cutting",
    Phase.TOOL_CHANGE: "tool change",
    Phase.REPAIR: "repair after a tool broke",
}
STATE_OF_PHASE: Final = {
    Phase.LOADING: State.RUNNING,
    Phase.SPINDLE_START: State.RUNNING,
    Phase.RAPID: State.RUNNING,
    Phase.CUTTING: State.RUNNING,
    Phase.TOOL_CHANGE: State.SETUP,
    Phase.REPAIR: State.DOWN,
}
"""Loading and moving are part of the ideal cycle, so the machine counts as running."""


@dataclass(frozen=True, slots=True, eq=False)
class Cycle:
    """One part: its phases in order, the second at which each begins, the cutting before it."""

    start_s: Floats
    phase: Int64s
    cut_before_s: Floats
    length_s: float
    pass_s: float
    cutting_s: float


def pass_s(process: Process) -> float:
    """How long one pass cuts, in seconds: t = L / (f n); facing goes from the outside to the centre.

    While the diameter D falls at constant cutting speed, dt = pi D dD / (2 * 1000 vc f); below the diameter
    at which the spindle reaches its limit, the tool moves on at f n. Source of n and t: Sandvik.
    """
    per_min = process.rpm * process.feed_mm
    if process.operation is not Operation.FACING:
        return 60.0 * process.length_mm / per_min
    knee = min(_knee_mm(process), process.diameter_mm)
    falling = pi * (process.diameter_mm**2 - knee**2) / (4_000.0 * process.speed_m_min * process.feed_mm)
    return 60.0 * (falling + knee / 2.0 / (process.feed_mm * process.lathe.max_rpm))


def _knee_mm(process: Process) -> float:
    """The diameter at which the spindle reaches its limit in facing."""
    return 1_000.0 * process.speed_m_min / (pi * process.lathe.max_rpm)


def facing_diameter_mm(process: Process, cut_s: Floats) -> Floats:
    """The diameter that is cut after so many seconds of a facing pass; the inverse of `pass_s`."""
    knee = min(_knee_mm(process), process.diameter_mm)
    minutes = cut_s / 60.0
    squared = process.diameter_mm**2 - minutes * 4_000.0 * process.speed_m_min * process.feed_mm / pi
    falling_min = pi * (process.diameter_mm**2 - knee**2) / (4_000.0 * process.speed_m_min * process.feed_mm)
    rest = knee - 2.0 * process.feed_mm * process.lathe.max_rpm * np.maximum(minutes - falling_min, 0.0)
    found = np.where(minutes < falling_min, np.sqrt(np.maximum(squared, knee**2)), np.maximum(rest, 0.0))
    return np.asarray(found, np.float64)


def cycle(process: Process) -> Cycle:
    """Which phases does a part go through, and when?"""
    lathe, cut = process.lathe, pass_s(process)
    way = process.diameter_mm / 2.0 if process.operation is Operation.FACING else process.length_mm
    move = (CLEARANCE_MM + way) / lathe.rapid_mm_s
    lengths = [lathe.load_s, process.rpm / lathe.accelerate_rpm_s]
    phases = [Phase.LOADING, Phase.SPINDLE_START]
    for _ in range(process.passes):
        lengths += [move, cut]
        phases += [Phase.RAPID, Phase.CUTTING]
    lengths.append(move)
    phases.append(Phase.RAPID)
    ends = np.cumsum(np.array(lengths, np.float64))
    kinds = np.array(phases, np.int64)
    return Cycle(
        np.concatenate(([0.0], ends[:-1])),
        kinds,
        np.concatenate(([0.0], np.cumsum((kinds == Phase.CUTTING) * cut)[:-1])),
        float(ends[-1]),
        cut,
        cut * process.passes,
    )
