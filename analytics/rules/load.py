"""The alarm load: how many alerts people get, against the limits of ISA-18.2 and EEMUA 191."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.rules.truth import I64

SECOND: Final = 1_000_000
WINDOW_US: Final = 600 * SECOND
DAY_US: Final = 86_400 * SECOND
FLOOD_ENTER: Final = 10
FLOOD_LEAVE: Final = 5
CHATTER_US: Final = 60 * SECOND
CHATTER_TIMES: Final = 3
ACCEPTABLE: Final = 1.0
MANAGEABLE: Final = 2.0
"""Alerts per operator in ten minutes, on average: acceptable and the most that is manageable."""


@dataclass(frozen=True, slots=True)
class Load:
    """Of alerts in a range: how many, per day and per ten minutes, the peak, windows over ten, time in flood.

    `verdict` is acceptable, manageable or too many, by the average of ten minutes.
    """

    count: int
    per_day: float
    per_window: float
    peak: int
    share_over: float
    share_in_flood: float
    verdict: str


def load(raised_us: I64, start_us: int, end_us: int) -> Load:
    """How many alerts came in [start_us, end_us), counted in whole ten-minute windows from its start.

    A flood begins with a window of more than 10 alerts and ends with one of fewer than 5 (ISA-18.2).

    >>> load(np.array([0, 1, 2], np.int64), 0, 2 * WINDOW_US).per_window
    1.5
    """
    if end_us <= start_us:
        return Load(0, 0.0, 0.0, 0, 0.0, 0.0, "acceptable")
    windows = -(-(end_us - start_us) // WINDOW_US)
    place = (raised_us[(raised_us >= start_us) & (raised_us < end_us)] - start_us) // WINDOW_US
    counts = np.bincount(place, minlength=windows)
    count = int(counts.sum())
    per_window = count * WINDOW_US / (end_us - start_us)
    verdict = "acceptable" if per_window <= ACCEPTABLE else "manageable"
    return Load(
        count,
        count * DAY_US / (end_us - start_us),
        per_window,
        int(counts.max()),
        float((counts > FLOOD_ENTER).mean()),
        float(in_flood(counts).mean()),
        verdict if per_window <= MANAGEABLE else "too many",
    )


def in_flood(counts: I64) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which windows lie in a flood: from one of more than 10 alerts up to one of fewer than 5.

    >>> in_flood(np.array([0, 11, 6, 4, 6])).tolist()
    [False, True, True, False, False]
    """
    moves = np.where(counts > FLOOD_ENTER, 1, np.where(counts < FLOOD_LEAVE, 0, -1))
    place = np.maximum.accumulate(np.where(moves >= 0, np.arange(len(moves)), -1))
    return np.where(place >= 0, moves[place] == 1, False)


def chattering(raised_us: I64) -> int:
    """How often an alert came for the third time within a minute.

    >>> chattering(np.array([0, 10, 20, 500], np.int64) * SECOND)
    1
    """
    if len(raised_us) < CHATTER_TIMES:
        return 0
    ordered = np.sort(raised_us)
    return int((ordered[CHATTER_TIMES - 1 :] - ordered[: 1 - CHATTER_TIMES] <= CHATTER_US).sum())
