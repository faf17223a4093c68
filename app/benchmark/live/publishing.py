"""The machines of the ingest benchmark, in a process of their own: `python -m app.benchmark.live.publishing`.

They write MQTT 3.1.1 to plain sockets: a client library for each would take more of the two cores than what
is measured.
"""

import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Final

from app.benchmark.live.spikes import SPIKE, is_spike

METRICS: Final = 20
SECONDS: Final = 20.0
CONNECTIONS: Final = 50
STEP_S: Final = 0.02
WAIT_S: Final = 60.0
PUBLISH_QOS_1: Final = 0x32
ACKNOWLEDGEMENT: Final = 4
"""Bytes of a PUBACK."""


@dataclass(slots=True)
class Line:
    """One connection: what waits to be written, and how much the broker has acknowledged."""

    socket: socket.socket
    waiting: bytearray = field(default_factory=bytearray)
    sent: int = 0
    heard: int = 0

    @classmethod
    def to(cls, port: int, name: str) -> "Line":
        """Connect with a clean session and no keep-alive."""
        made = socket.create_connection(("127.0.0.1", port), 20)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = _text("MQTT") + bytes([4, 2]) + struct.pack("!H", 0) + _text(name)
        made.sendall(bytes([0x10]) + _length(len(body)) + body)
        if made.recv(4, socket.MSG_WAITALL) != bytes([0x20, 2, 0, 0]):
            raise ConnectionError("the broker refuses the connection")
        made.setblocking(False)
        return cls(made)

    @property
    def acknowledged(self) -> int:
        """How many messages the broker has."""
        return self.heard // ACKNOWLEDGEMENT

    def publish(self, topic: str, payload: str) -> None:
        """Put a message behind those that wait."""
        self.sent += 1
        body = _text(topic) + struct.pack("!H", (self.sent - 1) % 65_535 + 1) + payload.encode()
        self.waiting += bytes([PUBLISH_QOS_1]) + _length(len(body)) + body


def _text(one: str) -> bytes:
    return struct.pack("!H", len(one)) + one.encode()


def _length(number: int) -> bytes:
    """A length in groups of seven bits, the lowest first."""
    found = bytearray()
    while True:
        number, low = divmod(number, 128)
        found.append(low | (128 if number else 0))
        if not number:
            return bytes(found)


def _turn(lines: list[Line], wait_s: float) -> None:
    """Write and read what can be written and read now."""
    known = {line.socket: line for line in lines}
    writing = [line.socket for line in lines if line.waiting]
    readable, writable, _ = select.select(list(known), writing, [], wait_s)
    for one in writable:
        line = known[one]
        del line.waiting[: one.send(line.waiting)]
    for one in readable:
        told = len(one.recv(65_536))
        if not told:
            raise ConnectionError("the broker closed a connection")
        known[one].heard += told


def publish(port: int, machines: int, rate: int, seconds: float = SECONDS) -> int:
    """Publish `rate` messages a second of all machines in turn; returns how many the broker acknowledged.

    The first metric is far too high in some: see `spikes.is_spike`.
    """
    lines = [Line.to(port, f"machines-{number}") for number in range(CONNECTIONS)]
    rest = ",".join(f'"metric_{place:02}":{20 + place * 1.25}' for place in range(1, METRICS))
    begun, sent = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds:
        due = int(passed * rate)
        for number in range(sent, due):
            first = SPIKE if is_spike(number, machines) else 20.0
            at_ms = time.time_ns() // 1_000_000
            body = f'{{"timestamp": {at_ms},"metrics":{{"metric_00":{first},{rest}}}}}'
            lines[number % CONNECTIONS].publish(
                f"factories/plant/devices/M{number % machines:04}/telemetry", body
            )
        sent = max(sent, due)
        _turn(lines, 0.0)
        time.sleep(STEP_S)
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until and any(line.acknowledged < line.sent for line in lines):
        _turn(lines, STEP_S)
    for line in lines:
        line.socket.close()
    return sum(line.acknowledged for line in lines)


if __name__ == "__main__":
    print(publish(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
