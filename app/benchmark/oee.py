"""How fast is the accounting of state events, next to a plain loop and to vectorised pandas?"""

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
from numpy.typing import NDArray

from analytics.errors import ConfigurationError
from analytics.oee import elements
from analytics.timeline import Windows, account_transitions, classify, from_transitions
from analytics.vocabulary import MICROSECONDS, TimeClass

COMPARISONS: Final = Path(__file__).parents[2] / "tests" / "analytics" / "plain_oee.py"
"""The plain versions live with the tests, because they prove the fast one right."""

LOOP_LIMIT: Final = 1_000_000
"""More events than this are not given to the row-by-row versions, which would take minutes."""

_DAYS: Final = 90
_MACHINES: Final = 100
_DAY_US: Final = 86_400 * MICROSECONDS
_MINOR_STOP_US: Final = 60 * MICROSECONDS
_SEED: Final = 20_260_304

Times = NDArray[np.int64]
Version = Callable[[pd.DataFrame, list[int]], Times]


@dataclass(frozen=True, slots=True)
class Row:
    """One version's run: seconds (best of its repeats) and memory of its process.

    `times_slower` compares its seconds with those of the first row, `equal` its result.
    """

    version: str
    events: int
    seconds: float
    events_per_s: float
    times_slower: float
    input_mb: float
    peak_mb: float
    equal: bool

    def __str__(self) -> str:
        verdict = "equal" if self.equal else "DIFFERENT"
        speed = f"{self.seconds:>8.3f} s {self.events_per_s:>12,.0f}/s x{self.times_slower:>7.1f}"
        memory = f"input {self.input_mb:,.0f} MB, peak {self.peak_mb:,.0f} MB"
        return f"{self.version:<38} {self.events:>11,} events {speed}  {memory}  {verdict}"


def run(events: int) -> list[Row]:
    """Account `events` state changes of 100 machines over 90 days with every version, each in its process.

    The events ascend in time, as a log holds them; one row repeats the fast path on shuffled events. The
    loops are left out above LOOP_LIMIT events. Errors: ConfigurationError where the plain versions are not
    there.
    """
    plain = _comparisons()
    versions: list[tuple[str, Version, bool, int]] = [
        ("account_transitions", _fast, False, 3),
        ("account_transitions, shuffled events", _fast, True, 3),
        ("from_transitions, classify, elements", _cells, False, 3),
        ("vectorised pandas", _with_limit(plain.vectorised_pandas), False, 1),
    ]
    if events <= LOOP_LIMIT:
        versions.append(("pandas loop over tuples", _with_limit(plain.tuples_loop), False, 1))
        versions.append(("plain pandas loop", _with_limit(plain.plain_loop), False, 1))
    rows: list[Row] = []
    expected: Times | None = None
    for name, version, shuffled, repeats in versions:
        seconds, input_mb, peak_mb, result = _measured(version, events, shuffled=shuffled, repeats=repeats)
        expected = result if expected is None else expected
        slower = seconds / rows[0].seconds if rows else 1.0
        equal = bool(np.array_equal(result, expected))
        rows.append(Row(name, events, seconds, events / seconds, slower, input_mb, peak_mb, equal))
    return rows


def _comparisons() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plain_oee", COMPARISONS)
    if not COMPARISONS.is_file() or spec is None or spec.loader is None:
        raise ConfigurationError(
            "The benchmark needs tests/analytics/plain_oee.py: run it in a source checkout."
        )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _with_limit(version: Callable[[pd.DataFrame, list[int], int], Times]) -> Version:
    return lambda events, edges: version(events, edges, _MINOR_STOP_US)


def _events(rows: int, *, shuffled: bool) -> pd.DataFrame:
    """Random changes of state; no two of a machine at the same time, so that shuffling changes nothing."""
    random = np.random.default_rng(_SEED)
    when = random.integers(0, _DAYS * _DAY_US // _MACHINES, rows)
    when.sort()
    machine = random.integers(0, _MACHINES, rows).astype(np.int16)
    when = when * _MACHINES
    again = np.flatnonzero(np.diff(when) == 0) + 1
    when[again] += np.arange(1, len(again) + 1) % (_MACHINES - 1) + 1
    when.sort()
    frame = pd.DataFrame(
        {"machine": machine, "time_us": when, "state": random.integers(1, 7, rows).astype(np.int8)}
    )
    if shuffled:
        frame = frame.iloc[random.permutation(rows)].reset_index(drop=True)
    return frame


def _windows(edges: list[int]) -> Windows:
    bounds = np.array(edges, np.int64)
    days = len(edges) - 1
    shifts = np.full(days, -1, np.int16)
    return Windows(bounds[:-1], bounds[1:], np.arange(days, dtype=np.int32), shifts, np.ones(days, np.bool_))


def _fast(events: pd.DataFrame, edges: list[int]) -> Times:
    account = account_transitions(
        events["machine"].to_numpy(),
        events["time_us"].to_numpy(),
        events["state"].to_numpy(),
        windows=_windows(edges),
        until_us=edges[-1],
        minor_stop_us=_MINOR_STOP_US,
    )
    return account.time_us


def _cells(events: pd.DataFrame, edges: list[int]) -> Times:
    columns = (events[name].to_numpy() for name in ("machine", "time_us", "state"))
    line = from_transitions(*columns, until_us=edges[-1])
    cells = elements(line, classify(line, {}, _MINOR_STOP_US), _windows(edges), until_us=edges[-1])
    names = [f"{time_class.name.lower()}_us" for time_class in TimeClass]
    return cells[names].to_numpy(np.int64).reshape(-1, len(edges) - 1, len(TimeClass))


def _measured(
    version: Version, events: int, *, shuffled: bool, repeats: int
) -> tuple[float, float, float, Times]:
    """Seconds, megabytes of input, peak megabytes of the process, and the result, from a forked child."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def child(out: Connection) -> None:
        frame = _events(events, shuffled=shuffled)
        edges = [day * _DAY_US for day in range(_DAYS + 1)]
        best = float("inf")
        for _ in range(repeats):
            begin = time.perf_counter()
            result = version(frame, edges)
            best = min(best, time.perf_counter() - begin)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        out.send((best, frame.memory_usage(index=False).sum() / 2**20, peak, result))

    process = context.Process(target=child, args=(sender,))
    process.start()
    sender.close()
    seconds, input_mb, peak_mb, result = receiver.recv()
    process.join()
    return seconds, input_mb, peak_mb, result
