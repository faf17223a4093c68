"""The embedded telemetry store: one folder per factory, one writing process, any number of readers."""

import re
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Self, TypeVar

import duckdb
import pandas as pd

from analytics.errors import InvalidInput, StoreUnavailable, TooManyPoints
from data.telemetry.batch import Batch
from data.telemetry.embedded.ledger import FILE
from data.telemetry.embedded.reading import answers
from data.telemetry.embedded.reading.integral import integral
from data.telemetry.embedded.reading.line import downsample
from data.telemetry.embedded.reading.question import Question
from data.telemetry.embedded.reading.scan import Scanner, SegmentGone
from data.telemetry.embedded.reading.view import View
from data.telemetry.embedded.rollup import AREA, EXTREMES
from data.telemetry.embedded.tiers import Tier
from data.telemetry.embedded.writing.factory import FactoryFolder, Step
from data.telemetry.embedded.writing.lock import WriterLock
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
from data.telemetry.windows import Windows

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
LOOKS: Final = 8
"""How often a reader looks again when files were merged away under it."""
T = TypeVar("T")


def _silent(_step: str) -> None:
    """The step listener of everyday use."""


class EmbeddedStore:
    """A `TelemetryStore` in a folder of this machine. Safe for many threads.

    The first process that opens the folder for writing holds it until it closes the store or dies; another
    one gets StoreUnavailable and may open it with `read_only`, which sees each batch as soon as it is
    acknowledged.
    """

    def __init__(
        self,
        root: Path,
        *,
        read_only: bool = False,
        retention: Retention | None = None,
        threads: int = 2,
        memory: str = "1GB",
        step: Step = _silent,
    ) -> None:
        self._root, self._read_only, self._step = root, read_only, step
        self._retention = retention or Retention()
        if not read_only:
            root.mkdir(parents=True, exist_ok=True)
        self._writer = None if read_only else WriterLock(root)
        self._scanner = Scanner(threads, memory)
        self._opening = threading.Lock()
        self._open: dict[str, FactoryFolder] = {}
        self._closed = False

    @classmethod
    def open(cls, root: Path | str, *, read_only: bool = False, retention: Retention | None = None) -> Self:
        """The store in the folder `root`, made if it is not there and may be written."""
        return cls(Path(root), read_only=read_only, retention=retention)

    def factories(self) -> tuple[str, ...]:
        """The slugs of the factories that have telemetry here."""
        return tuple(sorted(path.parent.name for path in self._root.glob(f"*/{FILE}")))

    def _folder(self, factory: str) -> FactoryFolder:
        with self._opening:
            if self._closed:
                raise StoreUnavailable("The telemetry store is closed.")
            if factory not in self._open:
                if not SLUG.fullmatch(factory):
                    raise InvalidInput.at("factory", f"{factory!r} is not a factory's slug.")
                self._open[factory] = FactoryFolder(
                    self._root / factory,
                    self._scanner,
                    self._retention,
                    read_only=self._read_only,
                    step=self._step,
                )
            return self._open[factory]

    def _ask(self, factory: str, answer: Callable[[View, Path], T]) -> T:
        folder = self._folder(factory)
        for _ in range(LOOKS - 1):
            try:
                return answer(folder.view(), folder.root)
            except SegmentGone:
                continue
        return answer(folder.view(), folder.root)

    def append(self, factory: str, batch: Batch) -> int:
        """Keep the batch; see `TelemetryStore.append`."""
        return self._folder(factory).append(batch)

    def bulk_load(self, factory: str, points: Batch | pd.DataFrame) -> LoadReport:
        """Keep a large history; see `TelemetryStore.bulk_load`."""
        batch = points if isinstance(points, Batch) else Batch.of_frame(points)
        return self._folder(factory).bulk_load(batch)

    def latest(self, factory: str, machines: Keys = None, parameters: Keys = None) -> pd.DataFrame:
        """The newest point of each series; see `TelemetryStore.latest`."""
        view = self._folder(factory).view()
        newest, _ = view.latest.points(view.catalog.choose(machines, parameters))
        return answers.points_frame(view.catalog.names, newest)

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
        """The points as they came; see `TelemetryStore.read`. Days whose points have expired hold none."""

        def answer(view: View, root: Path) -> pd.DataFrame:
            ids = view.catalog.choose(machines, parameters)
            question = Question.about(view, self._scanner, root, ids)
            points = question.points(start_us, end_us, typed=True, most=2 * limit)
            if len(points) > limit:
                raise TooManyPoints(
                    f"{len(points):,} points, the limit is {limit:,}: ask for a shorter range."
                )
            return answers.points_frame(view.catalog.names, replace(points, series=ids[points.series]))

        return self._ask(factory, answer)

    def _question(
        self,
        factory: str,
        keys: tuple[Keys, Keys],
        columns: tuple[str, ...],
        answer: Callable[[Question], pd.DataFrame],
    ) -> pd.DataFrame:
        def asked(view: View, root: Path) -> pd.DataFrame:
            ids = view.catalog.choose(*keys)
            return answer(Question.about(view, self._scanner, root, ids, columns))

        return self._ask(factory, asked)

    def aggregate(
        self, factory: str, windows: Windows, machines: Keys = None, parameters: Keys = None
    ) -> pd.DataFrame:
        """One row per series and window; see `TelemetryStore.aggregate`."""
        keys = (machines, parameters)
        return self._question(factory, keys, answers.AGGREGATED, lambda q: answers.aggregate(q, windows))

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
        keys = (machines, parameters)
        return self._question(
            factory, keys, EXTREMES, lambda q: downsample(q, start_us, end_us, points, max_gap_us)
        )

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
        keys, columns = (machines, parameters), answers.needed(measure)
        return self._question(factory, keys, columns, lambda q: answers.matrix(q, windows, measure))

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
        return self._question(
            factory, (machines, parameters), AREA, lambda q: integral(q, windows, max_gap_us)
        )

    def parameters(self, factory: str, machines: Keys = None) -> pd.DataFrame:
        """Which series exist; see `TelemetryStore.parameters`."""
        view = self._folder(factory).view()
        newest, first_us = view.latest.points(view.catalog.choose(machines, None))
        return answers.parameters_frame(view.catalog.names, newest, first_us)

    def delete(self, factory: str, machine: str) -> int:
        """Forget a machine; see `TelemetryStore.delete`. Its bytes leave the files in later upkeep."""
        return self._folder(factory).delete(machine)

    def maintain(self, factory: str, now_us: int) -> Maintenance:
        """One step of upkeep; see `TelemetryStore.maintain`."""
        return self._folder(factory).maintain(now_us)

    def health(self, factory: str) -> Health:
        """How is the store? `journal` says who writes and how, as SQLite before 3.51.3 demands one writer."""
        version = f"SQLite {sqlite3.sqlite_version}, DuckDB {duckdb.__version__}"
        journal = "WAL, synchronous FULL, " + (
            "another process writes" if self._read_only else "this process writes"
        )
        writable = not self._read_only
        try:
            folder = self._folder(factory)
            view = folder.view()
        except StoreUnavailable as error:
            return Health(False, "embedded", version, 0, 0, None, 0, journal, writable, str(error))
        newest, _ = view.latest.points(view.catalog.ids)
        stored = sum(segment.rows for segment in view.segments if segment.tier is Tier.RAW)
        newest_us = int(newest.time_us.max()) if len(newest) else None
        backlog = len(view.tail)
        return Health(
            True,
            "embedded",
            version,
            stored + backlog,
            folder.size_bytes(),
            newest_us,
            backlog,
            journal,
            writable,
        )

    def close(self) -> None:
        """Let go of files, connections and the writer's lock."""
        with self._opening:
            self._closed = True
            for folder in self._open.values():
                folder.close()
            self._open.clear()
            self._scanner.close()
            if self._writer is not None:
                self._writer.release()
