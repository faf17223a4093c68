"""A telemetry store on a server: the answers are computed here, from what a narrow backend brings."""

import re
import threading
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.errors import InvalidInput, RejectedPoints, StoreUnavailable, TooManyPoints
from data.telemetry.batch import Batch
from data.telemetry.embedded.files import Names
from data.telemetry.embedded.points import Points, distinct
from data.telemetry.embedded.reading import answers
from data.telemetry.embedded.reading.integral import integral
from data.telemetry.embedded.reading.line import downsample
from data.telemetry.embedded.rollup import AREA, COLUMNS, EXTREMES, fold, of_points
from data.telemetry.embedded.tiers import HOUR_US, MINUTE_US
from data.telemetry.embedded.writing.retention import Retention
from data.telemetry.protocol import (
    DEFAULT_MAX_GAP_US,
    MOST_DRAWN,
    MOST_ROWS,
    Health,
    Keys,
    LoadReport,
    Maintenance,
)
from data.telemetry.remote.backend import CLOSED, WINDOW_US, Backend, Series, Stale
from data.telemetry.remote.question import RemoteQuestion
from data.telemetry.windows import Windows

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
GRACE_US: Final = HOUR_US
"""How long after its end a window waits for late points before its minutes are made."""
ROLLED_A_STEP: Final = 2_000
LOADED_AT_ONCE: Final = 200_000


class RemoteStore:
    """A `TelemetryStore` over a backend. Safe for many threads; several processes may read and write."""

    def __init__(self, backend: Backend, retention: Retention | None = None) -> None:
        """Nothing is asked of the server yet."""
        self._backend = backend
        self._retention = retention or Retention()
        self._upkeep = threading.Lock()
        self._is_closed = False

    def _checked(self, factory: str) -> str:
        if self._is_closed:
            raise StoreUnavailable("The telemetry store is closed.")
        if not SLUG.fullmatch(factory):
            raise InvalidInput.at("factory", f"{factory!r} is not a factory's slug.")
        return factory

    def factories(self) -> tuple[str, ...]:
        """The slugs of the factories that have telemetry here."""
        return self._backend.factories()

    def append(self, factory: str, batch: Batch) -> int:
        """Keep the batch; see `TelemetryStore.append`."""
        self._checked(factory)
        if len(batch):
            places = np.arange(len(batch.keys), dtype=np.int32)
            self._backend.write(factory, batch.keys, Points.of(batch, places).settled())
        return len(batch)

    def bulk_load(self, factory: str, points: Batch | pd.DataFrame) -> LoadReport:
        """Keep a large history; see `TelemetryStore.bulk_load`."""
        self._checked(factory)
        batch = points if isinstance(points, Batch) else Batch.of_frame(points)
        places = np.arange(len(batch.keys), dtype=np.int32)
        settled = Points.of(batch, places).settled()
        loaded = expired = 0
        for begin in range(0, len(settled), LOADED_AT_ONCE):
            part = settled.take(slice(begin, begin + LOADED_AT_ONCE))
            kept = self._still_open(factory, batch.keys, part)
            expired += len(part) - len(kept)
            fresh = kept.take(~self._unchanged(factory, batch.keys, kept))
            if len(fresh):
                self._backend.write(factory, batch.keys, fresh)
            loaded += len(fresh)
        return LoadReport(loaded, len(batch) - loaded - expired, expired)

    def _known(
        self, factory: str, keys: Sequence[tuple[str, str]], points: Points
    ) -> tuple[list[Series], Points]:
        """The points' series that are known here, and those points with places among them."""
        known = {(one.machine, one.parameter): one for one in self._backend.series(factory)}
        used = [place for place in distinct(points.series).tolist() if keys[place] in known]
        table = np.full(len(keys), -1, np.int32)
        table[used] = np.arange(len(used), dtype=np.int32)
        return [known[keys[place]] for place in used], points.renumbered(table)

    def _still_open(self, factory: str, keys: Sequence[tuple[str, str]], points: Points) -> Points:
        chosen, mine = self._known(factory, keys, points)
        if not len(mine):
            return points
        window = points.time_us // WINDOW_US
        first, last = int(window.min()), int(window.max())
        states = self._backend.states(factory, chosen, first, last)
        if not bool((states == CLOSED).any()):
            return points
        place = {(one.machine, one.parameter): n for n, one in enumerate(chosen)}
        rows = np.array([place.get(key, -1) for key in keys], np.int64)[points.series]
        shut = (rows >= 0) & (states[rows, window - first] == CLOSED)
        return points.take(~shut)

    def _unchanged(self, factory: str, keys: Sequence[tuple[str, str]], points: Points) -> "np.ndarray":
        """Which points are here already, with the same value and type."""
        same = np.zeros(len(points), np.bool_)
        chosen, mine = self._known(factory, keys, points)
        if not len(mine):
            return same
        begin, end = int(mine.time_us.min()), int(mine.time_us.max()) + 1
        found = self._backend.points(factory, chosen, begin, end, typed=True)
        if not len(found):
            return same
        names = [(one.machine, one.parameter) for one in chosen]
        stored = {
            (names[s], t): (k, v)
            for s, t, k, v in zip(
                found.series.tolist(), found.time_us.tolist(), found.kind.tolist(),
                answers.values_of(found).tolist(), strict=True,
            )
        }  # fmt: skip
        rows = zip(
            points.series.tolist(), points.time_us.tolist(), points.kind.tolist(),
            answers.values_of(points).tolist(), strict=True,
        )  # fmt: skip
        for n, (place, time_us, kind, value) in enumerate(rows):
            same[n] = stored.get((keys[place], time_us)) == (kind, value)
        return same

    def _choose(self, factory: str, machines: Keys, parameters: Keys) -> list[Series]:
        self._checked(factory)
        wanted = None if machines is None else frozenset(machines)
        some = None if parameters is None else frozenset(parameters)
        return [
            one
            for one in self._backend.series(factory)
            if (wanted is None or one.machine in wanted) and (some is None or one.parameter in some)
        ]

    def _question(
        self, factory: str, machines: Keys, parameters: Keys, columns: tuple[str, ...]
    ) -> RemoteQuestion:
        chosen = self._choose(factory, machines, parameters)
        newest, first_us = self._backend.newest(factory, chosen)
        bounds = (int(first_us.min()), int(newest.time_us.max()) + 1) if len(newest) else (0, 0)
        kept = [chosen[place] for place in newest.series.tolist()]
        return RemoteQuestion(self._backend, factory, kept, _names(kept), columns, bounds)

    def latest(self, factory: str, machines: Keys = None, parameters: Keys = None) -> pd.DataFrame:
        """The newest point of each series; see `TelemetryStore.latest`."""
        chosen = self._choose(factory, machines, parameters)
        newest, _ = self._backend.newest(factory, chosen)
        return answers.points_frame(_names(chosen), newest)

    def read(
        self,
        factory: str,
        start_us: int,
        end_us: int,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        limit: int = MOST_ROWS,
    ) -> pd.DataFrame:
        """The points as they came; see `TelemetryStore.read`."""
        chosen = self._choose(factory, machines, parameters)
        points = Points.empty()
        if chosen and start_us < end_us:
            points = self._backend.points(factory, chosen, start_us, end_us, typed=True, most=limit)
        if len(points) > limit:
            raise TooManyPoints(f"More than {limit:,} points: ask for a shorter range.")
        return answers.points_frame(_names(chosen), self._unexpired(factory, chosen, points))

    def _unexpired(self, factory: str, chosen: list[Series], points: Points) -> Points:
        """The points without those of closed windows, of which an engine may keep some."""
        if not len(points):
            return points
        window = points.time_us // WINDOW_US
        first = int(window.min())
        states = self._backend.states(factory, chosen, first, int(window.max()))
        kept = states[points.series, window - first] != CLOSED
        return points if kept.all() else points.take(kept)

    def aggregate(
        self, factory: str, windows: Windows, machines: Keys = None, parameters: Keys = None
    ) -> pd.DataFrame:
        """One row per series and window; see `TelemetryStore.aggregate`."""
        return answers.aggregate(self._question(factory, machines, parameters, answers.AGGREGATED), windows)

    def downsample(
        self,
        factory: str,
        start_us: int,
        end_us: int,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        points: int = MOST_DRAWN,
        max_gap_us: int = DEFAULT_MAX_GAP_US,
    ) -> pd.DataFrame:
        """A line to draw; see `TelemetryStore.downsample`."""
        question = self._question(factory, machines, parameters, EXTREMES)
        return downsample(question, start_us, end_us, points, max_gap_us)

    def matrix(
        self,
        factory: str,
        windows: Windows,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        measure: str = "mean",
    ) -> pd.DataFrame:
        """A feature table; see `TelemetryStore.matrix`."""
        columns = answers.needed(measure)
        return answers.matrix(self._question(factory, machines, parameters, columns), windows, measure)

    def integral(
        self,
        factory: str,
        windows: Windows,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        max_gap_us: int = DEFAULT_MAX_GAP_US,
    ) -> pd.DataFrame:
        """The time integral; see `TelemetryStore.integral`."""
        return integral(self._question(factory, machines, parameters, AREA), windows, max_gap_us)

    def parameters(self, factory: str, machines: Keys = None) -> pd.DataFrame:
        """Which series exist; see `TelemetryStore.parameters`."""
        chosen = self._choose(factory, machines, None)
        newest, first_us = self._backend.newest(factory, chosen)
        return answers.parameters_frame(_names(chosen), newest, first_us)

    def delete(self, factory: str, machine: str) -> int:
        """Forget a machine; see `TelemetryStore.delete`."""
        return self._backend.delete(self._checked(factory), machine)

    def maintain(self, factory: str, now_us: int) -> Maintenance:
        """Make the minutes of windows that are over, and let expired points go."""
        self._checked(factory)
        made = 0
        with self._upkeep:
            stale = self._backend.stale(factory, (now_us - GRACE_US) // WINDOW_US, ROLLED_A_STEP)
            for window, group in groupby(stale, key=lambda one: one.window):
                made += self._roll(factory, window, list(group))
            keep = self._retention
            expired = self._backend.expire(
                factory, (now_us - keep.raw_us) // WINDOW_US, (now_us - keep.minute_us) // WINDOW_US
            )
        return Maintenance(merged_segments=made, expired_segments=expired)

    def _roll(self, factory: str, window: int, group: list[Stale]) -> int:
        """Make the minutes of one window; returns how many windows of series they were made for."""
        begin = window * WINDOW_US
        series = [one.series for one in group]
        points = self._backend.points(factory, series, begin, begin + WINDOW_US, typed=False)
        rows = of_points(points, COLUMNS)
        return self._backend.roll(factory, group, fold(rows, rows.first_us // MINUTE_US))

    def health(self, factory: str) -> Health:
        """How is the store? A server that does not answer is said to be away, never raised."""
        try:
            return self._backend.health(self._checked(factory))
        except StoreUnavailable as error:
            return Health(False, self._backend.name, "", 0, 0, None, 0, "", False, str(error))

    def close(self) -> None:
        """Let go of connections."""
        self._is_closed = True
        self._backend.close()


def _names(chosen: list[Series]) -> Names:
    return Names(
        pa.array([one.machine for one in chosen], pa.string()),
        pa.array([one.parameter for one in chosen], pa.string()),
    )


def refuse_closed(window: int) -> None:
    """Raise RejectedPoints for a window whose points have expired."""
    day = np.datetime64(window * WINDOW_US, "us").astype("datetime64[D]")
    raise RejectedPoints(f"Points of {day} have expired here: nothing of the batch was stored.")
