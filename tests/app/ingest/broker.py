"""What the tests of the broker's way share: an ingest in this process, a publisher, and waiting."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from app.bootstrap import Gemba
from app.ingest.mqtt import MqttIntake
from tests.servers.fixtures import Running

PATIENCE_S = 90.0
NOBODY = 16
"""The reason with which a broker acknowledges what no subscription asked for: it is dropped."""


def until(
    true: Callable[[], object], what: str, patience_s: float = PATIENCE_S, every_s: float = 0.02
) -> None:
    """Wait until it is so; fail after half a minute."""
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(every_s)


def with_settings(gemba: Gemba, **given: object) -> Gemba:
    """The same parts with other settings, and a closing of their own."""
    return replace(gemba, settings=gemba.settings.model_copy(update=given), closing=threading.Event())


def forget(server: Running, client_id: str) -> None:
    """End a session, so that the broker keeps nothing more for it: that would cost all other tests."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=True)
    client.connect(server.host, server.port)
    client.loop_start()
    until(client.is_connected, "the session is taken over")
    client.disconnect()
    client.loop_stop()


@contextmanager
def reading(gemba: Gemba, url: str, **given: object) -> Iterator[MqttIntake]:
    """An ingest that is connected."""
    parts = with_settings(gemba, mqtt_url=url, **given)
    intake = MqttIntake(parts)
    intake.start()
    try:
        until(lambda: intake.link.is_connected, "the ingest is connected")
        yield intake
    finally:
        parts.closing.set()
        intake.stop()


def _is_there(info: paho.MQTTMessageInfo) -> bool:
    """What was handed over while the connection was away waits in the client like the rest."""
    return info.rc in {0, paho.MQTT_ERR_NO_CONN} and info._published


class Publisher:
    """A machine: publishes with QoS 1 and knows what the broker has acknowledged."""

    def __init__(
        self, host: str, port: int, protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311
    ) -> None:
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=protocol)
        self._unheard: set[int] = set()
        self.client.on_publish = self._told
        self.client.max_inflight_messages_set(1_000)
        self.client.reconnect_delay_set(1, 1)
        self._sent: list[tuple[int, paho.MQTTMessageInfo]] = []
        self._answered = 0
        self.client.connect(host, port)
        self.client.loop_start()

    def send(self, number: int, topic: str, payload: object) -> None:
        """Publish; the number is in `acknowledged` when the broker has it."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self._sent.append((number, self.client.publish(topic, body, qos=1)))

    @property
    def acknowledged(self) -> set[int]:
        """The numbers that the broker has acknowledged; with MQTT 5, those that somebody asked for."""
        return {number for number, info in self._sent if _is_there(info) and info.mid not in self._unheard}

    def _told(self, _client: paho.Client, _data: object, mid: int, code: ReasonCode, *_more: object) -> None:
        self._answered += 1
        if code.value == NOBODY:
            self._unheard.add(mid)

    @property
    def waiting(self) -> int:
        """How many the broker owes an answer, without looking at each."""
        return len(self._sent) - self._answered

    @property
    def open(self) -> int:
        """How many the broker has not acknowledged yet."""
        return sum(not _is_there(info) for _, info in self._sent)

    def settle(self) -> None:
        """Wait until the broker has acknowledged all."""
        until(lambda: not self.open, "the broker has acknowledged all")

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def publishing(server: Running) -> Iterator[Publisher]:
    made = Publisher(server.host, server.port)
    try:
        yield made
    finally:
        made.close()
