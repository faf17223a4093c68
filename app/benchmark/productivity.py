"""How fast do ten million camera events become hours by worker and station, next to two ways in pandas?"""

import importlib.util
import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Final

import numpy as np
import pandas as pd

from analytics.errors import ConfigurationError
from analytics.productivity import activity_events, grid, hour_figures
from analytics.vocabulary import MICROSECONDS, Activity

COMPARISONS: Final = Path(__file__).parents[2] / "tests" / "analytics" / "plain_productivity.py"
"""The plain versions live with the tests, because they prove the fast one right."""

LOOP_EVENTS: Final = 1_000_000
"""The loop is given no more events than this: it would take an hour for ten million."""

_WORKERS: Final = 300
_STATIONS: Final = 100
_DAYS: Final = 30
_HOUR_US: Final = 3600 * MICROSECONDS
_SHIFT_US: Final = 8 * _HOUR_US
_DAY_US: Final = 3 * _SHIFT_US
_CAP_US: Final = 10 * 60 * MICROSECONDS
_SEED: Final = 20_260_304
COLUMNS: Final = ("active_us", "idle_us", "absent_us", "units", "events")

Version = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Row:
    """One version's run: processor seconds (best of its repeats) and memory of its process.

    `times_slower` compares its seconds per event with those of the first row; `equal` says whether its
    cells are those of the first row for the same events.
    """

    version: str
    events: int
    seconds: float
    times_slower: float
    peak_mb: float
    cells: int
    equal: bool

    def __str__(self) -> str:
        verdict = "equal" if self.equal else "DIFFERENT"
        speed = f"{self.seconds:>8.3f} s {self.events / self.seconds:>12,.0f}/s x{self.times_slower:>7.1f}"
        return (
            f"{self.version:<22} {self.events:>11,} events {speed}  peak {self.peak_mb:,.0f} MB"
            f"  {self.cells:,} cells {verdict}"
        )


def run(events: int) -> list[Row]:
    """Hours by worker and station of `events` events, 2 % of them twice and 5 % out of order, three ways.

    300 workers change between 100 stations over 30 days of three shifts. Each way runs in a process of its
    own; the loop gets at most LOOP_EVENTS. Errors: ConfigurationError where the plain versions are not
    there.
    """
    plain = _comparisons()
    few = min(events, LOOP_EVENTS)
    first = _measured("hour_figures", _fast, events, 3)
    rows = [first]
    rows.append(_measured("vectorised pandas", _pandas(plain.vectorised_pandas), events, 1, first))
    same = first if few == events else _measured("hour_figures", _fast, few, 3)
    loop = _measured("plain pandas loop", _pandas(plain.plain_loop), few, 1, same)
    rows.append(loop)
    return [row for row, _ in rows]


def _comparisons() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plain_productivity", COMPARISONS)
    if not COMPARISONS.is_file() or spec is None or spec.loader is None:
        raise ConfigurationError(
            "The benchmark needs tests/analytics/plain_productivity.py: run it in a source checkout."
        )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made(rows: int) -> pd.DataFrame:
    """Events as cameras send them: a worker is at one station for a while, some come late, some twice.

    No two different events of a worker are at one time, and each shift's first event of a worker is a state,
    so that all three versions mean the same.
    """
    random = np.random.default_rng(_SEED)
    first = rows - rows * 2 // 100
    worker = (np.arange(first) % _WORKERS).astype(np.int32)
    step = _DAYS * _DAY_US // (first // _WORKERS + 1)
    turn = np.arange(first) // _WORKERS
    when = turn * step + random.integers(0, step, first)
    kind = random.choice(4, first, p=(0.55, 0.2, 0.05, 0.2)).astype(np.int8)
    station = ((worker * 7 + turn // 40) % _STATIONS).astype(np.int32)
    frame = pd.DataFrame(
        {
            "worker": worker,
            "station": station,
            "time_us": when,
            "kind": kind,
            "count": np.where(kind == Activity.PRODUCT_COUNT, random.integers(1, 9, first), 0).astype(
                np.float32
            ),
            "confidence": random.random(first, dtype=np.float32),
            "key": random.permutation(first).astype(np.int64),
        }
    )
    again = random.integers(0, first, rows - first)
    arrival = np.concatenate((when, when[again] + _HOUR_US))
    late = random.random(rows) < 0.05
    arrival = arrival + np.where(late, random.integers(0, _HOUR_US, rows), 0)
    whole = pd.concat((frame, frame.iloc[again]), ignore_index=True)
    return whole.iloc[np.argsort(arrival, kind="stable")].reset_index(drop=True)


def _edges() -> tuple[list[int], list[int]]:
    hours = list(range(0, _DAYS * _DAY_US + 1, _HOUR_US))
    return hours, hours[::8]


def _fast(frame: pd.DataFrame) -> pd.DataFrame:
    hours, cuts = _edges()
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    events = activity_events(
        columns["time_us"],
        columns["kind"],
        columns["worker"],
        columns["station"],
        count=columns["count"],
        confidence=columns["confidence"],
        key=columns["key"],
    )
    return hour_figures(events, grid(hours, cuts), cap_us=_CAP_US, until_us=hours[-1])


def _pandas(version: Callable[..., pd.DataFrame]) -> Version:
    hours, cuts = _edges()
    return lambda frame: version(frame, hours, cuts, _CAP_US)


def _measured(
    name: str, version: Version, events: int, repeats: int, first: tuple[Row, pd.DataFrame] | None = None
) -> tuple[Row, pd.DataFrame]:
    """A version's run in a forked child, its cells compared with those of `first`."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def child(out: Connection) -> None:
        frame = made(events)
        best = float("inf")
        for _ in range(repeats):
            begin = time.process_time()
            result = version(frame)
            best = min(best, time.process_time() - begin)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        out.send((best, peak, _plain_cells(result)))

    process = context.Process(target=child, args=(sender,))
    process.start()
    sender.close()
    seconds, peak, cells = receiver.recv()
    process.join()
    equal, slower = True, 1.0
    if first is not None:
        equal = cells.shape == first[1].shape and bool(np.array_equal(cells, first[1]))
        slower = (seconds / events) / (first[0].seconds / first[0].events)
    return Row(name, events, seconds, slower, peak, len(cells), equal), cells


def _plain_cells(result: pd.DataFrame) -> pd.DataFrame:
    """The cells as numbers, in order of worker, station and slot."""
    if "worker" not in result.columns:
        result = result.reset_index()
    names = ["worker", "station", "slot", *COLUMNS]
    return result[names].astype("float64").sort_values(names[:3], ignore_index=True)
