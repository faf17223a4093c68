"""The shift records that people write for a machine without a controller."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.twin.noise import Int64s, key_of
from analytics.twin.plant.model import MachineModel, PlantModel
from analytics.twin.plant.output import product_at
from analytics.twin.plant.schedule import PlantDay, days_between, plant_day, works
from analytics.twin.plant.timelines import Timeline, timeline
from analytics.vocabulary import MICROSECONDS, State

FORGOTTEN: Final = 0.03
"""The share of shifts of which nobody writes a record."""
OPERATORS: Final = ("A. Demir", "J. Kowalski", "M. Weber", "S. Nowak", "T. Brandt", "L. Yilmaz")


@dataclass(frozen=True, slots=True)
class ShiftRecord:
    """What somebody wrote about a shift; `stops` are (reason's position, seconds), planned stops not among
    them. planned_s = operating_s + downtime_s.
    """

    shift: str
    product: str
    operator: str
    start_us: int
    end_us: int
    planned_s: float
    operating_s: float
    downtime_s: float
    output: float
    good: float
    stops: tuple[tuple[int, float], ...]


def shift_records(
    model: PlantModel, machine: MachineModel, start_us: int, end_us: int
) -> tuple[ShiftRecord, ...]:
    """Which records were due in [start_us, end_us), that is: whose shift ended then?"""
    found = []
    for ordinal in days_between(model, start_us - 1, end_us):
        day = plant_day(model, ordinal)
        for begin, end, shift in day.shifts:
            if start_us <= end < end_us and works(machine, day, shift):
                rng = np.random.default_rng([model.seed, key_of(machine.key, "record", shift), ordinal])
                if rng.random() >= FORGOTTEN:
                    found.append(_record(model, machine, day, (begin, end, shift), rng))
    return tuple(found)


def _record(
    model: PlantModel,
    machine: MachineModel,
    day: PlantDay,
    window: tuple[int, int, str],
    rng: np.random.Generator,
) -> ShiftRecord:
    states = timeline(model, machine, day.ordinal)
    start_us, end_us, shift = window
    seconds = _seconds(states, start_us, end_us)
    planned = (State.PLANNED_STOP, State.OFF)
    operating_s = float(seconds[states.state == State.RUNNING].sum())
    lost = ~np.isin(states.state, [State.RUNNING, *planned])
    stops: dict[int, float] = {}
    for reason, length in zip(states.reason[lost].tolist(), seconds[lost].tolist(), strict=True):
        if length and reason >= 0:
            stops[reason] = stops.get(reason, 0.0) + length
    place = int(product_at(model, machine, states, np.array([start_us], np.int64))[0])
    product, cycle = machine.cycles[place]
    output = float(int(operating_s * machine.speed * rng.uniform(0.93, 1.07) / cycle))
    scrap = min(float(rng.poisson(output * machine.scrap)), output)
    downtime_s = float(seconds[lost].sum())
    return ShiftRecord(
        shift,
        product,
        OPERATORS[(day.ordinal // 7 * 2 + len(shift)) % len(OPERATORS)],
        start_us,
        end_us,
        operating_s + downtime_s,
        operating_s,
        downtime_s,
        output,
        output - scrap,
        tuple(sorted(stops.items())),
    )


def _seconds(states: Timeline, start_us: int, end_us: int) -> Int64s:
    """How many seconds of each state lie in the shift."""
    edges = np.clip(np.append(states.start_us, states.end_us), start_us, end_us)
    return np.asarray(np.diff(edges) // MICROSECONDS, np.int64)
