"""A Celery worker: a wake-up lets it claim from the job table and run what it has claimed in children."""

import secrets
import socket

import structlog
from celery.signals import worker_shutting_down

from analytics.errors import ConfigurationError
from app.bootstrap import Gemba
from app.jobs.registry import KIND_MODULES, load
from app.jobs.running.broker import TASK, celery_app
from app.jobs.running.supervisor import run_here

log = structlog.get_logger()


def serve(gemba: Gemba, modules: tuple[str, ...] = KIND_MODULES) -> None:
    """Work until SIGTERM or SIGINT; what runs then goes back into the queue.

    Raises ConfigurationError without a broker.
    """
    if not gemba.settings.jobs_broker:
        raise ConfigurationError(
            "GEMBA_JOBS_BROKER names no broker: without one the server runs the jobs itself."
        )
    load(modules)
    app = celery_app(gemba.settings.jobs_broker)
    holder = f"{socket.gethostname()[:40]}:celery:{secrets.token_hex(4)}"

    @app.task(name=TASK)  # type: ignore[untyped-decorator]
    def woken(job_id: int) -> None:
        log.debug("woken", job=job_id)
        run_here(gemba, holder, modules)

    def closing(**_: object) -> None:
        gemba.closing.set()

    worker_shutting_down.connect(closing, weak=False)
    log.info("worker started", broker=gemba.settings.jobs_broker.rpartition("@")[2])
    app.Worker(
        hostname=f"gemba-{secrets.token_hex(4)}@%h",
        pool="threads",
        concurrency=gemba.settings.jobs_workers,
        loglevel="WARNING",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    ).start()
