"""The same figures the slow way: an oracle in plain Python, a pandas loop and vectorised pandas."""

from collections import defaultdict

import numpy as np
import pandas as pd

WORKING, IDLE, ABSENT, COUNT = range(4)
NAMES = {WORKING: "active_us", IDLE: "idle_us", ABSENT: "absent_us"}


def oracle(events: list[dict], edges: list[int], cuts: list[int], cap: int, until: int, least: float = 0.0):
    """Cells {(worker, station, slot): {...}} of events given as dicts, by the words of the definition."""
    chosen = {}
    for one in sorted(events, key=_choice):
        chosen.setdefault(one["key"], one)
    used = [
        one
        for one in events_of(chosen)
        if one["time"] < min(until, edges[-1])
        and not (one["confidence"] is not None and one["confidence"] < least)
    ]
    until = min(until, edges[-1])
    cells = defaultdict(lambda: dict.fromkeys((*NAMES.values(), "units", "events"), 0))
    groups = defaultdict(list)
    for one in used:
        groups[("w", one["worker"]) if one["worker"] >= 0 else ("s", one["station"])].append(one)
    for group in groups.values():
        group.sort(key=_weight)
        _walk(group, cells, edges, cuts, cap, until)
    return {key: cell for key, cell in cells.items() if any(cell.values())}


def events_of(chosen):
    return list(chosen.values())


def _choice(one):
    confidence = -1 if one["confidence"] is None else one["confidence"]
    return (one["time"], one["worker"], one["station"], one["kind"], one["model"], confidence, one["count"])


def _weight(one):
    confidence = -1 if one["confidence"] is None else one["confidence"]
    return (one["time"], one["kind"] != COUNT, confidence, -one["kind"], -one["station"])


def _walk(group, cells, edges, cuts, cap, until):
    state, last = None, None
    for place, one in enumerate(group):
        if last is not None and (one["time"] - last > cap or any(last < cut <= one["time"] for cut in cuts)):
            state = None
        if one["kind"] != COUNT:
            state = one
        last = one["time"]
        slot = slot_of(one["time"], edges)
        if slot is not None:
            cell = cells[(one["worker"], one["station"], slot)]
            cell["events"] += 1
            cell["units"] += one["count"] if one["kind"] == COUNT else 0
        if state is None:
            continue
        end = min([one["time"] + cap, until, *(cut for cut in cuts if cut > one["time"])])
        if place + 1 < len(group):
            end = min(end, group[place + 1]["time"])
        for number in range(len(edges) - 1):
            held = min(end, edges[number + 1]) - max(one["time"], edges[number])
            if held > 0:
                cells[(state["worker"], state["station"], number)][NAMES[state["kind"]]] += held


def slot_of(time, edges):
    for number in range(len(edges) - 1):
        if edges[number] <= time < edges[number + 1]:
            return number
    return None


def vectorised_pandas(events: pd.DataFrame, edges: list[int], cuts: list[int], cap: int) -> pd.DataFrame:
    """The usual way: drop repeats, sort, look at the next event of the worker, split at hours, group.

    For events of workers that are never at one time; counts must follow a state of the same chain.
    """
    frame = events.drop_duplicates("key").sort_values(["worker", "time_us"], kind="stable")
    times = frame["time_us"]
    marks = np.asarray(cuts, np.int64)
    cut = np.searchsorted(marks, times.to_numpy(), "right")
    frame["cut"] = cut
    by_worker = frame.groupby("worker", sort=False)
    following = by_worker["time_us"].shift(-1)
    end = np.minimum(following.fillna(edges[-1]), times + cap)
    end = np.minimum(end, np.append(marks, 2**62)[cut]).clip(upper=edges[-1]).astype("int64")
    gap = times - by_worker["time_us"].shift(1)
    fresh = gap.isna() | (gap > cap) | (frame["cut"] != by_worker["cut"].shift(1))
    chain = fresh.cumsum()
    is_state = frame["kind"] != COUNT
    frame["state"] = frame["kind"].where(is_state).groupby(chain).ffill()
    frame["place"] = frame["station"].where(is_state).groupby(chain).ffill()
    frame["end_us"] = end
    bounds = np.asarray(edges, np.int64)
    frame["slot"] = np.searchsorted(bounds, times.to_numpy(), "right") - 1
    pieces = frame[frame["state"].notna()]
    parts = []
    left = pieces.assign(start_us=pieces["time_us"])
    while len(left):
        stop = bounds[left["slot"].to_numpy() + 1]
        held = np.minimum(left["end_us"], stop) - left["start_us"]
        parts.append(left.assign(length=held)[["worker", "place", "slot", "state", "length"]])
        left = left[left["end_us"].to_numpy() > stop]
        left = left.assign(start_us=bounds[left["slot"].to_numpy() + 1], slot=left["slot"] + 1)
    time = pd.concat(parts, ignore_index=True)
    table = time.pivot_table(
        index=["worker", "place", "slot"], columns="state", values="length", aggfunc="sum", fill_value=0
    )
    table = table.rename(columns=NAMES).rename_axis(index={"place": "station"})
    table.index = table.index.set_levels(table.index.levels[1].astype("int64"), level=1)
    counts = frame[~is_state].groupby(["worker", "station", "slot"])["count"].sum().rename("units")
    number = frame.groupby(["worker", "station", "slot"]).size().rename("events")
    return table.join(counts, how="outer").join(number, how="outer").fillna(0).sort_index()


def plain_loop(events: pd.DataFrame, edges: list[int], cuts: list[int], cap: int) -> pd.DataFrame:
    """What many write first: a loop over the rows of a sorted frame."""
    frame = events.drop_duplicates("key").sort_values(["worker", "time_us"], kind="stable")
    frame = frame.reset_index(drop=True)
    cells = defaultdict(lambda: dict.fromkeys((*NAMES.values(), "units", "events"), 0.0))
    bounds, marks = np.asarray(edges, np.int64), np.asarray(cuts, np.int64)
    waiting, state = None, None
    for _, row in frame.iterrows():
        time = int(row["time_us"])
        if waiting is not None:
            same = waiting["worker"] == row["worker"]
            _close(cells, waiting, state, time if same else edges[-1], bounds, marks, cap)
            last = int(waiting["time_us"])
            cut = np.searchsorted(marks, last, "right") != np.searchsorted(marks, time, "right")
            if not same or time - last > cap or cut:
                state = None
        if row["kind"] != COUNT:
            state = row
        cell = cells[(row["worker"], row["station"], int(np.searchsorted(bounds, time, "right")) - 1)]
        cell["events"] += 1
        cell["units"] += row["count"] if row["kind"] == COUNT else 0.0
        waiting = row
    if waiting is not None:
        _close(cells, waiting, state, edges[-1], bounds, marks, cap)
    table = pd.DataFrame.from_dict(dict(cells), orient="index")
    table.index = pd.MultiIndex.from_tuples(
        [tuple(map(int, key)) for key in table.index], names=["worker", "station", "slot"]
    )
    return table.sort_index()


def _close(cells, waiting, state, following, bounds, marks, cap):
    if state is None:
        return
    start = int(waiting["time_us"])
    cut = int(np.searchsorted(marks, start, "right"))
    end = min(following, start + cap, int(marks[cut]) if cut < len(marks) else 2**62, int(bounds[-1]))
    slot = int(np.searchsorted(bounds, start, "right")) - 1
    while start < end:
        stop = min(end, int(bounds[slot + 1]))
        cells[(state["worker"], state["station"], slot)][NAMES[int(state["kind"])]] += stop - start
        start, slot = stop, slot + 1
