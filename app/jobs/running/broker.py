"""Celery as the distributed engine: its one task is "wake up, job N waits". The job table stays the queue.

A wake-up that the broker loses is sent again by `tend`, one that comes twice finds nothing to claim.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import select

from analytics.errors import StoreUnavailable
from app.bootstrap import Gemba
from app.jobs.running.claims import due
from app.settings import Settings
from data.models import Factory, Job, to_us

if TYPE_CHECKING:
    from celery import Celery

log = structlog.get_logger()

TASK: Final = "gemba.wake"
QUEUE: Final = "gemba-jobs"
AT_ONCE: Final = 100
AGAIN_S: Final = 5.0
ANSWER_S: Final = 3


@cache
def celery_app(url: str) -> "Celery":
    """The Celery application of a broker; it keeps no results, since those are in the job table."""
    from celery import Celery

    made = Celery("gemba", broker=url)
    made.conf.update(
        task_ignore_result=True,
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=ANSWER_S,
        broker_transport_options={"socket_connect_timeout": ANSWER_S, "socket_timeout": 30},
        task_publish_retry=False,
    )
    return made


def wake(settings: Settings, job_id: int) -> None:
    """Tell a worker that a job waits. Without a broker the runner of the server looks by itself.

    A broker that does not answer delays the job and nothing else: it is told again.
    """
    if settings.jobs_broker:
        try:
            _send(settings.jobs_broker, job_id)
        except StoreUnavailable as error:
            log.warning("the job broker does not answer", job=job_id, error=str(error))


def _send(url: str, job_id: int) -> None:
    from kombu.exceptions import OperationalError

    try:
        celery_app(url).send_task(TASK, args=[job_id], ignore_result=True)
    except OperationalError as error:
        raise StoreUnavailable(f"the job broker does not answer: {error}") from error


class Waker:
    """Wakes workers for what is due and has not been taken: after a lost message, a death or a wait."""

    def __init__(self, gemba: Gemba) -> None:
        self._gemba = gemba
        self._told: dict[int, float] = {}

    def round(self) -> None:
        """Tell of each job that is due, at most once in a few seconds. Raises StoreUnavailable."""
        now = self._gemba.clock().timestamp()
        self._told = {one: at for one, at in self._told.items() if now - at < AGAIN_S}
        for factory_id in self._factories():
            for job_id in self._due(factory_id):
                if job_id not in self._told:
                    _send(self._gemba.settings.jobs_broker, job_id)
                    self._told[job_id] = now

    def _factories(self) -> list[int]:
        with self._gemba.database.read(None) as session:
            return list(session.scalars(select(Factory.id).order_by(Factory.id)))

    def _due(self, factory_id: int) -> list[int]:
        now_us = to_us(self._gemba.clock())
        with self._gemba.database.read(factory_id) as session:
            asked = select(Job.id).where(due(now_us)).order_by(Job.priority.desc(), Job.id).limit(AT_ONCE)
            return list(session.scalars(asked))
