"""A long timeline with few pieces: what was most of each stretch that is one pixel wide."""

import numpy as np
import pandas as pd

from analytics.errors import InvalidInput
from analytics.timeline.arrays import Int64s


def thinned(line: pd.DataFrame, start_us: int, end_us: int, stretches: int = 1_500) -> pd.DataFrame:
    """What was each machine mostly doing, in stretches of equal length?

    `line` has one row per piece: machine, start_us, end_us and any further columns that say what it was;
    pieces of one machine do not overlap. [start_us, end_us) is cut into `stretches`; of each the piece kind
    (all further columns together) that holds most of it counts, of equal ones that which occurs first in
    `line`; a stretch that no piece touches stays empty. Neighbours of one kind are joined. Returns the same
    columns, by machine (in order of appearance) and start. Errors: InvalidInput for an empty range or less
    than one stretch.
    """
    if end_us <= start_us or stretches < 1:
        raise InvalidInput.at("range", "A range and at least one stretch are needed to thin a timeline.")
    if line.empty:
        return line
    kinds = [name for name in line.columns if name not in {"machine", "start_us", "end_us"}]
    code, first = _codes(line, kinds)
    edges = start_us + (np.arange(stretches + 1, dtype=np.int64) * (end_us - start_us)) // stretches
    machine, names = pd.factorize(line["machine"])
    low, high = line["start_us"].to_numpy(np.int64), line["end_us"].to_numpy(np.int64)
    found = [
        _of_machine(low[rows], high[rows], code[rows], edges, number)
        for number in range(len(names))
        for rows in [np.flatnonzero(machine == number)]
    ]
    of, kind, begin, finish = (np.concatenate(column) for column in zip(*found, strict=True))
    result: pd.DataFrame = line.iloc[first[kind]][kinds].reset_index(drop=True)
    result.insert(0, "end_us", finish)
    result.insert(0, "start_us", begin)
    result.insert(0, "machine", np.asarray(names, dtype=object)[of])
    return result


def _codes(line: pd.DataFrame, kinds: list[str]) -> tuple[Int64s, Int64s]:
    """A number for each combination of kinds, in order of appearance, and the first row of each."""
    if not kinds:
        return np.zeros(len(line), np.int64), np.zeros(1, np.int64)
    numbers = line.groupby(kinds, sort=False, dropna=False).ngroup().to_numpy(np.int64)
    _, first = np.unique(numbers, return_index=True)
    return numbers.astype(np.int64), first.astype(np.int64)


def _of_machine(
    low: Int64s, high: Int64s, code: Int64s, edges: Int64s, number: int
) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """The joined stretches of one machine: its number, the kind, start and end of each."""
    present = np.unique(code)
    held = np.empty((len(present), len(edges) - 1), np.int64)
    for place, kind in enumerate(present.tolist()):
        rows = np.flatnonzero(code == kind)
        rows = rows[np.argsort(low[rows], kind="stable")]
        held[place] = np.diff(_time_before(low[rows], high[rows], edges))
    most = held.argmax(axis=0)
    kind_of = np.where(held.max(axis=0) > 0, present[most], -1)
    new = np.append(True, kind_of[1:] != kind_of[:-1])
    begin = np.flatnonzero(new)
    finish = np.append(begin[1:], len(kind_of))
    kept = kind_of[begin] >= 0
    begin, finish = begin[kept], finish[kept]
    return np.full(len(begin), number), kind_of[begin], edges[begin], edges[finish]


def _time_before(low: Int64s, high: Int64s, edges: Int64s) -> Int64s:
    """How much time of sorted, disjoint pieces lies before each edge."""
    total = np.concatenate(([0], np.cumsum(high - low)))
    place = np.searchsorted(low, edges, "right")
    inside = np.minimum(edges, np.append(high, 0)[place - 1]) - np.append(low, 0)[place - 1]
    return np.where(place > 0, total[np.maximum(place - 1, 0)] + inside, 0)
