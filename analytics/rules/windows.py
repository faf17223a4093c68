"""Measures of the samples in trailing windows. Each depends on its own samples only, so that a stretch of
time gives the same bits however it is cut."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from analytics.rules.truth import F64, I64

REDUCED: Final = {"mean": np.add, "min": np.minimum, "max": np.maximum}
BLOCK: Final = 2_000_000
"""Samples that are gathered at once."""


def measured(measure: str, values: F64, first: I64, stop: I64, percentile: float) -> F64:
    """The measure of `values[first[i]:stop[i]]` for each i; NaN for an empty window (count: 0).

    `std` is the sample standard deviation (n - 1), NaN for fewer than two samples. The percentile is
    interpolated linearly between the two neighbours, as numpy does.
    """
    size = stop - first
    if measure == "count":
        return size.astype(np.float64)
    if measure in REDUCED:
        return _reduced(measure, values, first, stop)
    found = np.full(len(first), np.nan)
    for begin, end in _blocks(size):
        part = slice(begin, end)
        mine = np.flatnonzero(size[part] > 0)
        if len(mine):
            low, many = first[part][mine], size[part][mine]
            found[begin + mine] = _of_block(measure, values, low, many, percentile)
    return found


def _reduced(measure: str, values: F64, first: I64, stop: I64) -> F64:
    """A measure that numpy reduces over overlapping stretches as they lie; NaN for an empty one."""
    found = np.full(len(first), np.nan)
    full = stop > first
    if not full.any():
        return found
    pairs = np.empty(2 * int(full.sum()), np.int64)
    pairs[::2], pairs[1::2] = first[full], stop[full]
    reduced = REDUCED[measure].reduceat(np.append(values, 0.0), pairs)[::2]
    found[full] = reduced / (stop - first)[full] if measure == "mean" else reduced
    return found


def _blocks(size: I64) -> Iterator[tuple[int, int]]:
    """Stretches of windows that hold about BLOCK samples together."""
    total = np.cumsum(size)
    begin = 0
    while begin < len(size):
        before = total[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, before + BLOCK, "right")))
        yield begin, end
        begin = end


def _of_block(measure: str, values: F64, first: I64, many: I64, percentile: float) -> F64:
    starts = np.cumsum(many) - many
    gathered = values[np.arange(int(many.sum())) - np.repeat(starts - first, many)]
    match measure:
        case "std":
            mean = np.add.reduceat(gathered, starts) / many
            squares = np.add.reduceat((gathered - np.repeat(mean, many)) ** 2, starts)
            found = np.sqrt(np.where(many > 1, squares / np.maximum(many - 1, 1), np.nan))
        case _:
            found = _percentile(gathered, starts, many, percentile / 100)
    return found


def _percentile(gathered: F64, starts: I64, many: I64, share: float) -> F64:
    order = np.lexsort((gathered, np.repeat(np.arange(len(many)), many)))
    gathered = gathered[order]
    place = (many - 1) * share
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, many - 1)
    below, above = gathered[starts + low], gathered[starts + high]
    found: F64 = below + (above - below) * (place - low)
    return found
