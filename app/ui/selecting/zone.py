"""The factory's clock on charts and forms: UTC microseconds to naive local times and back.

A browser draws epoch numbers in the viewer's zone, so charts get naive local times and name the zone on
the axis.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.vocabulary import MICROSECONDS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHANGE_US: Final = 900_000_000
"""Clocks change at whole quarters of an hour of UTC."""


def local_times(times_us: npt.ArrayLike, zone: ZoneInfo) -> npt.NDArray[np.datetime64]:
    """UTC microseconds, shape (n,), as naive local times (datetime64[us]) of the factory's zone.

    In the hour that a zone repeats in autumn the result runs twice over the same wall-clock times.
    """
    stamps = pd.DatetimeIndex(np.asarray(times_us, dtype="int64").astype("datetime64[us]"))
    local = stamps.tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return np.asarray(local.to_numpy(dtype="datetime64[us]"))


def local_datetime(time_us: int, zone: ZoneInfo) -> datetime:
    """One UTC microsecond count as an aware local datetime."""
    return (_EPOCH + timedelta(microseconds=time_us)).astimezone(zone)


def to_us(local: datetime, zone: ZoneInfo) -> int:
    """A naive wall-clock time of the factory as UTC microseconds.

    The first of a repeated hour is meant; a time in the skipped hour moves forward by the length of the gap.
    An aware datetime keeps its own zone.
    """
    aware = local if local.tzinfo is not None else local.replace(tzinfo=zone)
    return (aware.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def offsets(zone: ZoneInfo, start_us: int, end_us: int) -> list[tuple[int, int]]:
    """From which UTC microsecond on is local time ahead of UTC by how many? At the start, then each change.

    >>> offsets(ZoneInfo("Europe/Berlin"), 1_767_225_600_000_000, 1_767_312_000_000_000)
    [(1767225600000000, 3600000000)]
    """
    first = start_us // CHANGE_US * CHANGE_US
    steps = np.arange(first, max(end_us, start_us + 1), CHANGE_US, dtype=np.int64)
    ahead = local_times(steps, zone).astype(np.int64) - steps
    changes = np.flatnonzero(np.diff(ahead)) + 1
    return [
        (start_us, int(ahead[0])),
        *((int(steps[place]), int(ahead[place])) for place in changes.tolist()),
    ]


def axis_zone(zone: ZoneInfo, start_us: int, end_us: int) -> str:
    """The zone's name for a time axis; says so when the clock changes within [start, end).

    >>> axis_zone(ZoneInfo("Europe/Berlin"), 1_767_225_600_000_000, 1_767_312_000_000_000)
    'Time (Europe/Berlin)'
    """
    first, last = local_datetime(start_us, zone), local_datetime(max(start_us, end_us - MICROSECONDS), zone)
    if first.utcoffset() == last.utcoffset():
        return f"Time ({zone.key})"
    step = "back" if (first.utcoffset() or timedelta()) > (last.utcoffset() or timedelta()) else "forward"
    return f"Time ({zone.key}, the clock goes {step} in this range)"
