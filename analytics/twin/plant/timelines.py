"""The states of one machine over one production day."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.twin.noise import Floats, Int64s, key_of
from analytics.twin.plant.model import ChangeModel, MachineModel, PlantModel, StopModel
from analytics.twin.plant.phases import bearing_wear, changes, failure_us
from analytics.twin.plant.schedule import (
    HOUR_US,
    NIGHT,
    PlantDay,
    Span,
    plant_day,
    starts_cold,
    worked,
)
from analytics.vocabulary import MICROSECONDS, State

MINUTE_US: Final = 60 * MICROSECONDS
MONDAY_HOURS: Final = 5
"""How long a Monday starts badly."""
NO_REASON: Final = -1


class Kind(IntEnum):
    """What a stop does when another one runs already."""

    RANDOM = 0
    """It does not happen."""
    CLOCKED = 1
    """It keeps its end."""
    DUE = 2
    """It waits and keeps its length."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop on its way into the timeline; `mark` numbers a tool or a campaign that begins with it."""

    start_us: int
    end_us: int
    state: State
    reason: int
    kind: Kind = Kind.RANDOM
    mark: str = ""


@dataclass(frozen=True, eq=False)
class Timeline:
    """One machine's production day as adjoining states [start, next start); the last ends at `end_us`.

    `reason` is the position in the model's reasons or -1. `tools_us` and `campaigns_us` are the moments at
    which tools were changed and campaigns began, `cold_us` those of cold starts.
    """

    ordinal: int
    start_us: Int64s
    state: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int16]
    end_us: int
    tools_us: tuple[int, ...]
    campaigns_us: tuple[int, ...]
    cold_us: tuple[int, ...]

    def places(self, times_us: Int64s) -> Int64s:
        """Which state holds at each moment of the day."""
        return np.asarray(np.searchsorted(self.start_us, times_us, "right") - 1, np.int64)

    def run_us(self, times_us: Int64s) -> Floats:
        """How long the machine has run since the day's start, at each moment."""
        return np.asarray(np.interp(times_us, *self._run), np.float64)

    @cached_property
    def _run(self) -> tuple[Floats, Floats]:
        """The states' edges and the run time up to each."""
        edges = np.append(self.start_us, self.end_us).astype(np.float64)
        run = np.append(0.0, np.cumsum(np.diff(edges) * (self.state == State.RUNNING)))
        return edges, run


@lru_cache(maxsize=256)
def timeline(model: PlantModel, machine: MachineModel, ordinal: int) -> Timeline:
    """What did the machine do on this production day? It depends on seed, machine and day alone."""
    day = plant_day(model, ordinal)
    rng = np.random.default_rng([model.seed, key_of(machine.key), ordinal])
    spans = worked(machine, day)
    stops = [stop for span in spans for stop in _cold_start(model, machine, day, span, rng)]
    stops += _planned(model, machine, day)
    stops += _due(model, machine, machine.tools, day, spans, "tool", rng)
    stops += _due(model, machine, machine.campaigns, day, spans, "campaign", rng)
    stops += _failure(model, machine, day)
    for kind in machine.stops:
        stops += _random(model, machine, kind, day, spans, rng)
    return _laid_out(day, spans, stops)


def _cold_start(
    model: PlantModel, machine: MachineModel, day: PlantDay, span: Span, rng: np.random.Generator
) -> list[Stop]:
    if not starts_cold(model, machine, day, span[0]):
        return []
    length = machine.cold_start_min * MINUTE_US * rng.uniform(0.8, 1.4)
    warm_up = model.reason_place["warm_up"]
    return [Stop(span[0], _second(span[0] + length), State.SETUP, warm_up, Kind.DUE, "cold")]


def _planned(model: PlantModel, machine: MachineModel, day: PlantDay) -> list[Stop]:
    """Breaks and the weekly upkeep."""
    found = []
    if machine.takes_breaks:
        pause = model.reason_place["break"]
        found = [Stop(a, b, State.PLANNED_STOP, pause, Kind.CLOCKED) for a, b in day.breaks]
    upkeep = machine.upkeep
    if upkeep is not None and upkeep.weekday == day.weekday:
        start = day.start_us + int(upkeep.after_h * HOUR_US)
        end = start + int(upkeep.length_h * HOUR_US)
        found.append(Stop(start, end, State.PLANNED_STOP, model.reason_place["maintenance"], Kind.CLOCKED))
    return found


def _due(
    model: PlantModel,
    machine: MachineModel,
    change: ChangeModel | None,
    day: PlantDay,
    spans: list[Span],
    mark: str,
    rng: np.random.Generator,
) -> list[Stop]:
    if change is None or not spans:
        return []
    found = []
    for _, share in changes(model, machine, change, day.ordinal):
        start = _second(_after_work(spans, min(max(share, 0.02), 0.96)))
        length = change.minutes * MINUTE_US * rng.lognormal(0.0, 0.2)
        reason = model.reason_place[change.reason]
        found.append(Stop(start, _second(start + length), State.SETUP, reason, Kind.DUE, mark))
    return found


def _after_work(spans: list[Span], share: float) -> float:
    """The moment at which this share of the worked time is over."""
    left = share * sum(end - start for start, end in spans)
    for start, end in spans:
        if left <= end - start:
            return start + left
        left -= end - start
    return float(spans[-1][1])


def _failure(model: PlantModel, machine: MachineModel, day: PlantDay) -> list[Stop]:
    bearing = machine.bearing
    if bearing is None:
        return []
    start = failure_us(model, bearing, day.ordinal)
    if start >= day.end_us:
        return []
    end = start + int(bearing.repair_h * HOUR_US)
    return [Stop(start, end, State.DOWN, model.reason_place[bearing.reason], Kind.DUE)]


def _random(
    model: PlantModel,
    machine: MachineModel,
    kind: StopModel,
    day: PlantDay,
    spans: list[Span],
    rng: np.random.Generator,
) -> list[Stop]:
    """Stops of one kind: a Poisson process at the highest rate, thinned to the rate of each moment."""
    highest = max(kind.night, kind.monday, 1.0)
    length_us = sum(end - start for start, end in spans)
    count = int(rng.poisson(kind.per_day * highest * length_us / (24 * HOUR_US)))
    if count == 0:
        return []
    share, accept, spread = rng.random(count), rng.random(count), rng.standard_normal(count)
    start = np.array([_after_work(spans, one) for one in share.tolist()]).astype(np.int64)
    start -= start % MICROSECONDS
    rate = _rates(model, machine, kind, day, start)
    seconds = np.clip(kind.median_s * np.exp(kind.spread * spread), 8.0, 4 * 3_600.0)
    reason = model.reason_place[kind.reason]
    return [
        Stop(at, at + int(long) * MICROSECONDS, kind.state, reason)
        for at, long, good in zip(start.tolist(), seconds.tolist(), accept * highest < rate, strict=True)
        if good
    ]


def _rates(
    model: PlantModel, machine: MachineModel, kind: StopModel, day: PlantDay, start_us: Int64s
) -> Floats:
    rate = np.ones(len(start_us))
    for begin, end, shift in day.shifts:
        if shift == NIGHT:
            rate[(start_us >= begin) & (start_us < end)] *= kind.night
    if day.weekday == 0:
        rate[start_us < day.start_us + MONDAY_HOURS * HOUR_US] *= kind.monday
    if kind.with_bearing and machine.bearing is not None:
        rate *= bearing_wear(model, machine.bearing, day.ordinal, start_us)
    return rate


def _second(moment_us: float) -> int:
    return int(moment_us) // MICROSECONDS * MICROSECONDS


def _laid_out(day: PlantDay, spans: list[Span], stops: list[Stop]) -> Timeline:
    """The day's states without overlap: off outside the spans, running where no stop is."""
    laid: list[Stop] = []
    cursor = day.start_us
    for start, end in spans:
        if start > cursor:
            laid.append(Stop(cursor, start, State.OFF, NO_REASON))
        laid += _in_span(start, end, [stop for stop in stops if start <= stop.start_us < end])
        cursor = end
    if cursor < day.end_us:
        laid.append(Stop(cursor, day.end_us, State.OFF, NO_REASON))
    return Timeline(
        day.ordinal,
        np.array([stop.start_us for stop in laid], np.int64),
        np.array([stop.state for stop in laid], np.int8),
        np.array([stop.reason for stop in laid], np.int16),
        day.end_us,
        *(
            tuple(stop.start_us for stop in laid if stop.mark == mark)
            for mark in ("tool", "campaign", "cold")
        ),
    )


def _in_span(start_us: int, end_us: int, stops: list[Stop]) -> list[Stop]:
    laid: list[Stop] = []
    cursor = start_us
    for stop in sorted(stops, key=lambda one: (one.start_us, -one.kind)):
        if stop.kind is Kind.RANDOM and stop.start_us < cursor:
            continue
        start = max(stop.start_us, cursor)
        end = stop.end_us if stop.kind is Kind.CLOCKED else start + stop.end_us - stop.start_us
        end = min(end, end_us)
        if end - start < MICROSECONDS:
            continue
        if start > cursor:
            laid.append(Stop(cursor, start, State.RUNNING, NO_REASON))
        laid.append(Stop(start, end, stop.state, stop.reason, mark=stop.mark))
        cursor = end
    if cursor < end_us:
        laid.append(Stop(cursor, end_us, State.RUNNING, NO_REASON))
    return laid
