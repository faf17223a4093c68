"""What a change of speed, feed, depth, material or tool-change interval would bring, per part and hour."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analytics.errors import FieldProblem, InvalidInput
from analytics.twin.lathe.cycle import cycle
from analytics.twin.lathe.loads import loads, machine_power_kw
from analytics.twin.lathe.process import Process
from analytics.twin.lathe.wear import failed_by, tool_life_min, wear_after

STEPS: Final = 400
LEAST_SHARE: Final = 0.05
MOST_SHARE: Final = 3.0


@dataclass(frozen=True, slots=True)
class Economics:
    """Prices and what else stops the lathe; all are assumptions until a plant enters its own.

    `other_stops` is the share of planned time that is lost for other reasons than edges, `scrap` the share of
    parts that are bad for other reasons.
    """

    machine_per_h: float = 45.0
    labour_per_h: float = 35.0
    energy_per_kwh: float = 0.20
    blank: float = 0.0
    other_stops: float = 0.10
    scrap: float = 0.01


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a process brings on average, with its edges changed at `change_share` of their life.

    `cost` is per good part and the sum of `machine_cost`, `tool_cost`, `energy_cost` and `blank_cost`;
    `energy_kwh` is per good part. `roughness_rz_um` is that of the last part before a change. `performance`
    is the given ideal cycle over this one's and may pass 1: then this process is faster than the standard.
    """

    tool_life_min: float
    change_share: float
    parts_per_edge: float
    breaks_per_100_edges: float
    cycle_s: float
    parts_per_h: float
    cost: float
    machine_cost: float
    tool_cost: float
    energy_cost: float
    blank_cost: float
    energy_kwh: float
    roughness_rz_um: float
    cutting_force_n: float
    spindle_power_kw: float
    availability: float
    performance: float
    quality: float
    oee: float


def outcome(
    process: Process,
    *,
    change_share: float = 1.0,
    economics: Economics = Economics(),
    ideal_cycle_s: float | None = None,
) -> Outcome:
    """What does this process bring per part and per hour, on average over many edges?

    An edge is used to `change_share` of its Taylor life unless it fails before (Weibull, `wear.failed_by`):
    it then costs the lathe's `repair_s` instead of `tool_change_s`, and the part. Without an ideal cycle time
    the process's own is the standard. Raises InvalidInput for shares and prices outside their range.
    """
    _check(change_share, economics)
    part, life_min = cycle(process), tool_life_min(process)
    share = np.linspace(0.0, change_share, STEPS + 1)
    alive = 1.0 - failed_by(share)
    fails = float(failed_by(change_share))
    used = float(np.trapezoid(alive, share))
    parts = max(used * life_min * 60.0 / part.cutting_s, 1.0)
    stop_s = (1.0 - fails) * process.lathe.tool_change_s + fails * process.lathe.repair_s
    quality = (1.0 - economics.scrap) * (1.0 - min(fails / parts, 1.0))
    running = part.length_s / (part.length_s + stop_s / parts)
    availability = running * (1.0 - economics.other_stops)
    planned_s = part.length_s / availability
    worn = wear_after(share, process.tool.limit_mm)
    cut = loads(process, float(np.trapezoid(worn * alive, share) / used))
    last = loads(process, float(wear_after(change_share, process.tool.limit_mm)))
    energy = energy_per_part_kwh(process, float(cut.machine_power_kw), planned_s) / quality
    rate = (economics.machine_per_h + economics.labour_per_h) / 3_600.0
    costs = (
        rate * planned_s / quality,
        process.tool.price / process.tool.edges / parts / quality,
        energy * economics.energy_per_kwh,
        economics.blank / quality,
    )
    performance = (ideal_cycle_s or part.length_s) / part.length_s
    return Outcome(
        life_min, change_share, parts, 100.0 * fails, part.length_s, 3_600.0 / planned_s * quality,
        sum(costs), *costs, energy, float(last.roughness_rz_um), float(cut.cutting_force_n),
        float(cut.spindle_power_kw), availability, performance, quality,
        availability * performance * quality,
    )  # fmt: skip


def energy_per_part_kwh(process: Process, cutting_kw: float, planned_s: float) -> float:
    """The energy of one part with its share of the stops: cutting, moving, and standing at standby."""
    part, lathe = cycle(process), process.lathe
    moving_s = part.length_s - part.cutting_s - lathe.load_s
    moving_kw = float(machine_power_kw(lathe, np.asarray(process.rpm), np.asarray(0.0)))
    standing_s = planned_s - part.cutting_s - moving_s
    energy_kws = cutting_kw * part.cutting_s + moving_kw * moving_s + lathe.fixed_kw * standing_s
    return energy_kws / 3_600.0


def share_of_parts(process: Process, parts: float) -> float:
    """The share of an edge's life that so many parts take: the change interval in parts as a share."""
    return parts * cycle(process).cutting_s / (tool_life_min(process) * 60.0)


def cheapest_speed(process: Process, economics: Economics, change_share: float = 1.0) -> Process:
    """The process at the speed at which a good part costs least, within the lathe's speed and power."""
    lathe = process.lathe
    fastest = min(lathe.max_rpm * np.pi * process.diameter_mm / 1_000.0, 2_000.0)
    tried = [replace(process, speed_m_min=float(one)) for one in np.geomspace(5.0, fastest, 120)]
    worn = process.tool.limit_mm
    fit = [one for one in tried if float(loads(one, worn).spindle_power_kw) <= lathe.max_power_kw]
    return min(
        fit or [process],
        key=lambda one: outcome(one, change_share=change_share, economics=economics).cost,
    )


def _check(change_share: float, economics: Economics) -> None:
    problems = []
    if not LEAST_SHARE <= change_share <= MOST_SHARE:
        said = f"An edge is changed after {LEAST_SHARE:g} to {MOST_SHARE:g} of its life"
        problems.append(FieldProblem("change_share", f"{said}; {change_share:.3g} lies outside."))
    ranges = {
        "machine_per_h": 10_000.0,
        "labour_per_h": 10_000.0,
        "energy_per_kwh": 100.0,
        "blank": 1e6,
        "other_stops": 0.95,
        "scrap": 0.95,
    }
    for name, most in ranges.items():
        value = getattr(economics, name)
        if not 0.0 <= value <= most:
            problems.append(FieldProblem(name, f"{name} of {value:g} lies outside 0 to {most:g}."))
    if problems:
        raise InvalidInput(*problems)
