"""How long was anybody at a station? The union over its workers, since two can stand at one place."""

import numpy as np
import pandas as pd

from analytics.productivity.events import NOBODY
from analytics.productivity.hours import Grid
from analytics.productivity.spells import Spells
from analytics.timeline.arrays import Flags, Int64s
from analytics.timeline.windows import united
from analytics.vocabulary import Activity


def station_hours(found: Spells, slots: Grid) -> pd.DataFrame:
    """How long was each station occupied, and how long did somebody work at it, in each hour?

    A station is occupied while at least one worker is there, WORKING or IDLE; time at which several are
    there counts once. Returns one row per station and slot with any such time: station, slot, start_us,
    end_us, occupied_us, busy_us (somebody WORKING; at most occupied_us). Spells without a station count
    nowhere.

    >>> import numpy as np
    >>> from analytics.productivity.hours import grid
    >>> two = Spells(np.array([1, 2]), np.array([5, 5]), np.array([0, 1], np.int8), np.array([0, 0]),
    ...              np.array([0, 40]), np.array([60, 90]))
    >>> station_hours(two, grid([0, 100]))[["occupied_us", "busy_us"]].to_numpy().tolist()
    [[90, 60]]
    """
    placed = found.station != NOBODY
    present = placed & (found.kind != Activity.ABSENT)
    occupied = _held(found, present, slots)
    busy = _held(found, placed & (found.kind == Activity.WORKING), slots)
    table = occupied.rename(columns={"held_us": "occupied_us"}).merge(
        busy.rename(columns={"held_us": "busy_us"}), on=["station", "slot"], how="left"
    )
    table["busy_us"] = table["busy_us"].fillna(0).astype(np.int64)
    slot = table["slot"].to_numpy()
    table.insert(2, "start_us", slots.edges_us[slot])
    table.insert(3, "end_us", slots.edges_us[slot + 1])
    return table


def _held(found: Spells, chosen: Flags, slots: Grid) -> pd.DataFrame:
    """The length of the union of the chosen spells in each slot of each station."""
    names: list[int] = []
    places: list[Int64s] = []
    held: list[Int64s] = []
    station = found.station[chosen]
    start, end = found.start_us[chosen], found.end_us[chosen]
    for code in np.unique(station).tolist():
        own = station == code
        low, high = united(start[own], end[own])
        time = _inside(low, high, slots.edges_us)
        some = np.flatnonzero(time)
        names += [code] * len(some)
        places.append(some)
        held.append(time[some])
    slot = np.concatenate(places) if places else np.empty(0, np.int64)
    time = np.concatenate(held) if held else np.empty(0, np.int64)
    return pd.DataFrame({"station": np.array(names, np.int64), "slot": slot, "held_us": time})


def _inside(low: Int64s, high: Int64s, edges: Int64s) -> Int64s:
    """How much of disjoint ascending intervals lies between consecutive edges."""
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(high - low)))
    at = np.searchsorted(low, edges, "right")
    reached = before[at]
    inside = at > 0
    reached[inside] -= np.maximum(high[at[inside] - 1] - edges[inside], 0)
    return np.diff(reached)
