"""The background services of one process: started once, stopped in reverse order."""

import threading
from collections.abc import Callable

import structlog

from analytics.errors import GembaError
from app.bootstrap import Gemba

log = structlog.get_logger()

STOP_WITHIN_S = 3.0


class PeriodicService:
    """Calls a task again and again in a thread of its own; a failure is logged and tried again."""

    def __init__(self, name: str, every_s: float, task: Callable[[], None], closing: threading.Event) -> None:
        self.name = name
        self._every_s = every_s
        self._task = task
        self._closing = closing
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for the round that runs now, but not for long."""
        self._thread.join(STOP_WITHIN_S)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._task()
            except (GembaError, OSError) as error:
                log.warning("service round failed", service=self.name, error=str(error))
            except Exception:
                log.exception("service round broke", service=self.name)
            self._closing.wait(self._every_s)


class BackgroundServices:
    """Which services this process runs, by the parts that its settings name."""

    def __init__(self, gemba: Gemba) -> None:
        self._running: list[PeriodicService] = []
        parts = gemba.settings.part_set
        if "worker" in parts:
            self._add("telemetry-upkeep", 30.0, gemba.telemetry.maintain, gemba)

    def _add(self, name: str, every_s: float, task: Callable[[], object], gemba: Gemba) -> None:
        self._running.append(PeriodicService(name, every_s, lambda: void(task), gemba.closing))

    def start(self) -> None:
        """Start them all."""
        for service in self._running:
            service.start()

    def stop(self) -> None:
        """Stop them, the last started first."""
        for service in reversed(self._running):
            service.stop()


def void(task: Callable[[], object]) -> None:
    """Run a task for its effect."""
    task()
