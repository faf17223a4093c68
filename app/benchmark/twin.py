"""The lathe twin: a year at one value a second and signal, in chunks, against one second at a time."""

import resource
import time
from collections.abc import Iterator
from typing import Final

import numpy as np

from analytics.twin.ai4i import failures_of, milling
from analytics.twin.lathe.checks import standard_process
from analytics.twin.lathe.faults import USUAL_FAULTS
from analytics.twin.lathe.signals import KEYS, LatheRun

DAY_S: Final = 86_400
CHUNK_S: Final = 21_600
ALONE: Final = 500
AI4I_SETS: Final = 100


def run(days: int) -> Iterator[str]:
    """Yields one line per figure; `days` of one lathe at 1 Hz with its usual faults."""
    process = standard_process("mild_steel", "turning", 5, speed_m_min=220.0)
    begun = time.perf_counter()
    lathe = LatheRun(process, 7, days * DAY_S, USUAL_FAULTS)
    yield f"laid out {len(lathe.plan.start_s):,} edges in {time.perf_counter() - begun:.2f} s"
    before_mb = _peak_mb()
    begun, values, total = time.perf_counter(), 0, 0.0
    for first in range(0, days * DAY_S, CHUNK_S):
        made = lathe.at(np.arange(first, min(first + CHUNK_S, days * DAY_S), dtype=np.float64))
        values += made.values.size
        total += float(np.nansum(made.values[0])) / 3_600.0
    took = time.perf_counter() - begun
    parts = int(made.parts[-1])
    yield f"{days} days at 1 Hz, {len(KEYS)} signals: {values:,} values in {took:.1f} s"
    yield f"{values / took / 1e6:.1f} million values/s; {parts:,} parts, {total:,.0f} kWh"
    yield f"memory: {_peak_mb():.0f} MB at most, {_peak_mb() - before_mb:.0f} MB more than before the run"
    yield _one_at_a_time(lathe, took / (days * DAY_S))
    begun = time.perf_counter()
    found = [failures_of(milling(10_000, seed))["failure"] for seed in range(AI4I_SETS)]
    took = time.perf_counter() - begun
    mean = sum(found) / AI4I_SETS
    yield f"AI4I mode: {AI4I_SETS} sets of 10,000 in {took:.2f} s; {mean:.0f} failures each on average"


def _one_at_a_time(lathe: LatheRun, chunked_s: float) -> str:
    begun = time.perf_counter()
    for second in range(ALONE):
        lathe.at(np.array([float(second)]))
    alone_s = (time.perf_counter() - begun) / ALONE
    ratio = alone_s / chunked_s
    return (
        f"a second alone: {alone_s * 1e6:.0f} us; in chunks {chunked_s * 1e6:.2f} us, {ratio:,.0f} x faster"
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024.0
