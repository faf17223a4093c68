"""What a machine produces: counts on a ten-minute grid that follow its states, and shift records."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.twin.noise import Floats, Int64s, key_of, wander
from analytics.twin.plant.model import MachineModel, PlantModel
from analytics.twin.plant.phases import phase
from analytics.twin.plant.schedule import HOUR_US, NIGHT, PlantDay, plant_day
from analytics.twin.plant.timelines import MINUTE_US, MONDAY_HOURS, Timeline, timeline
from analytics.vocabulary import MICROSECONDS

BIN_US: Final = 10 * MINUTE_US
STARTUP_US: Final = 60 * MINUTE_US
"""Parts within the first hour after a cold start may be start-up scrap."""
STARTUP_SCRAP: Final = 0.12
NIGHT_SPEED: Final = 0.965
NIGHT_SCRAP: Final = 1.5
MONDAY_SPEED: Final = 0.93
MONDAY_SCRAP: Final = 2.2


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Counts in the order of time: `product` is the position in the machine's cycles."""

    product: npt.NDArray[np.int64]
    start_us: Int64s
    end_us: Int64s
    good: Floats
    scrap: Floats
    rework: Floats
    startup_scrap: Floats


@lru_cache(maxsize=256)
def day_counts(model: PlantModel, machine: MachineModel, ordinal: int) -> Counts:
    """What did the machine count on this production day? Intervals without parts are left out.

    Parts follow from the run time of each interval, the product's ideal cycle and a speed below it; scrap and
    rework are Poisson draws; an interval ends where a campaign begins.
    """
    day, states = plant_day(model, ordinal), timeline(model, machine, ordinal)
    rng = np.random.default_rng([model.seed, key_of(machine.key, "counts"), ordinal])
    edges = np.arange(day.start_us // BIN_US * BIN_US, day.end_us + BIN_US, BIN_US)
    edges = np.unique(np.clip(np.append(edges, states.campaigns_us), day.start_us, day.end_us))
    edges = edges.astype(np.int64)
    start, end = edges[:-1], edges[1:]
    product = _products(model, machine, states, start)
    cycle = np.array([seconds for _, seconds in machine.cycles])[product]
    run_s = np.diff(states.run_us(edges)) / MICROSECONDS
    total = _whole(run_s * _speed(model, machine, day, start) / cycle, product, machine.quantum)
    rate = machine.scrap * _trouble(day, start, NIGHT_SCRAP, MONDAY_SCRAP)
    startup = _drawn(rng, total, STARTUP_SCRAP * _after_cold(states, start), machine.quantum)
    scrap = startup + _drawn(rng, total - startup, rate, machine.quantum)
    rework = _drawn(rng, total - scrap, np.full(len(total), machine.rework), machine.quantum)
    made = total > 0
    good = total - scrap - rework
    amounts = (np.asarray(np.round(one[made], 3), np.float64) for one in (good, scrap, rework, startup))
    return Counts(product[made], start[made], end[made], *amounts)


def _products(
    model: PlantModel, machine: MachineModel, states: Timeline, start_us: Int64s
) -> npt.NDArray[np.int64]:
    """Which product each interval makes, by the campaign that runs."""
    if machine.campaigns is None:
        return np.zeros(len(start_us), np.int64)
    first = int(phase(model, machine, machine.campaigns, states.ordinal))
    begun = np.searchsorted(np.array(states.campaigns_us, np.int64), start_us, "right")
    return np.asarray((first + begun) % len(machine.cycles), np.int64)


def product_at(model: PlantModel, machine: MachineModel, states: Timeline, times_us: Int64s) -> Int64s:
    """The position of the product that is made at each moment of the day."""
    return _products(model, machine, states, times_us)


def _speed(model: PlantModel, machine: MachineModel, day: PlantDay, start_us: Int64s) -> Floats:
    """The share of the ideal speed at which the machine runs; never more than 1.02."""
    uneven = wander(key_of(model.seed, machine.key, "speed"), start_us, 90 * MINUTE_US)
    speed = machine.speed * _trouble(day, start_us, NIGHT_SPEED, MONDAY_SPEED) * (1.0 + 0.05 * uneven)
    return np.asarray(np.minimum(speed, 1.02), np.float64)


def _trouble(day: PlantDay, start_us: Int64s, night: float, monday: float) -> Floats:
    factor = np.ones(len(start_us))
    for begin, end, shift in day.shifts:
        if shift == NIGHT:
            factor[(start_us >= begin) & (start_us < end)] *= night
    if day.weekday == 0:
        factor[start_us < day.start_us + MONDAY_HOURS * HOUR_US] *= monday
    return factor


def _after_cold(states: Timeline, start_us: Int64s) -> Floats:
    """1 at a cold start, falling to 0 within twice the start-up time."""
    fresh = np.zeros(len(start_us))
    for cold_us in states.cold_us:
        since = start_us - cold_us
        fresh = np.where(since >= -BIN_US, np.clip(1.0 - since / (2 * STARTUP_US), 0.0, 1.0), fresh)
    return fresh


def _whole(amount: Floats, product: npt.NDArray[np.int64], quantum: float) -> Floats:
    """Amounts in whole quanta; what is left over is carried to the next interval of the same campaign."""
    total = np.zeros(len(amount))
    for campaign in np.split(np.arange(len(amount)), np.flatnonzero(np.diff(product)) + 1):
        made = np.floor(np.cumsum(amount[campaign]) / quantum + 1e-9) * quantum
        total[campaign] = np.diff(made, prepend=0.0)
    return total


def _drawn(rng: np.random.Generator, total: Floats, rate: Floats, quantum: float) -> Floats:
    drawn = rng.poisson(np.clip(rate, 0.0, 1.0) * np.maximum(total, 0.0) / quantum) * quantum
    return np.asarray(np.minimum(drawn, total), np.float64)
