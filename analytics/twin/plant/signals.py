"""What a machine's sensors say at any moment: a function of its states, product, tools and bearing."""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.twin.lathe.wear import wear_after
from analytics.twin.noise import Floats, Int64s, gauss, key_of, wander
from analytics.twin.plant.model import MachineModel, PlantModel, SignalModel
from analytics.twin.plant.output import product_at
from analytics.twin.plant.phases import bearing_wear, phase
from analytics.twin.plant.schedule import HOUR_US, day_of, plant_day
from analytics.twin.plant.timelines import MINUTE_US, Timeline, timeline
from analytics.vocabulary import MICROSECONDS, State

SLOW_US: Final = 25 * MINUTE_US
MEMORY_US: Final = 3 * HOUR_US
"""How far back a lagging signal remembers at the start of a production day."""
STANDING_NOISE: Final = 0.2
"""The share of a signal's noise that is left while the machine stands."""


def flank_wear_mm(share: Floats) -> Floats:
    """The flank wear in mm after a share [0, 1) of a tool's life; see `analytics.twin.lathe.wear`.

    >>> flank_wear_mm(np.array([0.0, 0.5])).round(2).tolist()
    [0.02, 0.16]
    """
    return wear_after(share)


def telemetry(model: PlantModel, machine: MachineModel, times_us: Int64s) -> Floats:
    """What do the machine's signals read at these moments?

    `times_us` is ascending int64 microseconds UTC, any step. Returns one row per signal of the machine, in
    its order, one column per moment. A value depends on seed, machine, signal and moment alone.
    """
    found = np.empty((len(machine.signals), len(times_us)))
    begin = 0
    while begin < len(times_us):
        ordinal = day_of(model, int(times_us[begin]))
        end = int(np.searchsorted(times_us, plant_day(model, ordinal).end_us, "left"))
        found[:, begin:end] = _in_day(model, machine, ordinal, times_us[begin:end])
        begin = end
    return found


def _in_day(model: PlantModel, machine: MachineModel, ordinal: int, times_us: Int64s) -> Floats:
    states = timeline(model, machine, ordinal)
    place = states.places(times_us)
    running = states.state[place] == State.RUNNING
    loads = np.array([model.product_by_key[key].load for key, _ in machine.cycles])
    load = loads[product_at(model, machine, states, times_us)]
    wear = wear_mm(model, machine, states, times_us) - 0.1
    bearing = np.zeros(len(times_us))
    if machine.bearing is not None:
        bearing = bearing_wear(model, machine.bearing, ordinal, times_us)
    rows = []
    for signal in machine.signals:
        level = _level(model, machine, signal, states, place, times_us)
        acting = (1.0 + signal.load * (load - 1.0)) * (1.0 + signal.wear * wear)
        if signal.swing:
            angle = times_us / (signal.cycle_min * MINUTE_US) * 2.0 * np.pi
            acting *= 1.0 + signal.swing * np.sin(angle)
        level = np.where(running, level * acting + signal.bearing * bearing, level)
        rows.append(_disturbed(model, machine, signal, level, running, times_us))
    return np.stack(rows) if rows else np.empty((0, len(times_us)))


def wear_mm(model: PlantModel, machine: MachineModel, states: Timeline, times_us: Int64s) -> Floats:
    """The flank wear of the tool in the machine: it grows while the machine runs, and a change resets it."""
    if machine.tools is None:
        return np.full(len(times_us), 0.1)
    start = phase(model, machine, machine.tools, states.ordinal)
    end = phase(model, machine, machine.tools, states.ordinal + 1)
    edges = np.array([states.start_us[0], *states.tools_us, states.end_us], np.int64)
    numbers = [start, *(int(start) + 1.0 + n for n in range(len(states.tools_us))), end]
    run_us = states.run_us(edges)
    progress = np.interp(states.run_us(times_us), run_us, numbers) if run_us[-1] else np.full(1, start)
    share = np.asarray(progress - np.floor(progress), np.float64)
    return np.broadcast_to(flank_wear_mm(share), times_us.shape)


def _level(
    model: PlantModel,
    machine: MachineModel,
    signal: SignalModel,
    states: Timeline,
    place: Int64s,
    times_us: Int64s,
) -> Floats:
    """The undisturbed level: that of the state, or the lagged way towards it."""
    by_state = _by_state(signal)
    if not signal.lag_min:
        return by_state[states.state[place]]
    entered = _entered(model, machine, signal, states.ordinal)
    goal = by_state[states.state[place]]
    gone = np.exp(-(times_us - states.start_us[place]) / (signal.lag_min * MINUTE_US))
    return np.asarray(goal + (entered[place] - goal) * gone, np.float64)


@lru_cache(maxsize=512)
def _entered(model: PlantModel, machine: MachineModel, signal: SignalModel, ordinal: int) -> Floats:
    """The value of a lagging signal at the start of each state of the day."""
    by_state = _by_state(signal)
    before, states = timeline(model, machine, ordinal - 1), timeline(model, machine, ordinal)
    late = int(np.searchsorted(before.start_us, states.start_us[0] - MEMORY_US))
    edges = np.concatenate((before.start_us[late:], states.start_us))
    goals = by_state[np.concatenate((before.state[late:], states.state))]
    kept = np.exp(-np.diff(edges) / (signal.lag_min * MINUTE_US))
    values = [float(by_state[before.state[max(late - 1, 0)]])]
    for goal, keep in zip(goals[:-1].tolist(), kept.tolist(), strict=True):
        values.append(goal + (values[-1] - goal) * keep)
    return np.array(values[len(before.start_us) - late :], np.float64)


@lru_cache(maxsize=1_024)
def _by_state(signal: SignalModel) -> npt.NDArray[np.float64]:
    levels = np.full(len(State), signal.idle)
    levels[State.RUNNING] = signal.run
    levels[State.OFF] = levels[State.UNKNOWN] = signal.off
    return levels


def _disturbed(
    model: PlantModel,
    machine: MachineModel,
    signal: SignalModel,
    level: Floats,
    running: npt.NDArray[np.bool_],
    times_us: Int64s,
) -> Floats:
    """The level with noise, slow wander and the warmth of the day, rounded as its sensor does."""
    key = key_of(model.seed, machine.key, signal.key)
    share = np.where(running, 1.0, STANDING_NOISE)
    value = level + signal.noise * share * gauss(key, times_us // MICROSECONDS)
    if signal.slow:
        value += signal.slow * share * wander(key ^ 1, times_us, SLOW_US)
    if signal.ambient:
        value += signal.ambient * np.sin((times_us / (24 * HOUR_US) - 0.375) * 2.0 * np.pi)
    floor = min(signal.off, signal.idle, signal.run, 0.0)
    return np.asarray(np.round(np.maximum(value, floor), signal.decimals), np.float64)
