"""Numbered messages of all kinds, sent all the time, and how often each is stored."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

from paho.mqtt.enums import MQTTProtocolVersion
from sqlalchemy import select

from app.bootstrap import Gemba
from data.models import ActivityEvent, ProductionCount, QuarantinedMessage, StateEvent, to_us
from tests.app.ingest.broker import Publisher
from tests.servers.fixtures import Running

PUBLISHERS = 8
MOST_OPEN = 50
"""Messages of one publisher that the broker may owe an answer: a slow disk slows the senders down too."""
START = to_us(datetime.now(UTC) - timedelta(days=2)) // 1_000_000


def message(number: int) -> tuple[str, dict]:
    """Message `number`: telemetry of two machines, states, counts, activities, and one of a stranger."""
    at, kind, machine = START + number, number % 8, f"m{1 + number % 2}"
    topic = f"factories/north/devices/{machine}"
    if kind == 3:
        return f"{topic}/state", {"timestamp": at, "state": 1 + number % 5}
    if kind == 5:
        return f"{topic}/count", {"start": at, "end": at + 1, "good": number}
    if kind == 6:
        body = {"timestamp": at, "event_type": "working", "event_id": f"event-{number}"}
        return f"{topic}/activity", body
    if kind == 7:
        topic = f"factories/north/devices/stranger-{number % 3}"
    return f"{topic}/telemetry", {"timestamp": at, "metrics": {"a": number, "b": number + 0.5}}


class Load:
    """Machines that send all the time, no faster than the broker takes it.

    With a budget they send no more than was allowed so far. What waits while an ingest starts slowly would
    else grow, and with it each of the broker's writes, until it only writes.
    """

    def __init__(
        self,
        server: Running,
        every_s: float = 0.002,
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
        *,
        budget: int | None = None,
    ) -> None:
        self._budget = budget
        self._senders = [Publisher(server.host, server.port, protocol) for _ in range(PUBLISHERS)]
        self._stopping = threading.Event()
        self._every_s = every_s
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        while not self._stopping.wait(self._every_s):
            sender = self._senders[number % PUBLISHERS]
            if sender.waiting < MOST_OPEN and (self._budget is None or number < self._budget):
                sender.send(number, *message(number))
                number += 1

    def allow(self, more: int) -> None:
        """Let it send so many more."""
        self._budget = (self._budget or 0) + more

    def stop(self) -> set[int]:
        """Send no more; returns the numbers that the broker has acknowledged and somebody asked for."""
        self._stopping.set()
        self._thread.join()
        for one in self._senders:
            one.settle()
        return {number for one in self._senders for number in one.acknowledged}

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        for one in self._senders:
            one.close()


def stored(gemba: Gemba, factory_id: int) -> Counter[int]:
    """How often each number is stored, in whichever table it belongs to."""
    points = gemba.telemetry.read("north", 0, 2**62)
    found = Counter(points[points.parameter == "a"].value.astype(int).tolist())
    assert Counter((points[points.parameter == "b"].value - 0.5).astype(int).tolist()) == found
    with gemba.database.read(factory_id) as session:
        found.update(row.start_us // 1_000_000 - START for row in session.scalars(select(StateEvent)))
        counts = session.scalars(select(ProductionCount)).all()
        found.update(int(row.good) for row in counts)
        assert all(row.start_us // 1_000_000 - START == row.good for row in counts)
        for row in session.scalars(select(QuarantinedMessage)):
            found[int(row.payload.split(b'"a":')[1].split(b",")[0])] += 1
        found.update(int(row.key.removeprefix("event-")) for row in session.scalars(select(ActivityEvent)))
    return found
