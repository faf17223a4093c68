"""What 10, 100 and 1,000 plants need, from rates that are measured in the same run within a minute."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from app.auth.sessions import service
from app.benchmark.needs.sizing import Rates, needs, table
from app.benchmark.rules import THRESHOLD
from app.bootstrap import Access, wire
from app.people.first import first_administrator
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from app.rules.store import add_rule
from app.settings import Settings
from data.models import Machine, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry import Batch

SLUG: Final = "plant"
MACHINES: Final = 20
SIGNALS: Final = 20
EVERY_US: Final = 10_000_000
BATCH: Final = 25_000
RULES: Final = 30
ROUNDS: Final = 5
COMMITS: Final = 100
PLANTS: Final = (10, 100, 1_000)
JOB_S: Final = 0.8
"""What a job costs beyond its work, see `benchmark jobs`."""


def run(hours: int) -> Iterator[str]:
    """Yields this machine's rates, measured over so many hours of a small plant, then the needs."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database_url="", telemetry_url="", documents_url="")
        gemba = wire(settings)
        try:
            first_administrator(gemba.database, gemba.clock())
            principal = service(gemba.database, SLUG, "benchmark")
            assert principal is not None  # noqa: S101 - the administrator's factory
            access = Access(gemba, principal)
            _add_machines(access)
            size, points = _points(access, hours)
            rates = Rates(size, points, _checks(access), _commits(access), JOB_S)
        finally:
            gemba.close()
    yield (
        f"one process: {rates.points_per_s:,.0f} points/s at {rates.bytes_per_point:.1f} bytes each, "
        f"{rates.checks_per_s:,.0f} checks of rules/s, {rates.commits_per_s:,.0f} commits/s"
    )
    yield from table([needs(plants, rates) for plants in PLANTS])


def _add_machines(access: Access) -> None:
    with access.write() as session:
        for number in range(MACHINES):
            now = access.now
            session.add(Machine(device_key=f"m{number}", name=f"M{number}", created_at=now, updated_at=now))
        bump(session, {CONFIGURATION_DAY})


def _points(access: Access, hours: int) -> tuple[float, float]:
    """Bytes a point in the compacted files, with their rollups, and durable points a second."""
    chance, store = np.random.default_rng(7), access.gemba.telemetry
    now_us = to_us(access.now)
    steps = hours * 3_600_000_000 // EVERY_US
    times = now_us - 2 * 86_400_000_000 + np.arange(steps, dtype=np.int64) * EVERY_US
    spent, count = 0.0, 0
    for number in range(MACHINES):
        values = (50.0 + np.cumsum(chance.normal(0, 0.05, (steps, SIGNALS)), axis=0)).round(2)
        for first in range(0, steps, BATCH // SIGNALS):
            part = slice(first, first + BATCH // SIGNALS)
            size = len(times[part]) * SIGNALS
            names = [f"p{place}" for place in range(SIGNALS)] * len(times[part])
            batch = Batch.of([f"m{number}"] * size, names, np.repeat(times[part], SIGNALS),
                             values[part].ravel(), latest_us=now_us)  # fmt: skip
            begun = time.perf_counter()
            count += store.append(SLUG, batch)
            spent += time.perf_counter() - begun
    while store.maintain(SLUG, now_us).compacted_points:
        pass
    files = (access.gemba.settings.home).rglob("*.parquet")
    return sum(one.stat().st_size for one in files) / count, count / spent


def _checks(access: Access) -> float:
    """Rules on machines that are looked at in a second of processor time, with a new value for each."""
    for number in range(RULES):
        add_rule(access, Draft(f"Rule {number}", THRESHOLD, scope="global"))
    runtime = RuleRuntime(access)
    runtime.round(access)
    begun, count = time.process_time(), 0
    for _ in range(ROUNDS):
        now = to_us(access.now)
        keys = [f"m{number}" for number in range(MACHINES)]
        batch = Batch.of(keys, ["p0"] * MACHINES, [now] * MACHINES, [51.0] * MACHINES, latest_us=now + 1)
        access.gemba.telemetry.append(SLUG, batch)
        count += runtime.round(access).evaluated
    return count / (time.process_time() - begun)


def _commits(access: Access) -> float:
    """Synced transactions a second, each with an audit entry."""
    begun = time.perf_counter()
    for number in range(COMMITS):
        with access.write() as session:
            access.audit(session, "benchmark.commit", ("commit", number))
    return COMMITS / (time.perf_counter() - begun)
