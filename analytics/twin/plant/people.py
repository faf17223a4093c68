"""What cameras see of the simulated plant: a worker at each machine, event by event."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.twin.noise import Floats, Int64s, gauss, key_of, uniform
from analytics.twin.plant.model import MachineModel, PlantModel
from analytics.twin.plant.ranges import counts, states
from analytics.twin.plant.schedule import PlantDay, Span, days_between, plant_day, works
from analytics.vocabulary import MICROSECONDS, Activity, State

EVERY_US: Final = 10 * 60 * MICROSECONDS
COUNTED_US: Final = 3 * EVERY_US
CREWS: Final = ("early", "late", "night")
NEW_VERSION_DAYS: Final = 2
"""The cameras got a new model, less sure of itself, this many days before the anchor."""
SURNAMES: Final = (
    "Demir", "Kowalski", "Weber", "Nowak", "Brandt", "Yilmaz", "Schulz", "Rossi", "Novak", "Meyer", "Costa",
    "Horvat", "Fischer", "Lang", "Petrov", "Wagner", "Silva", "Becker", "Kaya", "Hoffmann", "Ivanova", "Roth",
    "Maier", "Santos", "Vogel", "Lopez", "Keller", "Wolf", "Arslan", "Krause",
)  # fmt: skip
FIRST_NAMES: Final = ("Ana", "Jan", "Mira", "Omar", "Lena", "Tom", "Sofia", "Emil", "Ines", "Paul")


@dataclass(frozen=True, slots=True)
class Seen:
    """One event: the worker's key, what was seen when, how sure the model was, and its version."""

    worker: str
    at_us: int
    kind: Activity
    confidence: float
    count: float | None
    model: str


def staff(model: PlantModel) -> dict[str, str]:
    """The names of the plant's workers by key: one per watched machine and crew."""
    found = {}
    for number in range(len(_watched(model))):
        for crew in range(len(CREWS)):
            place = number * len(CREWS) + crew
            name = f"{FIRST_NAMES[(place * 7) % len(FIRST_NAMES)]} {SURNAMES[place % len(SURNAMES)]}"
            found[_worker(number, crew)] = name
    return found


def activities(model: PlantModel, machine: MachineModel, start_us: int, end_us: int) -> Iterator[Seen]:
    """What the camera at a machine saw in [start_us, end_us), in order of time.

    Every ten minutes of a shift it says working, idle or absent (in breaks), from what the machine does then,
    and every half an hour how many good units came. Crews change shifts week by week. A machine that reports
    nothing by itself is not watched.
    """
    watched = [one.key for one in _watched(model)]
    if machine.key not in watched or end_us <= start_us:
        return
    number = watched.index(machine.key)
    for ordinal in days_between(model, start_us, end_us):
        day = plant_day(model, ordinal)
        for place, (begin, end, shift) in enumerate(day.shifts):
            if begin >= end_us or end <= start_us or not works(machine, day, shift):
                continue
            worker = _worker(number, (place + ordinal // 7) % len(CREWS))
            for one in _shift(model, machine, day, (begin, end), worker):
                if start_us <= one.at_us < end_us:
                    yield one


def _watched(model: PlantModel) -> list[MachineModel]:
    return [machine for machine in model.machines if not machine.is_manual]


def _worker(number: int, crew: int) -> str:
    return f"P{number * len(CREWS) + crew + 1:03d}"


def _shift(
    model: PlantModel, machine: MachineModel, day: PlantDay, span: Span, worker: str
) -> Iterator[Seen]:
    key = key_of(model.seed, machine.key, "camera")
    ticks = np.arange(span[0], span[1], EVERY_US, dtype=np.int64)
    jitter = (uniform(key, ticks) * 0.4 * EVERY_US).astype(np.int64)
    times = ticks + jitter
    kinds = _kinds(model, machine, day, span, times, uniform(key + 1, ticks), worker)
    sure = _confidence(model, day, gauss(key + 2, ticks))
    version = "activity-2.1" if day.ordinal < model.anchor - NEW_VERSION_DAYS else "activity-2.2"
    units = _units(model, machine, span)
    for place, (at_us, kind) in enumerate(zip(times.tolist(), kinds, strict=True)):
        yield Seen(worker, at_us, kind, float(sure[place]), None, version)
        if place % 3 == 2:
            counted = units.between(int(ticks[place]) - COUNTED_US, int(ticks[place]))
            if counted > 0:
                late = at_us + 60 * MICROSECONDS
                yield Seen(worker, late, Activity.PRODUCT_COUNT, float(sure[place]), counted, version)


def _kinds(
    model: PlantModel,
    machine: MachineModel,
    day: PlantDay,
    span: Span,
    times: Int64s,
    luck: Floats,
    worker: str,
) -> list[Activity]:
    """Working while the machine runs or is repaired, idle while it stands, absent in breaks."""
    found = states(model, machine, span[0] - 86_400 * MICROSECONDS, span[1])
    at = np.searchsorted(found.start_us, times, "right") - 1
    diligence = 0.86 + 0.1 * (key_of(model.seed, worker) % 100) / 100
    kinds = []
    for time_us, place, chance in zip(times.tolist(), at.tolist(), luck.tolist(), strict=True):
        state = int(found.state[place]) if place >= 0 else int(State.UNKNOWN)
        if any(begin <= time_us < end for begin, end in day.breaks):
            kinds.append(Activity.ABSENT)
        elif state in {State.RUNNING, State.SETUP}:
            kinds.append(Activity.WORKING if chance < diligence else Activity.IDLE)
        elif state == State.DOWN:
            kinds.append(Activity.WORKING if chance < 0.5 else Activity.IDLE)
        else:
            kinds.append(Activity.IDLE if chance < 0.7 else Activity.ABSENT)
    return kinds


def _confidence(model: PlantModel, day: PlantDay, spread: Floats) -> Floats:
    is_old = day.ordinal < model.anchor - NEW_VERSION_DAYS
    sure = 0.91 + 0.05 * spread if is_old else 0.83 + 0.09 * spread
    return np.asarray(np.clip(sure, 0.3, 0.99).round(3), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    end_us: Int64s
    total: Floats

    def between(self, low_us: int, high_us: int) -> float:
        """Good units whose count ended in (low_us, high_us], whole ones."""
        low, high = np.searchsorted(self.end_us, (low_us, high_us), "right")
        return float(np.floor(self.total[high]) - np.floor(self.total[low]))


def _units(model: PlantModel, machine: MachineModel, span: Span) -> _Units:
    found = counts(model, machine, span[0] - COUNTED_US, span[1])
    order = np.argsort(found.end_us, kind="stable")
    good = np.asarray(found.good, np.float64)[order]
    return _Units(np.asarray(found.end_us, np.int64)[order], np.concatenate((np.zeros(1), np.cumsum(good))))
