"""How fast does the embedded store answer while points arrive, it compacts, and three processes read?

The plain version of each question is `numpy.sum` over the values that it is about, in memory, measured in the
same readers under the same load.
"""

import multiprocessing as mp
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from app.benchmark.stores.telemetry import (
    DAY_US,
    DAYS,
    FACTORY,
    HISTORY,
    LIVE_PARAMETERS,
    MACHINES,
    MINUTE_US,
    NOW_US,
    SECOND_US,
    Part,
    walk,
)
from data.telemetry import Windows
from data.telemetry.embedded import EmbeddedStore, Retention

READERS: Final = 3
PAUSE_S: Final = 0.1
RATE: Final = 100_000
IN_BATCH: Final = 25_000
LOADED_S: Final = 60.0
IN_LOAD: Final = 5_000_000
KEYS: Final = tuple((f"machine-{n:03}", name) for n in range(MACHINES) for name in LIVE_PARAMETERS)
Times: TypeAlias = dict[str, list[float]]


def run(points: int) -> Iterator[str]:
    """Fill the store with `points`, then measure for a minute under load; yields one line per figure.

    Half the points are 30 days of 20 parameters of one machine, half are 10,000 series at 1 Hz today. Under
    load, 100,000 points a second arrive in durable batches of 25,000, the store is maintained twice a second,
    and three processes ask one question after another with a pause of a tenth of a second.
    """
    with tempfile.TemporaryDirectory(prefix="gemba-benchmark-") as folder:
        root = Path(folder) / "store"
        with closing(EmbeddedStore.open(root, retention=Retention(compact_points=500_000))) as store:
            end_us = yield from _filled(store, points)
            yield from _loaded(store, root, end_us, points)


def _filled(store: EmbeddedStore, points: int) -> Generator[str, None, int]:
    begun = time.perf_counter()
    each = max(points // 2 // len(HISTORY), 2_000)
    times = NOW_US - DAYS * DAY_US + np.arange(each) * (DAYS * DAY_US // each)
    keys = tuple(("machine-000", name) for name in HISTORY)
    for first in range(0, each, IN_LOAD // len(keys)):
        # As they arrive: all parameters of the machine together, time after time.
        some = np.repeat(times[first : first + IN_LOAD // len(keys)], len(keys))
        codes = np.tile(np.arange(len(keys), dtype=np.int32), len(some) // len(keys))
        for batch in Part(keys, codes, some, walk(len(some))).batches(IN_LOAD):
            store.bulk_load(FACTORY, batch)
    seconds = max(points // 2 // len(KEYS), 20)
    for first in range(0, seconds, IN_LOAD // len(KEYS)):
        for batch in _seconds(first, min(IN_LOAD // len(KEYS), seconds - first)).batches(IN_LOAD):
            store.bulk_load(FACTORY, batch)
    yield f"{each * len(HISTORY) + seconds * len(KEYS):,} points in {time.perf_counter() - begun:.0f} s"
    health = store.health(FACTORY)
    yield f"{health.size_bytes / health.points:.2f} bytes a point"
    return NOW_US + seconds * SECOND_US


def _seconds(first: int, many: int) -> Part:
    """All live series at 1 Hz from the second `first` of today."""
    codes = np.tile(np.arange(len(KEYS), dtype=np.int32), many)
    times = np.repeat(NOW_US + (first + np.arange(many)) * SECOND_US, len(KEYS))
    return Part(KEYS, codes, times, walk(len(codes)))


def _loaded(store: EmbeddedStore, root: Path, end_us: int, points: int) -> Iterator[str]:
    spawn = mp.get_context("spawn")
    go, done = spawn.Event(), spawn.Event()
    ways, readers = [], []
    for _ in range(READERS):
        mine, theirs = spawn.Pipe()
        reader = spawn.Process(target=_read, args=(root, points, go, done, theirs))
        reader.start()
        ways.append(mine)
        readers.append(reader)
    for way in ways:
        way.recv()
    stopped = threading.Event()
    upkeep = threading.Thread(target=_keep_up, args=(store, end_us, stopped))
    upkeep.start()
    go.set()
    waits, took = _write(store, end_us)
    stopped.set()
    done.set()
    found: Times = defaultdict(list)
    for way, reader in zip(ways, readers, strict=True):
        for question, times in way.recv().items():
            found[question] += times
        reader.join()
    upkeep.join()
    rate = len(waits) * IN_BATCH / took
    yield f"{rate:,.0f} points/s arrive; acknowledgement of {IN_BATCH:,}: p95 {_p95(waits):.0f} ms"
    yield from _lines(found)


def _write(store: EmbeddedStore, end_us: int) -> tuple[list[float], float]:
    """Batches at the rate that is asked for; gives the seconds of each and of all."""
    seconds = int(LOADED_S * RATE / len(KEYS))
    batches = list(_later(end_us, seconds).batches(IN_BATCH))
    waits = list[float]()
    begun = time.perf_counter()
    for number, batch in enumerate(batches):
        ahead = begun + number * IN_BATCH / RATE - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
        sent = time.perf_counter()
        store.append(FACTORY, batch)
        waits.append(time.perf_counter() - sent)
    return waits, time.perf_counter() - begun


def _later(end_us: int, seconds: int) -> Part:
    return _seconds((end_us - NOW_US) // SECOND_US, seconds)


def _keep_up(store: EmbeddedStore, now_us: int, stopped: threading.Event) -> None:
    while not stopped.wait(0.5):
        store.maintain(FACTORY, now_us)


def _read(root: Path, points: int, go: Event, done: Event, way: Connection) -> None:
    with closing(EmbeddedStore.open(root, read_only=True)) as store:
        questions = _questions(store, points)
        for ask in questions.values():
            ask()
        way.send("ready")
        go.wait()
        times: Times = defaultdict(list)
        while not done.is_set():
            for question, ask in questions.items():
                begun = time.perf_counter()
                ask()
                times[question].append(time.perf_counter() - begun)
                time.sleep(PAUSE_S)
        way.send(dict(times))


def _questions(store: EmbeddedStore, points: int) -> dict[str, Callable[[], object]]:
    start, end = NOW_US - DAYS * DAY_US, NOW_US + DAY_US
    day = Windows.every(NOW_US - DAY_US, NOW_US, 5 * MINUTE_US)
    month = Windows.every(start, NOW_US, MINUTE_US)
    today = Windows.every(NOW_US, end, DAY_US)
    one, all_of_it = walk(points // 2 // len(HISTORY) // DAYS), walk(min(points // 2, 20_000_000))
    machine = ["machine-000"]
    return {
        "latest of all series": lambda: store.latest(FACTORY),
        "24 h of one series to 5 minutes": lambda: store.aggregate(FACTORY, day, machine, HISTORY[:1]),
        "numpy.sum of that day": lambda: np.sum(one),
        "30 days x 20 parameters to 2,000 points": lambda: store.downsample(
            FACTORY, start, NOW_US, machine, HISTORY, points=2_000
        ),
        f"numpy.sum of {len(all_of_it):,} values": lambda: np.sum(all_of_it),
        "matrix of 30 days x 20 at 1 minute": lambda: store.matrix(FACTORY, month, machine, HISTORY),
        "energy today of 500 machines": lambda: store.integral(FACTORY, today, None, LIVE_PARAMETERS[:1]),
    }


def _lines(found: Times) -> Iterator[str]:
    for question, times in found.items():
        middle = float(np.median(times)) * 1e3
        yield f"{question:<44} median {middle:>9.2f} ms  p95 {_p95(times):>9.2f} ms  ({len(times)} times)"


def _p95(times: list[float]) -> float:
    return float(np.percentile(times, 95)) * 1e3
