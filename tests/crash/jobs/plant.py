"""Runners in processes of their own, to be killed, and what tells whether each effect came once."""

import os
import random
import subprocess
import time
from collections import Counter
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import func, select

from app.bootstrap import Access, Gemba, wire
from app.jobs.asking import Asked, ask
from app.jobs.running.broker import Waker
from app.jobs.running.supervisor import Runner
from app.jobs.running.worker import serve
from app.settings import Settings
from data.models import AuditEntry, Job
from tests.app.jobs.trial_kinds import MODULES

WAITING = 8
"""So many jobs wait at least whenever a kill comes."""
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.crash.jobs.plant"])


def settings(home: Path, url: str, broker: str = "") -> Settings:
    return Settings(
        home=home, database_url=url, telemetry_url="", documents_url="", jobs_broker=broker, jobs_lease_s=2.0,
        jobs_retry_s=0.01, jobs_crashes=100_000, jobs_per_factory=100,
    )  # fmt: skip


def embedded(home: Path, url: str, broker: str) -> None:
    """The embedded runner, until it is killed."""
    gemba = wire(settings(home, url, broker), telemetry_read_only=True, is_up_to_date=True)
    runner = Runner(gemba, MODULES)
    while True:
        runner.round()
        time.sleep(0.02)


def celery(home: Path, url: str, broker: str) -> None:
    """A Celery worker, until it is killed."""
    serve(wire(settings(home, url, broker), telemetry_read_only=True, is_up_to_date=True), MODULES)


class Plant:
    """One factory, its jobs, and the runner that is killed again and again."""

    def __init__(self, access: Access, target: object, seed: int) -> None:
        self.access, self.gemba = access, access.gemba
        self._target = target
        self._chance = random.Random(seed)
        self._waker = Waker(self.gemba) if self.gemba.settings.jobs_broker else None
        self.asked = 0
        self.killed: Counter[str] = Counter()
        self.process = self._begun()

    def _begun(self) -> BaseProcess:
        given = self.gemba.settings
        arguments = (given.home, given.database_url, given.jobs_broker)
        process = PROCESSES.Process(target=self._target, args=arguments)  # type: ignore[arg-type]
        process.start()
        return process

    def open(self) -> int:
        with self.access.read() as session:
            return session.scalar(select(func.count(Job.id)).where(Job.state != "done")) or 0

    def fill(self) -> None:
        """Keep jobs waiting."""
        for _ in range(WAITING - self.open()):
            takes_s = self._chance.choice((0.0, 0.0, 0.3))
            ask(self.access, Asked("trial-effect", {"number": self.asked, "takes_s": takes_s}))
            self.asked += 1

    def cycle(self, share_of_workers: float) -> None:
        """Some work, then a kill of the runner or of one of its children."""
        until = time.monotonic() + 0.2 + 0.6 * self._chance.random()
        done = self.asked - self.open()
        while time.monotonic() < until or self.asked - self.open() <= done:
            self.fill()
            self.wake()
            assert self.process.is_alive()
            time.sleep(0.05)
        if self._chance.random() < share_of_workers:
            self.kill_worker()
            self.process = self._begun()
        else:
            self.kill_child()

    def wake(self) -> None:
        if self._waker is not None:
            self._waker.round()

    def kill_worker(self) -> None:
        self.process.kill()
        self.process.join()
        self.killed["worker"] += 1

    def kill_child(self) -> None:
        """Kill what runs a job now: a child of the process that the runner forks from."""
        for _ in range(500):
            found = grandchildren(self.process.pid or 0)
            if found:
                victim = self._chance.choice(found)
                try:
                    os.kill(victim, 9)
                except ProcessLookupError:
                    continue
                self.killed["child"] += 1
                return
            self.fill()
            self.wake()
            time.sleep(0.01)
        raise AssertionError("no job ran")

    def finish(self, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while self.open():
            assert time.monotonic() < deadline, f"{self.open()} jobs are still open"
            self.wake()
            time.sleep(0.1)
        self.kill_worker()

    def effects(self) -> Counter[str]:
        """How often each job's effect was written."""
        with self.access.read() as session:
            written = select(AuditEntry.object_id).where(AuditEntry.action == "trial.effect")
            return Counter(session.scalars(written))

    def crashes(self) -> int:
        with self.access.read() as session:
            return session.scalar(select(func.sum(Job.crash_attempts))) or 0


def grandchildren(pid: int) -> list[int]:
    """The processes two steps below one, that is the jobs' below the process they are forked from."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    below = {one for one, parent in pairs if parent == pid}
    return [one for one, parent in pairs if parent in below]


def proved(plant: Plant, cycles: int, share_of_workers: float) -> None:
    """Kill so often; then nothing is lost and each effect came exactly once."""
    try:
        for _ in range(cycles):
            plant.cycle(share_of_workers)
        plant.finish(120)
    finally:
        if plant.process.is_alive():
            plant.kill_worker()
    effects = plant.effects()
    assert set(effects) == {str(number) for number in range(plant.asked)}
    assert set(effects.values()) == {1}
    assert plant.crashes() >= cycles // 3, "the kills came between jobs only: they prove little"


def opened(home: Path, url: str, broker: str = "") -> Gemba:
    return wire(settings(home, url, broker))
