"""The machines of the ingest benchmark, in a process of their own: `python -m app.benchmark.publishing`."""

import sys
import time
from typing import Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from app.benchmark.spikes import SPIKE, is_spike

METRICS: Final = 20
SECONDS: Final = 20.0
CONNECTIONS: Final = 50
STEP_S: Final = 0.05


def publish(port: int, machines: int, rate: int, seconds: float = SECONDS) -> int:
    """Publish `rate` messages a second of all machines in turn; returns how many the broker acknowledged.

    The first metric is far too high in some: see `spikes.is_spike`.
    """
    clients = [paho.Client(CallbackAPIVersion.VERSION2) for _ in range(CONNECTIONS)]
    for one in clients:
        one.max_inflight_messages_set(65_535)
        one.connect("127.0.0.1", port, keepalive=5)
        one.loop_start()
    rest = ",".join(f'"metric_{place:02}":{20 + place * 1.25}' for place in range(1, METRICS))
    begun, sent, infos = time.monotonic(), 0, []
    while (passed := time.monotonic() - begun) < seconds:
        due = int(passed * rate)
        for number in range(sent, due):
            first = SPIKE if is_spike(number, machines) else 20.0
            at_ms = time.time_ns() // 1_000_000
            body = f'{{"timestamp": {at_ms},"metrics":{{"metric_00":{first},{rest}}}}}'
            topic = f"factories/plant/devices/M{number % machines:04}/telemetry"
            infos.append(clients[number % CONNECTIONS].publish(topic, body, qos=1))
        sent = max(sent, due)
        time.sleep(STEP_S)
    until = time.monotonic() + 60
    while time.monotonic() < until and not infos[-1].is_published():
        time.sleep(0.05)
    acknowledged = sum(one.is_published() for one in infos)
    for one in clients:
        one.disconnect()
        one.loop_stop()
    return acknowledged


if __name__ == "__main__":
    print(publish(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
