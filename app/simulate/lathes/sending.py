"""How simulated messages reach the intake: straight into it, or by the broker that is configured."""

import secrets
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import orjson
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from analytics.errors import StoreUnavailable
from app.auth.principal import FactoryProfile
from app.bootstrap import Gemba
from app.ingest.broker.connection import Broker, tls_context
from app.ingest.storing import Sent, Storing
from app.settings import Settings
from data.contracts.messages import ActivityMessage, CountMessage, Message, ReadingMessage, StateMessage
from data.models import from_us

CONNECT_S: Final = 5.0
PUBLISH_S: Final = 10.0
KEEPALIVE_S: Final = 30
KINDS: Final = {
    ReadingMessage: "telemetry",
    StateMessage: "state",
    CountMessage: "count",
    ActivityMessage: "activity",
}


class Sender(Protocol):
    """Brings messages of known machines (ids by key) to the intake."""

    def send(self, factory: FactoryProfile, messages: Sequence[Message], machines: Mapping[str, int]) -> None:
        """When this returns they are stored, or the broker has them; raises StoreUnavailable."""
        ...

    def stop(self) -> None:
        """Let go of what it holds."""
        ...


def sender_of(gemba: Gemba) -> Sender:
    """By the broker where one is configured."""
    return ByBroker(gemba.settings) if gemba.settings.mqtt_url else Direct(gemba)


class Direct:
    """Into the intake of this process, which checks and stores them as it does all messages."""

    def __init__(self, gemba: Gemba) -> None:
        self._storing = Storing(gemba)

    def send(self, factory: FactoryProfile, messages: Sequence[Message], machines: Mapping[str, int]) -> None:
        """See `Sender.send`."""
        self._storing.store(factory, [Sent(one, KINDS[type(one)], "", b"") for one in messages], machines)

    def stop(self) -> None:
        """See `Sender.stop`."""


class ByBroker:
    """To the broker, as a machine does: QoS 1, in the order of the messages."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._broker = Broker.of(settings.mqtt_url)
        self._connected = threading.Event()
        self._client: paho.Client | None = None

    def send(self, factory: FactoryProfile, messages: Sequence[Message], machines: Mapping[str, int]) -> None:
        """See `Sender.send`."""
        client = self._open()
        sent = []
        for one in messages:
            topic = f"factories/{factory.slug}/devices/{one.machine}/{KINDS[type(one)]}"
            sent.append(client.publish(topic, payload_of(one), qos=1))
        for info in sent:
            try:
                info.wait_for_publish(PUBLISH_S)
            except (RuntimeError, ValueError) as error:
                raise StoreUnavailable(f"The broker did not take the simulated values: {error}.") from None
            if not info.is_published():
                raise StoreUnavailable("The broker does not acknowledge the simulated values.")

    def stop(self) -> None:
        """See `Sender.stop`."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def _open(self) -> paho.Client:
        """The client, connected; raises StoreUnavailable."""
        if self._client is None:
            self._client = self._made()
            self._client.connect_async(self._broker.host, self._broker.port, KEEPALIVE_S)
            self._client.loop_start()
        if not self._connected.wait(CONNECT_S):
            raise StoreUnavailable(f"The broker {self._broker.shown} does not answer; the lathes wait.")
        return self._client

    def _made(self) -> paho.Client:
        name = f"gemba-simulator-{secrets.token_hex(4)}"
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name)
        client.max_inflight_messages_set(1_000)
        if self._broker.user:
            client.username_pw_set(self._broker.user, self._broker.password or None)
        if self._broker.is_tls:
            client.tls_set_context(tls_context(self._settings))
        client.reconnect_delay_set(1, 15)
        client.on_connect = lambda _c, _u, _f, reason, _p: (
            None if reason.is_failure else self._connected.set()
        )
        client.on_disconnect = lambda *_: self._connected.clear()
        return client


def payload_of(message: Message) -> bytes:
    """A message as a machine would send it."""
    body: dict[str, Any]
    match message:
        case ReadingMessage():
            body = {"timestamp": _time(message.time_us), "metrics": message.values}
        case StateMessage():
            body = {"timestamp": _time(message.start_us), "state": message.state}
        case CountMessage():
            body = {
                "start": _time(message.start_us),
                "end": _time(message.end_us),
                "good": message.good,
                "scrap": message.scrap,
            }
        case ActivityMessage():
            body = {"timestamp": _time(message.time_us), "event_type": message.event_type}
    return orjson.dumps(body)


def _time(value_us: int) -> str:
    return from_us(value_us).isoformat()
