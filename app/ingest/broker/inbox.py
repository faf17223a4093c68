"""Messages between the broker's thread and the writer's: bounded, and never in the way of either."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 256_000_000
MOST_WITHOUT_QOS: Final = 20_000
WAIT_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way.

    `mid` and `link`, the number of the connection, say which delivery an acknowledgement is for.
    """

    topic: str
    payload: bytes
    mid: int
    qos: int
    link: int


class Inbox:
    """First in, first out. A broker has at most 65,535 messages of QoS 1 open, so bytes are the bound."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self._waiting: deque[Delivery] = deque()
        self._bytes = 0
        self._change = threading.Condition()
        self.dropped = 0
        """Messages of QoS 0 that came when there was no room; their senders accepted that."""

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, delivery: Delivery) -> None:
        """Add one. Waits for room in bytes, which makes the broker wait; nothing of QoS 1 is dropped."""
        with self._change:
            if delivery.qos == 0 and len(self._waiting) >= MOST_WITHOUT_QOS:
                self.dropped += 1
                return
            while self._bytes > MOST_BYTES and not self._closing.is_set():
                self._change.wait(WAIT_S)
            self._waiting.append(delivery)
            self._bytes += len(delivery.payload)
            self._change.notify_all()

    def draw(self, most: int, collect_s: float) -> list[Delivery]:
        """Up to `most` messages: what comes within `collect_s` of the first; none when nothing came soon."""
        with self._change:
            if not self._waiting:
                self._change.wait(WAIT_S)
            if not self._waiting:
                return []
            until = time.monotonic() + collect_s
            while len(self._waiting) < most and not self._closing.is_set():
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._change.wait(left)
            drawn = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
            self._bytes -= sum(len(one.payload) for one in drawn)
            self._change.notify_all()
        return drawn
