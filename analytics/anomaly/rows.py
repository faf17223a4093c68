"""Row by row computations whose result for a row never depends on how many rows are computed at once.

Library routines for matrix products may add in another order for another number of rows. These here use only
additions, multiplications and comparisons of whole columns, which are exactly rounded each for itself.
"""

import numpy as np

from analytics.anomaly.frames import Floats, Integers

CHUNK = 256


def product(rows: Floats, matrix: Floats) -> Floats:
    """`rows` (n, d) times `matrix` (d, k), added up in the order of d."""
    result = np.zeros((len(rows), matrix.shape[1]))
    for begin in range(0, len(rows), CHUNK):
        columns = np.ascontiguousarray(rows[begin : begin + CHUNK].T)
        part, step = np.zeros((2, matrix.shape[1], columns.shape[1]))
        for column, weights in zip(columns, matrix, strict=True):
            np.multiply(weights[:, None], column, out=step)
            part += step
        result[begin : begin + CHUNK] = part.T
    return result


def total(rows: Floats) -> Floats:
    """The sum of each row, in the order of its columns."""
    result = np.zeros(len(rows))
    for column in rows.T:
        result += column
    return result


def smoothed(rows: Floats, weight: float, before: Floats | None) -> Floats:
    """Exponential smoothing of each column; `before` is the smoothed row ahead of the first, if there is
    one."""
    result = np.empty_like(rows)
    last = rows[0] if before is None else before
    for at, row in enumerate(rows):
        last = last + weight * (row - last)
        result[at] = last
    return result


def followed(rows: Floats, rate: Floats, reach: float, before: Floats) -> tuple[Floats, Floats]:
    """Each row less the level before it, and the level after the last row.

    The level of a channel moves towards each row by `rate` of the distance, which counts `reach` at most.
    """
    result = np.empty_like(rows)
    level = before.copy()
    for at, row in enumerate(rows):
        apart = row - level
        result[at] = apart
        level = level + rate * np.minimum(np.maximum(apart, -reach), reach)
    return result, level


def windows(rows: Floats, lags: int, before: Floats) -> Floats:
    """Each row with the `lags` - 1 rows ahead of it, newest first: (n, lags x channels).

    `before` (lags - 1, channels) are the rows ahead of the first one.
    """
    joined = np.vstack([before, rows])
    ahead = lags - 1
    return np.hstack([joined[ahead - lag : ahead - lag + len(rows)] for lag in range(lags)])


def held(values: Floats, last: Floats, age: Integers, longest: int) -> tuple[Floats, Floats, Integers]:
    """Missing values take the last known one of their channel for `longest` rows, and stay missing after
    that.

    `last` and `age` (rows since) describe each channel ahead of the first row; returned as they are at the
    end.
    """
    known = ~np.isnan(values)
    at = np.arange(1, len(values) + 1)[:, None]
    latest = np.maximum.accumulate(np.where(known, at, 0), axis=0)
    since = np.where(latest > 0, at - latest, age + at)
    stack = np.vstack([last, values])
    filled = np.take_along_axis(stack, latest, axis=0)
    return np.where(since <= longest, filled, np.nan), filled[-1], np.minimum(since[-1], longest + 1)
