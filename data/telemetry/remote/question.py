"""One question to a server: minutes where they answer exactly, points where they do not."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data.telemetry.batch import I32, I64, U8
from data.telemetry.embedded.files import Names
from data.telemetry.embedded.points import Points
from data.telemetry.embedded.rollup import Rollup, empty, joined, of_points
from data.telemetry.embedded.tiers import MINUTE_US, Tier
from data.telemetry.remote.backend import CLOSED, OPEN, WINDOW_US, Backend, Series


@dataclass(frozen=True, slots=True, eq=False)
class RemoteQuestion:
    """`chosen` are the series asked for, `bounds_us` the time in which they have points at all."""

    backend: Backend
    factory: str
    chosen: list[Series]
    names: Names
    columns: tuple[str, ...]
    bounds_us: tuple[int, int]

    @property
    def ids(self) -> I32:
        """The places of the series; their names have the same places."""
        return np.arange(len(self.chosen), dtype=np.int32)

    def rows(
        self, tier: Tier, start_us: int, end_us: int, cuts: I64, max_gap_us: int | None = None
    ) -> Rollup:
        """See `RowSource.rows`."""
        begin, end = max(start_us, self.bounds_us[0]), min(end_us, self.bounds_us[1])
        if begin >= end or not self.chosen:
            return empty(self.columns)
        first, last = begin // WINDOW_US, (end - 1) // WINDOW_US
        states = self.backend.states(self.factory, self.chosen, first, last)
        if tier is Tier.RAW:
            states = np.where(states == CLOSED, states, OPEN).astype(np.uint8)
        parts = [empty(self.columns)]
        if bool(states.any()):
            parts.append(self._from_minutes(states, first, (begin, end), cuts, max_gap_us))
        for places, low, high in _stretches(states, first):
            points = self._points(places, max(low, begin), min(high, end))
            parts.append(of_points(points, self.columns))
        return joined(parts).ordered()

    def _points(self, places: I32, start_us: int, end_us: int) -> Points:
        chosen = [self.chosen[place] for place in places.tolist()]
        found = self.backend.points(self.factory, chosen, start_us, end_us, typed=False)
        return Points(places[found.series], found.time_us, found.number, found.kind)

    def _from_minutes(
        self, states: U8, first: int, span: tuple[int, int], cuts: I64, max_gap_us: int | None
    ) -> Rollup:
        begin = span[0] // MINUTE_US * MINUTE_US
        places = np.flatnonzero(states.any(axis=1)).astype(np.int32)
        chosen = [self.chosen[place] for place in places.tolist()]
        wanted = tuple(empty(self.columns).columns)
        # The gap inside a minute decides whether it may be used, so it is always read.
        found = self.backend.minutes(
            self.factory, chosen, begin, span[1], tuple(dict.fromkeys((*wanted, "gap_us")))
        )
        gap_us = found["gap_us"]
        rows = Rollup(places[found.series], {name: found[name] for name in wanted})
        state = states[rows.series, rows.first_us // WINDOW_US - first]
        kept = state != OPEN
        rows, gap_us, state = rows.take(kept), gap_us[kept], state[kept]
        bad = np.searchsorted(cuts, rows.first_us, "right") < np.searchsorted(cuts, rows.last_us, "right")
        if max_gap_us is not None:
            bad |= gap_us > max_gap_us
        bad &= state != CLOSED
        inside = (rows.last_us >= span[0]) & (rows.first_us < span[1])
        parts = [rows.take(~bad & inside)]
        window = rows.first_us // WINDOW_US
        parts += [self._finer(rows.take(bad & (window == one))) for one in np.unique(window[bad]).tolist()]
        return joined(parts)

    def _finer(self, rows: Rollup) -> Rollup:
        """The points of these minutes, as rows."""
        places = np.unique(rows.series)
        minute = rows.first_us // MINUTE_US
        points = self._points(places, int(minute.min()) * MINUTE_US, (int(minute.max()) + 1) * MINUTE_US)
        finer = of_points(points, self.columns)
        width = int(minute.max()) + 1
        keys = rows.series.astype(np.int64) * width + minute
        mine = finer.series.astype(np.int64) * width + finer.first_us // MINUTE_US
        return finer.take(np.isin(mine, keys))


def _stretches(states: U8, first: int) -> Iterator[tuple[I32, int, int]]:
    """Stretches of windows in which the same series are open: (places, start, end) in microseconds."""
    is_open = states == OPEN
    column = 0
    while column < is_open.shape[1]:
        stop = column + 1
        while stop < is_open.shape[1] and np.array_equal(is_open[:, stop], is_open[:, column]):
            stop += 1
        places = np.flatnonzero(is_open[:, column]).astype(np.int32)
        if len(places):
            yield places, (first + column) * WINDOW_US, (first + stop) * WINDOW_US
        column = stop
