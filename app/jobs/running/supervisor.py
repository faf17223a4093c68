"""Runs claimed jobs in child processes: keeps their leases, ends what runs too long or grows too large."""

import os
import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from multiprocessing import forkserver, get_context, spawn
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from time import monotonic
from typing import Any, Final

import structlog

from analytics.errors import GembaError
from app.bootstrap import Gemba
from app.jobs.context import Claim
from app.jobs.registry import KIND_MODULES, kind, load
from app.jobs.running import endings
from app.jobs.running.child import CANCEL, Order, main, used_mb
from app.jobs.running.claims import beat, claim_next, renew
from data.models import to_us

log = structlog.get_logger()

LOOK_EVERY_S: Final = 1.0
TICK_S: Final = 0.2
CANCEL_WITHIN_S: Final = 10.0
ESTIMATE_FROM: Final = 0.02


_told_to_children = spawn.get_preparation_data


def _without_main(name: str) -> dict[str, Any]:
    """What a child is told of this process, without its main module.

    While a page runs, Streamlit makes the page's file the main module; a child would run the page first.
    """
    told: dict[str, Any] = _told_to_children(name)
    return {key: value for key, value in told.items() if not key.startswith("init_main_from")}


@cache
def processes(modules: tuple[str, ...] = KIND_MODULES) -> ForkServerContext:
    """Where children come from: a process that has imported what jobs need, so that each begins at once."""
    context = get_context("forkserver")
    spawn.get_preparation_data = _without_main
    libraries = ["app.jobs.running.preload"] if set(KIND_MODULES) <= set(modules) else []
    context.set_forkserver_preload(["app.jobs.running.child", *modules, *libraries])
    return context


class Run:
    """One job in one child."""

    def __init__(self, gemba: Gemba, claim: Claim, modules: tuple[str, ...] = KIND_MODULES) -> None:
        self.claim = claim
        self._gemba, self._kind = gemba, kind(claim.kind)
        ours, theirs = processes(modules).Pipe()
        self._pipe: Connection = ours
        order = Order(gemba.settings, claim, modules)
        self.process = processes(modules).Process(target=main, args=(order, theirs), daemon=True)
        self._begun = self._looked = self._renewed = monotonic()
        self._share, self._stage, self._is_news = 0.0, "", False
        self._first: tuple[float, float] | None = None
        self._cancelled_at: float | None = None
        self.process.start()
        theirs.close()

    def tend(self) -> bool:
        """Look after it; True once it has ended and its end is written."""
        self._hear()
        if not self.process.is_alive():
            self._settle()
            return True
        if problem := self._overrun():
            self.kill()
            endings.fail(self._gemba, self.claim, problem)
            return True
        if monotonic() - self._looked >= min(LOOK_EVERY_S, self._gemba.settings.jobs_lease_s / 8):
            self._looked = monotonic()
            return self._look()
        return False

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.join()
        self._pipe.close()

    def _hear(self) -> None:
        with suppress(EOFError, OSError):
            while self._pipe.poll():
                self._share, self._stage = self._pipe.recv()
                self._first = self._first or (monotonic(), self._share)
                self._is_news = True

    def _settle(self) -> None:
        """A child that ended well has written its end itself; where it has not, that was a crash."""
        self.process.join()
        code = self.process.exitcode
        self._pipe.close()
        if code != 0:
            how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
            endings.crashed(self._gemba, self.claim, f"The process of the job ended with {how}.")

    def _overrun(self) -> str:
        if monotonic() - self._begun > self._kind.time_limit_s:
            return f"It took longer than its {self._kind.time_limit_s:g} s."
        used = used_mb(self.process.pid or 0)
        if used is not None and used > 2 * self._kind.memory_mb + 1_024:
            return f"It needed more than its {self._kind.memory_mb} MB of memory."
        return ""

    def _look(self) -> bool:
        """Renew the lease, tell the progress, pass a cancellation on; True when it is over."""
        is_due = monotonic() - self._renewed > self._gemba.settings.jobs_lease_s / 4
        if self._is_news or is_due:
            self._renewed, self._is_news = monotonic(), False
            renew(self._gemba, self.claim, self._share, self._stage, self._ends_us())
        heard = beat(self._gemba, self.claim)
        if heard.is_lost:
            log.warning("a job was taken over", job=self.claim.key)
            self.kill()
            return True
        return heard.is_cancel_asked and self._cancel()

    def _cancel(self) -> bool:
        if self._cancelled_at is None:
            self._cancelled_at = monotonic()
            with suppress(OSError):
                self._pipe.send(CANCEL)
            return False
        if monotonic() - self._cancelled_at < CANCEL_WITHIN_S:
            return False
        self.kill()
        endings.cancelled(self._gemba, self.claim)
        return True

    def _ends_us(self) -> int | None:
        """When it will have ended at the pace since its first sign; the start-up says nothing about that."""
        begun, before = self._first or (0.0, 1.0)
        if self._share - before < ESTIMATE_FROM:
            return None
        left_s = (monotonic() - begun) * (1 - self._share) / (self._share - before)
        return to_us(self._gemba.clock()) + int(left_s * 1e6)


class Runner:
    """Claims jobs and runs several at a time, for as long as `round` is called."""

    def __init__(self, gemba: Gemba, modules: tuple[str, ...] = KIND_MODULES) -> None:
        self._gemba, self._modules = gemba, modules
        self.holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.running: list[Run] = []
        self._served: dict[int, int] = {}
        load(modules)

    def start(self) -> None:
        """Let the process that children are forked from import its libraries before the first job comes."""
        processes(self._modules)
        forkserver.ensure_running()

    def round(self) -> None:
        """Claim what fits, look after what runs."""
        self.claim()
        self.tend()

    def claim(self) -> None:
        """Fill the free places."""
        while len(self.running) < self._gemba.settings.jobs_workers and not self._gemba.closing.is_set():
            claim = claim_next(self._gemba, self.holder, self._served)
            if claim is None:
                return
            self._served[claim.factory_id] = 1 + max(self._served.values(), default=0)
            self.running.append(Run(self._gemba, claim, self._modules))

    def tend(self, within_s: float = TICK_S) -> None:
        """Wait a moment for a child to end, then look after all of them."""
        if self.running:
            wait([run.process.sentinel for run in self.running], within_s)
        problem: GembaError | None = None
        for run in list(self.running):
            try:
                if run.tend():
                    self.running.remove(run)
            except GembaError as error:
                problem = error
        if problem is not None:
            raise problem

    def stop(self) -> None:
        """End the children; their jobs go back into the queue, which is no attempt."""
        stop(self._gemba, self.running)
        self.running.clear()


def run_here(gemba: Gemba, holder: str, modules: tuple[str, ...] = KIND_MODULES) -> None:
    """Run what is due, one job after the other, until nothing is or this process closes."""
    while not gemba.closing.is_set():
        claim = claim_next(gemba, holder)
        if claim is None:
            return
        run = Run(gemba, claim, modules)
        while not _ended(run):
            wait([run.process.sentinel], TICK_S)
            if gemba.closing.is_set():
                stop(gemba, [run])
                return


def _ended(run: Run) -> bool:
    try:
        return run.tend()
    except GembaError as error:
        log.warning("a store does not answer", job=run.claim.key, error=str(error))
        return False


def stop(gemba: Gemba, running: Sequence[Run]) -> None:
    """End these children; their jobs go back into the queue."""
    for run in running:
        run.kill()
        try:
            endings.put_back(gemba, run.claim)
        except GembaError as error:
            log.warning("a job could not be put back; its lease ends", job=run.claim.key, error=str(error))
