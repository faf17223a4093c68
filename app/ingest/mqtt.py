"""Reads a broker: what arrives is stored in batches, and acknowledged when it is stored."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from analytics.errors import StoreUnavailable
from app.bootstrap import Gemba
from app.ingest.broker.connection import Connection
from app.ingest.broker.inbox import Delivery, Inbox
from app.ingest.broker.status import Told, tell
from app.ingest.late import forget_old_late
from app.ingest.quarantine import bring_over
from app.ingest.refusals import forget_old_refusals
from app.ingest.stream import Arrived, Stream, Taken

log = structlog.get_logger()

COLLECT_S: Final = 0.1
MOST: Final = 16_384
"""A quarter of the window that the broker may have open."""
RETRY_S: Final = (0.2, 0.5, 1.0, 2.0)
STOP_S: Final = 5.0
FORGET_EVERY_S: Final = 3_600.0


@dataclass(slots=True)
class _Rate:
    """What was taken up to a moment, to tell how fast it goes."""

    at: float
    messages: int = 0
    points: int = 0


class MqttIntake:
    """The reader of one process: paho's thread fills the inbox, a second thread stores and acknowledges."""

    def __init__(self, gemba: Gemba, stream: Stream | None = None) -> None:
        self._gemba = gemba
        self._stream = stream or Stream(gemba)
        self.inbox = Inbox(gemba.closing)
        self.link = Connection(gemba.settings, self._stream.topics.subscriptions(), self.inbox)
        self.taken = Taken()
        self.problem = ""
        """What the stores said last, while messages wait for them."""
        self._writer = threading.Thread(target=self._write, name="mqtt-writer", daemon=True)
        self._rate = _Rate(time.monotonic())
        self._forgot = float("-inf")

    def start(self) -> None:
        """Begin."""
        self._writer.start()
        self.link.start()

    def stop(self) -> None:
        """Finish the batch at hand and disconnect; what is not acknowledged comes again later."""
        self._writer.join(STOP_S)
        self.link.stop()

    def _write(self) -> None:
        while not self._gemba.closing.is_set():
            drawn = self.inbox.draw(MOST, COLLECT_S)
            if drawn and self._stored(drawn):
                self.link.acknowledge(drawn)

    def _stored(self, drawn: Sequence[Delivery]) -> bool:
        """Store them, however often it takes; False when the process ends before."""
        arrived = [Arrived(one.topic, one.payload) for one in drawn]
        tries = 0
        while not self._gemba.closing.is_set():
            try:
                taken = self._stream.take(arrived)
            except StoreUnavailable as error:
                self.problem = str(error)
            except Exception:
                # Broken messages are sorted out below; what still comes must not end this thread.
                log.exception("a batch could not be stored; it is tried again")
                self.problem = "a batch could not be stored; the log has the details"
            else:
                self._count(taken)
                return True
            self._gemba.closing.wait(RETRY_S[min(tries, len(RETRY_S) - 1)])
            tries += 1
        return False

    def _count(self, taken: Taken) -> None:
        self.problem = ""
        self.taken = Taken(
            self.taken.messages + taken.messages,
            self.taken.points + taken.points,
            self.taken.refused + taken.refused,
        )

    def tend(self) -> None:
        """Once every two seconds: tell how it goes, and bring over what was adopted.

        Raises StoreUnavailable with what is wrong, for the health page.
        """
        self.link.revive()
        tell(self._gemba, self._told())
        for factory in self._stream.factories():
            bring_over(self._gemba, factory, self._stream.storing)
        if time.monotonic() - self._forgot > FORGET_EVERY_S:
            self._forget()
        problem = self.link.problem or self.problem
        if problem:
            raise StoreUnavailable(problem)

    def _forget(self) -> None:
        for factory in (None, *self._stream.factories()):
            forget_old_refusals(self._gemba, factory)
            if factory is not None:
                forget_old_late(self._gemba, factory)
        self._forgot = time.monotonic()

    def _told(self) -> Told:
        now, before, taken = time.monotonic(), self._rate, replace(self.taken)
        passed = max(now - before.at, 0.001)
        self._rate = _Rate(now, taken.messages, taken.points)
        return Told(
            client_id=self.link.client_id,
            broker=self.link.broker.shown,
            is_connected=self.link.is_connected,
            problem=self.link.problem or self.problem,
            backlog=len(self.inbox),
            messages=taken.messages,
            points=taken.points,
            refused=taken.refused,
            messages_per_s=(taken.messages - before.messages) / passed,
            points_per_s=(taken.points - before.points) / passed,
            told_at=self._gemba.clock(),
        )
