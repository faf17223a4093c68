"""The background services of one process: started once, stopped in reverse order."""

import threading
from collections.abc import Callable

import structlog

from analytics.errors import GembaError
from app.auth import sessions
from app.auth.sweep import sweep
from app.bootstrap import Access, Gemba, ServiceState
from app.evidence.signing import Signer
from app.production.cells import DAY_US, cells
from app.simulate.demo import DemoPlant
from data.models import to_us
from data.queries.plant import factory_slugs
from data.telemetry.buffered import BufferedStore

log = structlog.get_logger()

STOP_WITHIN_S = 3.0
UPKEEP_EVERY_S = 30.0
SIGN_EVERY_S = 30.0
FORWARD_EVERY_S = 1.0
SWEEP_EVERY_S = 3600.0
AT_HAND_EVERY_S = 600.0
AT_HAND_DAYS = 90


class PeriodicService:
    """Calls a task again and again in a thread of its own; a failure is logged and tried again."""

    def __init__(self, name: str, every_s: float, task: Callable[[], object], gemba: Gemba) -> None:
        self.name = name
        self.state = gemba.services[name] = ServiceState(every_s)
        self._task = task
        self._gemba = gemba
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for the round that runs now, but not for long."""
        self._thread.join(STOP_WITHIN_S)

    def _run(self) -> None:
        while not self._gemba.closing.is_set():
            self.state.problem = self._round()
            self.state.rounds += 1
            self.state.last_at = self._gemba.clock()
            self._gemba.closing.wait(self.state.every_s)

    def _round(self) -> str:
        """One round; returns what went wrong, in a few words, or nothing."""
        try:
            self._task()
        except (GembaError, OSError) as error:
            if str(error) != self.state.problem:
                log.warning("service round failed", service=self.name, error=str(error))
            return str(error)
        except Exception as error:
            log.exception("service round broke", service=self.name)
            return f"{type(error).__name__}; the log has the details"
        return ""


class BackgroundServices:
    """Which services this process runs, by the parts that its settings name."""

    def __init__(self, gemba: Gemba) -> None:
        self._gemba = gemba
        self._running: list[PeriodicService] = []
        if "worker" in gemba.settings.part_set:
            self._add("telemetry-upkeep", UPKEEP_EVERY_S, self._keep_house)
            self._add("log-in-sweep", SWEEP_EVERY_S, lambda: sweep(gemba.database, gemba.clock()))
            signer = Signer(gemba)
            self._add("audit-checkpoints", SIGN_EVERY_S, lambda: signer.round(self._slugs()))
        if gemba.settings.demo and "ingest" in gemba.settings.part_set:
            self._add("demo-plant", gemba.settings.demo_interval_s, DemoPlant(gemba).step)

        if "ui" in gemba.settings.part_set:
            self._add("figures-at-hand", AT_HAND_EVERY_S, self._keep_figures_at_hand)

        if isinstance(gemba.telemetry, BufferedStore):
            self._add("telemetry-forward", FORWARD_EVERY_S, gemba.telemetry.forward)

    def _add(self, name: str, every_s: float, task: Callable[[], object]) -> None:
        self._running.append(PeriodicService(name, every_s, task, self._gemba))

    def _keep_house(self) -> None:
        """Compact and expire telemetry, one step per factory."""
        for slug in self._slugs():
            if not self._gemba.closing.is_set():
                self._gemba.telemetry.maintain(slug, to_us(self._gemba.clock()))

    def _keep_figures_at_hand(self) -> None:
        """Compute the cells of the last 90 days before somebody asks; what is there already costs nothing."""
        for slug in self._slugs():
            principal = sessions.service(self._gemba.database, slug, "service")
            if principal is not None and not self._gemba.closing.is_set():
                now = to_us(self._gemba.clock())
                cells(Access(self._gemba, principal), now - AT_HAND_DAYS * DAY_US, now)

    def _slugs(self) -> list[str]:
        with self._gemba.database.read(None) as session:
            return factory_slugs(session)

    def start(self) -> None:
        """Start them all."""
        for service in self._running:
            service.start()

    def stop(self) -> None:
        """Stop them, the last started first."""
        for service in reversed(self._running):
            service.stop()
