"""The background services of one process: started once, stopped in reverse order."""

import threading
from collections.abc import Callable
from typing import Protocol

import structlog

from analytics.errors import GembaError
from app.alerts import drift
from app.auth import sessions
from app.auth.sweep import sweep
from app.bootstrap import Access, Gemba, ServiceState
from app.evidence.anchors import Anchors
from app.evidence.signing import Signer
from app.ingest.mqtt import MqttIntake
from app.jobs import schedules
from app.jobs.own import modules_of, prepare
from app.jobs.running.broker import Waker
from app.jobs.running.supervisor import Runner
from app.jobs.sweep import sweep as sweep_jobs
from app.maintenance import watch as maintenance
from app.notify import delivery
from app.predict.anomaly.scoring import LiveScores
from app.production.cells import DAY_US, cells
from app.reports import mailing
from app.reports.sweep import sweep as sweep_reports
from app.rules.service import RuleService
from app.simulate.demo import DemoPlant
from app.simulate.lathes.service import LatheService
from app.sources.schedule import round_of
from app.stops.settling import settle_all
from data.models import to_us
from data.queries.plant import factory_slugs
from data.telemetry.buffered import BufferedStore

log = structlog.get_logger()

STOP_WITHIN_S = 3.0
UPKEEP_EVERY_S = 30.0
SIGN_EVERY_S = 30.0
ANCHOR_EVERY_S = 60.0
FORWARD_EVERY_S = 1.0
SWEEP_EVERY_S = 3600.0
AT_HAND_EVERY_S = 600.0
SOURCES_EVERY_S = 2.0
RULES_EVERY_S = 0.5
SCORES_EVERY_S = 2.0
MQTT_EVERY_S = 2.0
LATHES_EVERY_S = 0.5
SOURCE_READERS = 2
AT_HAND_DAYS = 90
NOTIFY_EVERY_S = 1.0
SETTLE_EVERY_S = 60.0
MAINTENANCE_EVERY_S = 600.0
NOTIFIERS = 2
JOBS_EVERY_S = 0.25
REPORT_MAIL_EVERY_S = 5.0
WAKE_EVERY_S = 1.0
SCHEDULES_EVERY_S = 10.0


class Service(Protocol):
    """What is started once and stopped once."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End within seconds."""
        ...


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
        self._running: list[Service] = []
        prepare(gemba.settings)
        if "worker" in gemba.settings.part_set:
            self._add("telemetry-upkeep", UPKEEP_EVERY_S, self._keep_house)
            self._add("live-scores", SCORES_EVERY_S, LiveScores(gemba).round)
            self._add("rules", RULES_EVERY_S, RuleService(gemba).round)
            self._add("log-in-sweep", SWEEP_EVERY_S, lambda: sweep(gemba.database, gemba.clock()))
            for number in range(1, 1 + SOURCE_READERS):
                self._add(f"sources-{number}", SOURCES_EVERY_S, lambda: round_of(gemba, self._slugs()))
            for number in range(1, 1 + NOTIFIERS):
                name = f"notifications-{number}"
                self._add(name, NOTIFY_EVERY_S, lambda: delivery.round_of(gemba, self._slugs()))
            self._add("notifications-sweep", SWEEP_EVERY_S, lambda: delivery.sweep(gemba, self._slugs()))
            self._add("stop-labels", SETTLE_EVERY_S, lambda: settle_all(gemba, self._slugs()))
            self._add("camera-drift", SWEEP_EVERY_S, lambda: drift.round_of(gemba, self._slugs()))
            self._add("maintenance", MAINTENANCE_EVERY_S, lambda: maintenance.round_of(gemba, self._slugs()))
            self._add("report-mail", REPORT_MAIL_EVERY_S, lambda: mailing.round_of(gemba, self._slugs()))
            self._add("report-sweep", SWEEP_EVERY_S, lambda: sweep_reports(gemba, self._slugs()))
            signer = Signer(gemba)
            self._add("audit-checkpoints", SIGN_EVERY_S, lambda: signer.round(self._slugs()))
            anchors = Anchors(gemba)
            self._add("audit-anchors", ANCHOR_EVERY_S, lambda: anchors.round(self._slugs()))
            self._add_jobs(gemba)
        if gemba.settings.demo and "ingest" in gemba.settings.part_set:
            self._add("demo-plant", gemba.settings.demo_interval_s, DemoPlant(gemba).step)

        if "ingest" in gemba.settings.part_set:
            self._add("simulated-lathes", LATHES_EVERY_S, LatheService(gemba).round)

        if "ui" in gemba.settings.part_set:
            self._add("figures-at-hand", AT_HAND_EVERY_S, self._keep_figures_at_hand)

        if gemba.settings.mqtt_url and "ingest" in gemba.settings.part_set:
            intake = MqttIntake(gemba)
            self._running.append(intake)
            self._add("mqtt", MQTT_EVERY_S, intake.tend)

        if isinstance(gemba.telemetry, BufferedStore):
            self._add("telemetry-forward", FORWARD_EVERY_S, gemba.telemetry.forward)

    def _add_jobs(self, gemba: Gemba) -> None:
        """With a broker the jobs run in Celery workers, which are woken from here."""
        if gemba.settings.jobs_broker:
            self._add("job-waker", WAKE_EVERY_S, Waker(gemba).round)
        else:
            runner = Runner(gemba, modules_of(gemba.settings))
            self._running.append(runner)
            self._add("jobs", JOBS_EVERY_S, runner.round)
        self._add("job-schedules", SCHEDULES_EVERY_S, lambda: schedules.round_of(gemba, self._slugs()))
        self._add("job-sweep", SWEEP_EVERY_S, lambda: sweep_jobs(gemba, self._slugs()))

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
