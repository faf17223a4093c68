"""The telemetry engines on one data set: ingest, size, and the questions that dashboards ask.

Engines on servers take part where an address is given (GEMBA_BENCHMARK_STORES, addresses joined by blanks);
the embedded store and a SQLite table always do.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from app.settings import load
from data.telemetry import Batch, TelemetryStore, Windows, open_store

FACTORY: Final = "benchmark"
MACHINES: Final = 10
PARAMETERS: Final = 20
START_US: Final = 1_767_225_600_000_000
MINUTE_US: Final = 60_000_000
DAY_US: Final = 86_400_000_000
BATCH: Final = 20_000
DAYS: Final = 30


def run(points: int) -> Iterator[str]:
    """Yields one line per engine and figure; every engine gets the same points."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        addresses = [
            "",
            f"sqlite:///{home / 'narrow.db'}",
            *load().benchmark_stores.split(),
        ]
        for number, address in enumerate(addresses):
            store = open_store(home / str(number), address)
            try:
                yield from _measured(store, points)
            finally:
                store.close()


def _batches(points: int) -> Iterator[Batch]:
    """Each machine's parameters at even times over the days, in the order in which they would come."""
    series = MACHINES * PARAMETERS
    steps = points // series
    times = START_US + np.arange(steps, dtype=np.int64) * (DAYS * DAY_US // steps)
    machines = np.array([f"m{n // PARAMETERS}" for n in range(series)], dtype=object)
    parameters = np.array([f"p{n % PARAMETERS}" for n in range(series)], dtype=object)
    rng = np.random.default_rng(7)
    many = max(BATCH // series, 1)
    for begin in range(0, steps, many):
        chosen = times[begin : begin + many]
        values = np.round(rng.normal(50, 9, len(chosen) * series), 2)
        yield Batch.of(
            pd.Series(np.tile(machines, len(chosen))), pd.Series(np.tile(parameters, len(chosen))),
            np.repeat(chosen, series), values, latest_us=START_US + 100 * DAY_US,
        )  # fmt: skip


def _measured(store: TelemetryStore, points: int) -> Iterator[str]:
    started = time.perf_counter()
    written = sum(store.append(FACTORY, batch) for batch in _batches(points))
    took = time.perf_counter() - started
    upkeep = time.perf_counter()
    while (done := store.maintain(FACTORY, START_US + (DAYS + 2) * DAY_US)).compacted_points or (
        done.merged_segments
    ):
        continue
    health = store.health(FACTORY)
    name = f"{health.engine} {health.version}"
    yield f"{name}: {written / took:,.0f} points/s durable ({health.journal})"
    size = health.size_bytes / max(health.points, 1)
    yield f"{name}: upkeep {time.perf_counter() - upkeep:.1f} s, {size:.1f} bytes a point"
    for question, ask in _questions(store).items():
        ask()
        begun = time.perf_counter()
        ask()
        yield f"{name}: {question}: {1000 * (time.perf_counter() - begun):.0f} ms"


def _questions(store: TelemetryStore) -> dict[str, Callable[[], object]]:
    end = START_US + DAYS * DAY_US
    day = Windows.every(end - DAY_US, end, 5 * MINUTE_US)
    month = Windows.every(START_US, end, MINUTE_US)
    return {
        "latest of all series": lambda: store.latest(FACTORY),
        "24 h of one machine to 5-minute mean, min, max": lambda: store.aggregate(FACTORY, day, ["m1"]),
        "30 days x 20 parameters to 2,000 points": lambda: store.downsample(FACTORY, START_US, end, ["m1"]),
        "feature matrix, 30 days x 20 at 1 minute": lambda: store.matrix(FACTORY, month, ["m1"]),
    }
