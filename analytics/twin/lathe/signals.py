"""What the sensors of a simulated lathe say at any moment of its run."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.errors import InvalidInput
from analytics.twin.lathe.cycle import STATE_OF_PHASE, Phase, cycle, facing_diameter_mm
from analytics.twin.lathe.faults import (
    BEARING_K,
    BEARING_MM_S,
    CHATTER_ROUGHNESS,
    CHATTER_VIBRATION,
    COOLANT_FORCE,
    NO_FAULTS,
    Disturbance,
    Faults,
    disturbance,
)
from analytics.twin.lathe.loads import (
    STILL_MM_S,
    TURNING_MM_S,
    Loads,
    loads,
    machine_power_kw,
    spindle_current_a,
)
from analytics.twin.lathe.process import Process
from analytics.twin.lathe.schedule import Place, Schedule, schedule
from analytics.twin.lathe.tools import Operation
from analytics.twin.lathe.wear import fails_within, wear_after
from analytics.twin.noise import Floats, Int64s, key_of, normals

SIGNALS: Final[dict[str, tuple[str, str, float, int]]] = {
    "power_kw": ("Active power", "kW", 0.02, 3),
    "spindle_speed_rpm": ("Spindle speed", "rpm", 0.003, 1),
    "feed_mm_min": ("Feed rate", "mm/min", 0.003, 1),
    "cutting_force_n": ("Cutting force", "N", 0.03, 1),
    "feed_force_n": ("Feed force", "N", 0.035, 1),
    "passive_force_n": ("Passive force", "N", 0.045, 1),
    "torque_nm": ("Spindle torque", "Nm", 0.03, 3),
    "spindle_power_kw": ("Spindle power", "kW", 0.02, 3),
    "spindle_current_a": ("Spindle current", "A", 0.01, 2),
    "spindle_temp_c": ("Spindle temperature", "°C", 0.006, 2),
    "vibration_mm_s": ("Vibration velocity", "mm/s", 0.08, 3),
    "roughness_rz_um": ("Roughness Rz", "µm", 0.0, 2),
    "tool_wear_mm": ("Flank wear", "mm", 0.0, 4),
    "failure_probability": ("Probability that the edge fails in the next ten minutes", "", 0.0, 5),
}
"""Each signal's name, unit, noise as a share of its value, and decimals. The noise is an assumption."""

KEYS: Final = tuple(SIGNALS)
NOISY: Final = tuple(key for key, (_, _, noise, _) in SIGNALS.items() if noise)
AHEAD_S: Final = 600.0
"""How far ahead, in seconds of cutting, the failure probability looks."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Signals at moments, one row per key of `SIGNALS`; NaN where a sensor is silent.

    `state` is `analytics.vocabulary.State`, `phase` a `Phase`, `parts` how many parts are finished.
    """

    values: Floats
    phase: Int64s
    state: npt.NDArray[np.int8]
    parts: Int64s
    edge: Int64s
    faults: Disturbance


_STATES: Final = np.array([STATE_OF_PHASE[phase] for phase in Phase], np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class LatheRun:
    """A lathe at work: a process, a seed and how long; every moment can be computed alone, in any step."""

    process: Process
    seed: int
    horizon_s: float
    faults: Faults = NO_FAULTS
    wear_mm: float = 0.0
    change_share: float = 1.0
    plan: Schedule = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the edges."""
        made = schedule(
            self.process, self.seed, self.horizon_s, wear_mm=self.wear_mm, change_share=self.change_share
        )
        object.__setattr__(self, "plan", made)

    def at(self, times_s: Floats) -> Moment:
        """What do the sensors say at these seconds since the start?

        `times_s` is one-dimensional, from 0 to the horizon. Values depend on process, seed, faults and second
        alone; noise changes every tenth of a second. Raises InvalidInput for times outside the run.
        """
        if len(times_s) and not (times_s.min() >= 0.0 and times_s.max() <= self.horizon_s):
            raise InvalidInput.at("time", f"A moment of this run lies in 0 to {self.horizon_s:g} s.")
        place = self.plan.at(times_s)
        wrong = disturbance(self.faults, self.seed, times_s)
        values = _measured(self.seed, _levels(self, place, wrong, times_s), times_s)
        values[KEYS.index("spindle_temp_c")] *= 1.0 + wrong.drift
        silent = wrong.lost >= 0
        if silent.any():
            values[wrong.lost[silent] % len(KEYS), np.flatnonzero(silent)] = np.nan
        return Moment(values, place.phase, _STATES[place.phase], place.parts, place.edge, wrong)


def _levels(run: LatheRun, place: Place, wrong: Disturbance, times_s: Floats) -> dict[str, Floats]:
    """Every signal without its noise."""
    process, lathe = run.process, run.process.lathe
    wear = wear_after(place.share, process.tool.limit_mm)
    diameter: Floats | None = None
    if process.operation is Operation.FACING:
        diameter = facing_diameter_mm(process, place.cut_s)
    cut = loads(process, wear, diameter)
    cutting = place.phase == Phase.CUTTING
    turns = cutting | (place.phase == Phase.RAPID) | (place.phase == Phase.SPINDLE_START)
    force = np.where(wrong.coolant, COOLANT_FORCE, 1.0) * cutting
    rpm = np.where(cutting, cut.spindle_speed_rpm, process.rpm * turns)
    edge_kw = cut.cutting_power_kw * force
    torque = cut.torque_nm * force
    vibration = STILL_MM_S + (cut.vibration_mm_s - STILL_MM_S) * cutting
    vibration += TURNING_MM_S * rpm / 1_000.0 * ~cutting
    rough = np.where(wrong.chatter & cutting, CHATTER_VIBRATION, 1.0)
    return {
        "power_kw": machine_power_kw(lathe, rpm, edge_kw),
        "spindle_speed_rpm": rpm,
        "feed_mm_min": cut.feed_mm_min * cutting,
        "cutting_force_n": cut.cutting_force_n * force,
        "feed_force_n": cut.feed_force_n * force,
        "passive_force_n": cut.passive_force_n * force,
        "torque_nm": torque,
        "spindle_power_kw": edge_kw / lathe.efficiency,
        "spindle_current_a": spindle_current_a(lathe, torque) * turns,
        "spindle_temp_c": _temperature(run, cut, times_s) + wrong.coolant_k + BEARING_K * wrong.bearing,
        "vibration_mm_s": vibration * rough + BEARING_MM_S * wrong.bearing * turns,
        "roughness_rz_um": cut.roughness_rz_um * np.where(wrong.chatter, CHATTER_ROUGHNESS, 1.0),
        "tool_wear_mm": wear,
        "failure_probability": fails_within(place.share, AHEAD_S / run.plan.life_s),
    }


def _temperature(run: LatheRun, cut: Loads, times_s: Floats) -> Floats:
    """Ambient and the spindle's rise: a first-order lag of the mean power of a part (an assumption).

    The lag of 20 minutes is long against a part, so that the ripple within a part is left out.
    """
    lathe, part = run.process.lathe, cycle(run.process)
    duty = part.cutting_s / part.length_s
    rise = lathe.warm_k_per_kw * cut.spindle_power_kw * duty
    rise = rise + lathe.warm_k_per_1000_rpm * run.process.rpm / 1_000.0
    warmed = 1.0 - np.exp(-times_s / (60.0 * lathe.warm_min))
    day = 1.5 * np.sin(2.0 * np.pi * (times_s / 86_400.0))
    return np.asarray(lathe.ambient_c + day + rise * warmed, np.float64)


def _measured(seed: int, levels: dict[str, Floats], times_s: Floats) -> Floats:
    """The levels with their sensors' noise, rounded as the sensors do; one row per signal."""
    values = np.empty((len(KEYS), len(times_s)))
    tenth = np.rint(times_s * 10.0).astype(np.int64)
    for first in range(0, len(NOISY), 4):
        noise = normals(key_of(seed, "noise", first), tenth)
        for key, own in zip(NOISY[first : first + 4], noise, strict=False):
            np.multiply(own, SIGNALS[key][2], out=own)
            np.add(own, 1.0, out=own)
            np.multiply(own, levels[key], out=values[KEYS.index(key)])
    for place, key in enumerate(KEYS):
        if key not in NOISY:
            values[place] = levels[key]
        np.round(values[place], SIGNALS[key][3], out=values[place])
    return values
