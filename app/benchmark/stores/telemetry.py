"""How fast is the embedded telemetry store, next to a narrow SQLite table and to numpy.sum?"""

import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from data.telemetry import Batch, Windows
from data.telemetry.embedded import EmbeddedStore, Retention

FACTORY: Final = "benchmark"
SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US
NOW_US: Final = 1_772_323_200_000_000
"""2026-03-01T00:00:00Z: history ends and the live part begins here."""
MACHINES: Final = 500
LIVE_PARAMETERS: Final = tuple(f"live-{n:02}" for n in range(20))
HISTORY: Final = tuple(f"history-{n:02}" for n in range(20))
IN_BATCH: Final = 25_000
DAYS: Final = 30
REPEATS: Final = 7
SEED: Final = 20_260_301


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: `value` in `unit`, the same for the narrow table, and for a question numpy.sum's time.

    numpy.sum adds up the values that the question is about, all in memory.
    """

    question: str
    value: float
    unit: str
    narrow: float
    sum_ms: float | None = None

    def __str__(self) -> str:
        line = f"{self.question:<44} {self.value:>12,.2f} {self.unit:<10}"
        line += f" narrow table {self.narrow:>12,.2f} (x{self.narrow / self.value:,.2f})"
        return (
            line
            if self.sum_ms is None
            else f"{line}  numpy.sum {self.sum_ms:.3f} ms (x{self.value / self.sum_ms:,.0f})"
        )


@dataclass(frozen=True, slots=True)
class Part:
    """Points of one part of the plant, as columns; `codes` index into `keys`."""

    keys: tuple[tuple[str, str], ...]
    codes: npt.NDArray[np.int32]
    times_us: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]

    def batches(self, size: int) -> Iterator[Batch]:
        """Checked batches of up to `size` points."""
        machines = np.array([machine for machine, _ in self.keys], object)
        parameters = np.array([parameter for _, parameter in self.keys], object)
        for begin in range(0, len(self.codes), size):
            some = slice(begin, begin + size)
            columns = (
                machines[self.codes[some]],
                parameters[self.codes[some]],
                self.times_us[some],
                self.values[some],
            )
            yield Batch.of(*columns, latest_us=NOW_US + 365 * DAY_US)


def run(points: int) -> list[Row]:
    """Measure both stores on `points` points of a plant.

    Half are 30 days of 20 parameters of one machine, half are 10,000 series that arrive at 1 Hz.
    Acknowledgements are durable (synced) in both stores; the embedded one compacts while the points arrive.
    Query times are the best of seven, warm.
    """
    history, live = _history(points // 2), _live(points // 2)
    with (
        tempfile.TemporaryDirectory(prefix="gemba-benchmark-") as folder,
        closing(
            EmbeddedStore.open(Path(folder) / "store", retention=Retention(compact_points=500_000))
        ) as store,
        closing(sqlite3.connect(Path(folder) / "narrow.sqlite", isolation_level=None)) as narrow,
    ):
        _prepare(narrow)
        rows = [*_loading(store, narrow, history, live), _size(store, narrow)]
        return rows + [_asked(question, store, narrow) for question in _questions(store, history, live)]


def walk(count: int) -> npt.NDArray[np.float64]:
    """A slow wave with steps of chance, at two decimals, as a sensor gives it."""
    steps = np.random.default_rng(SEED).normal(0, 0.3, count)
    return np.round(50 + 20 * np.sin(np.cumsum(steps) / 50), 2)


def _history(points: int) -> Part:
    keys = tuple(("machine-000", parameter) for parameter in HISTORY)
    each = max(points // len(keys), 2_000)
    times = NOW_US - DAYS * DAY_US + np.arange(each) * (DAYS * DAY_US // each)
    codes = np.repeat(np.arange(len(keys), dtype=np.int32), each)
    return Part(keys, codes, np.tile(times, len(keys)), walk(each * len(keys)))


def _live(points: int) -> Part:
    keys = tuple((f"machine-{n:03}", parameter) for n in range(MACHINES) for parameter in LIVE_PARAMETERS)
    seconds = max(points // len(keys), 20)
    codes = np.tile(np.arange(len(keys), dtype=np.int32), seconds)
    times = np.repeat(NOW_US + np.arange(seconds) * SECOND_US, len(keys))
    return Part(keys, codes, times, walk(len(codes)))


def _prepare(narrow: sqlite3.Connection) -> None:
    narrow.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE series (id INTEGER PRIMARY KEY, machine TEXT, parameter TEXT);"
        "CREATE TABLE point (series INTEGER, time_us INTEGER, value REAL, PRIMARY KEY (series, time_us))"
        " WITHOUT ROWID;"
    )


def _loading(store: EmbeddedStore, narrow: sqlite3.Connection, history: Part, live: Part) -> Iterator[Row]:
    begun = time.perf_counter()
    for batch in history.batches(len(history.codes)):
        store.bulk_load(FACTORY, batch)
    bulk = len(history.codes) / (time.perf_counter() - begun)
    plain, _ = _fill(narrow, history, 0, len(history.codes))
    yield Row("bulk load of history, durable", bulk, "points/s", len(history.codes) / plain)
    done = threading.Event()
    upkeep = threading.Thread(target=_keep_up, args=(store, done))
    upkeep.start()
    begun, waits = time.perf_counter(), list[float]()
    for batch in live.batches(IN_BATCH):
        sent = time.perf_counter()
        store.append(FACTORY, batch)
        waits.append(time.perf_counter() - sent)
    rate = len(live.codes) / (time.perf_counter() - begun)
    done.set()
    upkeep.join()
    plain, plain_waits = _fill(narrow, live, len(history.keys), IN_BATCH)
    yield Row("append, durable, while it compacts", rate, "points/s", len(live.codes) / plain)
    slow, plain_slow = (float(np.percentile(each, 95)) * 1e3 for each in (waits, plain_waits))
    yield Row(f"acknowledgement of {IN_BATCH:,} points, p95", slow, "ms", plain_slow)


def _keep_up(store: EmbeddedStore, done: threading.Event) -> None:
    while not done.wait(0.5):
        store.maintain(FACTORY, NOW_US)


def _fill(narrow: sqlite3.Connection, part: Part, first: int, size: int) -> tuple[float, list[float]]:
    narrow.executemany(
        "INSERT INTO series VALUES (?, ?, ?)", [(first + n, *key) for n, key in enumerate(part.keys)]
    )
    waits = []
    for begin in range(0, len(part.codes), size):
        some = slice(begin, begin + size)
        columns = (
            (part.codes[some] + first).tolist(),
            part.times_us[some].tolist(),
            part.values[some].tolist(),
        )
        sent = time.perf_counter()
        narrow.execute("BEGIN")
        narrow.executemany("INSERT OR REPLACE INTO point VALUES (?, ?, ?)", zip(*columns, strict=True))
        narrow.execute("COMMIT")
        waits.append(time.perf_counter() - sent)
    return sum(waits), waits


def _size(store: EmbeddedStore, narrow: sqlite3.Connection) -> Row:
    for day in range(5):
        store.maintain(FACTORY, NOW_US + (3 + day) * DAY_US)
    health = store.health(FACTORY)
    (pages,), (size,) = (
        narrow.execute("PRAGMA page_count").fetchone(),
        narrow.execute("PRAGMA page_size").fetchone(),
    )
    (count,) = narrow.execute("SELECT count(*) FROM point").fetchone()
    return Row(
        f"size of {count:,} points", health.size_bytes / health.points, "bytes/point", pages * size / count
    )


@dataclass(frozen=True, slots=True)
class Question:
    """A question to both stores, and the values that it is about."""

    name: str
    ours: Callable[[], object]
    narrow: str
    arguments: Sequence[int]
    values: npt.NDArray[np.float64]


def _questions(store: EmbeddedStore, history: Part, live: Part) -> Iterator[Question]:
    start, day, end = NOW_US - DAYS * DAY_US, NOW_US - DAY_US, NOW_US + DAY_US
    one = history.values[history.codes == 0][-len(history.values) // len(HISTORY) // DAYS :]
    yield Question(
        f"latest of {len(history.keys) + len(live.keys):,} series",
        lambda: store.latest(FACTORY),
        "SELECT series, max(time_us), value FROM point GROUP BY series",
        (),
        live.values[-len(live.keys) :],
    )
    yield Question(
        "24 h of one series to 5 minutes",
        lambda: store.aggregate(
            FACTORY, Windows.every(day, NOW_US, 5 * MINUTE_US), ["machine-000"], HISTORY[:1]
        ),
        "SELECT time_us / 300000000, avg(value), min(value), max(value) FROM point"
        " WHERE series = 0 AND time_us >= ? AND time_us < ? GROUP BY 1",
        (day, NOW_US),
        one,
    )
    yield Question(
        "30 days x 20 parameters to 2,000 points",
        lambda: store.downsample(FACTORY, start, NOW_US, ["machine-000"], HISTORY, points=2_000),
        "SELECT series, time_us / 3600000000, min(value), max(value) FROM point"
        " WHERE series < 20 AND time_us >= ? AND time_us < ? GROUP BY 1, 2",
        (start, NOW_US),
        history.values,
    )
    yield Question(
        "matrix of 30 days x 20 at 1 minute",
        lambda: store.matrix(FACTORY, Windows.every(start, NOW_US, MINUTE_US), ["machine-000"], HISTORY),
        "SELECT series, time_us / 60000000, avg(value) FROM point"
        " WHERE series < 20 AND time_us >= ? AND time_us < ? GROUP BY 1, 2",
        (start, NOW_US),
        history.values,
    )
    yield Question(
        "energy today of 500 machines",
        lambda: store.integral(FACTORY, Windows.every(NOW_US, end, DAY_US), None, LIVE_PARAMETERS[:1]),
        "SELECT series, sum((value + before) / 2 * (time_us - earlier)) FROM (SELECT series, value, time_us,"
        " lag(value) OVER line AS before, lag(time_us) OVER line AS earlier FROM point"
        " JOIN series ON series = id WHERE parameter = 'live-00' AND time_us >= ? AND time_us < ?"
        " WINDOW line AS (PARTITION BY series ORDER BY time_us)) GROUP BY series",
        (NOW_US, end),
        live.values[live.codes % len(LIVE_PARAMETERS) == 0],
    )


def _asked(question: Question, store: EmbeddedStore, narrow: sqlite3.Connection) -> Row:
    ours = _best(question.ours, REPEATS)
    plain = _best(lambda: narrow.execute(question.narrow, question.arguments).fetchall(), 2)
    return Row(question.name, ours, "ms", plain, _best(lambda: np.sum(question.values), REPEATS))


def _best(ask: Callable[[], object], repeats: int) -> float:
    """The shortest of some runs, in ms."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        ask()
        times.append(time.perf_counter() - begun)
    return min(times) * 1e3
