"""The same time accounting twice more, for comparison: a plain pandas loop and vectorised pandas.

Both answer `analytics.timeline.account_transitions` for windows without breaks that tile their range. They
share no code with it, which makes them an oracle as well as a measure of its speed.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

UNKNOWN, PRODUCING, MINOR_STOP, SETUP, UNPLANNED_STOP, PLANNED_STOP, NOT_SCHEDULED = range(7)
CLASS_OF_STATE = {
    0: UNKNOWN,
    1: PRODUCING,
    2: UNPLANNED_STOP,
    3: SETUP,
    4: PLANNED_STOP,
    5: UNPLANNED_STOP,
    6: NOT_SCHEDULED,
}


def _by_iterrows(group: pd.DataFrame) -> Iterator[tuple[int, int]]:
    for _, row in group.iterrows():
        yield int(row["time_us"]), int(row["state"])


def _by_itertuples(group: pd.DataFrame) -> Iterator[tuple[int, int]]:
    for row in group.itertuples(index=False):
        yield row.time_us, row.state


def _loop(
    events: pd.DataFrame,
    edges: list[int],
    minor_stop_us: int,
    rows: Callable[[pd.DataFrame], Iterator[tuple[int, int]]],
) -> np.ndarray:
    machines = sorted(events["machine"].unique())
    result = np.zeros((len(machines), len(edges) - 1, 7), np.int64)
    for number, machine in enumerate(machines):
        group = events[events["machine"] == machine].sort_values("time_us", kind="stable")
        changes: list[tuple[int, int]] = []
        for time, state in rows(group):
            if changes and changes[-1][0] == time:
                changes.pop()
            if not changes or changes[-1][1] != state:
                changes.append((time, state))
        window = 0
        for (since, state), (end, _) in zip(changes, [*changes[1:], (edges[-1], 0)], strict=True):
            start = since
            time_class = CLASS_OF_STATE[state]
            if time_class == UNPLANNED_STOP and end - start < minor_stop_us:
                time_class = MINOR_STOP
            while start < end:
                while window + 1 < len(edges) - 1 and edges[window + 1] <= start:
                    window += 1
                until = min(end, edges[window + 1])
                if until > max(start, edges[window]):
                    result[number, window, time_class] += until - max(start, edges[window])
                start = until
    lengths = np.diff(edges)
    result[:, :, UNKNOWN] += lengths - result.sum(axis=2)
    return result


def plain_loop(events: pd.DataFrame, edges: list[int], minor_stop_us: int) -> np.ndarray:
    """Group, sort, iterate over rows: what a script does first."""
    return _loop(events, edges, minor_stop_us, _by_iterrows)


def tuples_loop(events: pd.DataFrame, edges: list[int], minor_stop_us: int) -> np.ndarray:
    """The same loop over tuples, the fastest plain way to iterate over a frame."""
    return _loop(events, edges, minor_stop_us, _by_itertuples)


def vectorised_pandas(events: pd.DataFrame, edges: list[int], minor_stop_us: int) -> np.ndarray:
    """sort_values, groupby.shift and groupby.sum, one more row per window edge that a stretch crosses."""
    frame = events.sort_values(["machine", "time_us"], kind="stable", ignore_index=True)
    after = frame.groupby("machine")["time_us"].shift(-1)
    frame = frame[frame["time_us"] != after]
    before = frame.groupby("machine")["state"].shift()
    frame = frame[frame["state"] != before].reset_index(drop=True)
    end = frame.groupby("machine")["time_us"].shift(-1).fillna(edges[-1]).astype("int64")
    length = end - frame["time_us"]
    time_class = frame["state"].map(CLASS_OF_STATE)
    time_class = time_class.mask((time_class == UNPLANNED_STOP) & (length < minor_stop_us), MINOR_STOP)
    start = frame["time_us"].clip(lower=edges[0])
    stretch = pd.DataFrame(
        {"machine": frame["machine"], "start": start, "end": end, "time_class": time_class}
    )
    stretch = stretch[stretch["end"] > stretch["start"]]
    bounds = np.array(edges)
    first = np.searchsorted(bounds, stretch["start"], "right") - 1
    last = np.searchsorted(bounds, stretch["end"], "left") - 1
    times = last - first + 1
    stretch = stretch.loc[stretch.index.repeat(times)]
    window = np.arange(len(stretch)) - np.repeat(np.cumsum(times) - times, times) + np.repeat(first, times)
    low = np.maximum(stretch["start"].to_numpy(), bounds[window])
    high = np.minimum(stretch["end"].to_numpy(), bounds[window + 1])
    stretch = stretch.assign(window=window, length=high - low)
    sums = stretch.groupby(["machine", "window", "time_class"])["length"].sum()
    machines = np.sort(events["machine"].unique())
    result = np.zeros((len(machines), len(edges) - 1, 7), np.int64)
    where = sums.index
    at = np.searchsorted(machines, where.get_level_values(0).to_numpy())
    result[at, where.get_level_values(1), where.get_level_values(2)] = sums.to_numpy()
    result[:, :, UNKNOWN] += np.diff(bounds) - result.sum(axis=2)
    return result
