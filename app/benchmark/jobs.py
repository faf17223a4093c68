"""Durable jobs: how many a second go from asked to done, next to a pool of processes that keeps nothing?"""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import func, select

from app.auth.sessions import service
from app.bootstrap import Access, wire
from app.jobs.asking import Asked, ask
from app.jobs.context import JobContext
from app.jobs.registry import KIND_MODULES, job
from app.jobs.running.supervisor import Runner
from app.people.first import first_administrator
from app.settings import Settings
from data.models import Job

SLUG: Final = "plant"
KIND: Final = "benchmark-sum"
NUMBERS: Final = 100_000
ALONE: Final = 10
WORKERS: Final = 2


@job(KIND, title="Adds numbers up", retries=0)
def add_up(context: JobContext) -> dict[str, Any]:
    """The work of a job: a few hundred microseconds."""
    return {"sum": _sum(context.parameters["number"])}


def _sum(number: int) -> int:
    return int(np.arange(number, number + NUMBERS, dtype=np.int64).sum())


def run(jobs: int) -> Iterator[str]:
    """Yields one line per figure; so many small jobs over the embedded runner with two at a time."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            home=Path(folder), database_url="", telemetry_url="", documents_url="", jobs_broker="",
            jobs_workers=WORKERS, jobs_per_factory=WORKERS,
        )  # fmt: skip
        gemba = wire(settings)
        runner = Runner(gemba, (*KIND_MODULES, __name__))
        try:
            first_administrator(gemba.database, gemba.clock())
            principal = service(gemba.database, SLUG, "benchmark")
            assert principal is not None  # noqa: S101 - the administrator's factory
            access = Access(gemba, principal)
            _until_done(access, runner, 1)
            begun = time.perf_counter()
            for number in range(jobs):
                ask(access, Asked(KIND, {"number": number}))
            asked_s = time.perf_counter() - begun
            begun = time.perf_counter()
            _rounds(access, runner)
            done_s = time.perf_counter() - begun
            yield f"asked for: {jobs / asked_s:,.0f} jobs/s, each a synced transaction with its audit entry"
            yield f"done: {jobs / done_s:,.1f} jobs/s, {WORKERS} at a time, each in a process of its own"
            alone = [_until_done(access, runner, 1) for _ in range(ALONE)]
            yield f"one job alone, from asked to done: median {1e3 * float(np.median(alone)):.0f} ms"
        finally:
            runner.stop()
            gemba.close()
    plain_s = _plain(jobs)
    yield (
        f"a pool of {WORKERS} processes without a queue: {jobs / plain_s:,.0f} jobs/s; "
        f"what survives a crash costs {done_s / plain_s:,.0f} x"
    )


def _until_done(access: Access, runner: Runner, jobs: int) -> float:
    begun = time.perf_counter()
    for number in range(jobs):
        ask(access, Asked(KIND, {"number": number}))
    _rounds(access, runner)
    return time.perf_counter() - begun


def _rounds(access: Access, runner: Runner) -> None:
    """As the server does it, but without its pause between two rounds."""
    while _open(access):
        runner.round()
        time.sleep(0.005)


def _open(access: Access) -> int:
    with access.read() as session:
        return session.scalar(select(func.count(Job.id)).where(Job.state != "done")) or 0


def _plain(jobs: int) -> float:
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("forkserver")) as pool:
        list(pool.map(_sum, range(WORKERS)))
        begun = time.perf_counter()
        list(pool.map(_sum, range(jobs)))
        return time.perf_counter() - begun
