"""The connection to an MQTT broker: it comes back by itself, and its thread never dies of us."""

import secrets
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from analytics.errors import ConfigurationError
from app.ingest.broker.client import Client
from app.ingest.broker.inbox import Delivery, Inbox
from app.settings import Settings

log = structlog.get_logger()

KEEPALIVE_S: Final = 30
WINDOW: Final = 65_535
PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
CLIENT_FILE: Final = "mqtt-client-id"


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and who we are there."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str

    @classmethod
    def of(cls, url: str) -> "Broker":
        """Read an address; raises ConfigurationError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ConfigurationError(f"GEMBA_MQTT_URL: {error}.") from None
        if parts.scheme not in PORTS or not parts.hostname:
            raise ConfigurationError(
                "GEMBA_MQTT_URL: give it like mqtt://user:password@host:1883, or mqtts:// for TLS."
            )
        return cls(
            parts.hostname,
            port or PORTS[parts.scheme],
            parts.scheme == "mqtts",
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    @property
    def shown(self) -> str:
        """The address without user and password."""
        return f"{'mqtts' if self.is_tls else 'mqtt'}://{self.host}:{self.port}"


def client_id(settings: Settings) -> str:
    """The name of our session at the broker: as set, or made once and kept in the state folder."""
    if settings.mqtt_client_id:
        return settings.mqtt_client_id
    path = settings.home / CLIENT_FILE
    try:
        with path.open("x") as made:
            made.write(f"gemba-{secrets.token_hex(6)}")
    except FileExistsError:
        log.debug("client id is kept", path=str(path))
    return path.read_text().strip()


class Connection:
    """One client of a broker; what it brings goes into the inbox, acknowledged by whoever stored it."""

    def __init__(self, settings: Settings, filters: Sequence[str], inbox: Inbox) -> None:
        self.broker = Broker.of(settings.mqtt_url)
        self.client_id = client_id(settings)
        self.problem = "not connected yet"
        self._inbox = inbox
        self._settings = settings
        self._filters = tuple(filters)
        self._number = 0
        self._lock = threading.Lock()
        self._client = self._made()

    @property
    def is_connected(self) -> bool:
        """Whether messages can come now."""
        return not self.problem

    def start(self) -> None:
        """Connect, and again whenever the connection is lost."""
        options: dict[str, Any] = {}
        if self._settings.mqtt_version == "5":
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = int(self._settings.mqtt_session_days * 86_400)
            properties.ReceiveMaximum = WINDOW
            options = {"clean_start": False, "properties": properties}
        self._client.connect_async(self.broker.host, self.broker.port, KEEPALIVE_S, **options)
        self._client.loop_start()

    def revive(self) -> None:
        """Start the network thread again if it has died; while it lives this does nothing."""
        self._client.loop_start()

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the broker that these are stored. Those of an earlier connection are left: they come again.

        They are stored all the same: a broker that crashed may have forgotten that it has them.
        """
        with self._lock:
            for one in deliveries:
                if one.qos and one.link == self._number:
                    self._client.ack(one.mid, one.qos)

    def stop(self) -> None:
        """Disconnect; the broker keeps the session and what it has for us."""
        self._client.disconnect()
        self._client.loop_stop()

    def _made(self) -> paho.Client:
        is_5 = self._settings.mqtt_version == "5"
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
            clean_session=None if is_5 else False,
            protocol=paho.MQTTv5 if is_5 else paho.MQTTv311,
            manual_ack=True,
        )
        if self.broker.user:
            client.username_pw_set(self.broker.user, self.broker.password or None)
        if self.broker.is_tls:
            client.tls_set_context(tls_context(self._settings))
        client.reconnect_delay_set(1, 15)
        client.on_pre_connect = _guarded(self._begins)
        client.on_connect = _guarded(self._connected)
        client.on_connect_fail = _guarded(self._failed)
        client.on_disconnect = _guarded(self._lost)
        client.on_subscribe = _guarded(self._subscribed)
        client.on_message = _guarded(self._arrived)
        return client

    def _begins(self, *_: Any) -> None:
        with self._lock:
            self._number += 1

    def _connected(
        self, client: paho.Client, _: Any, flags: paho.ConnectFlags, reason: ReasonCode, *__: Any
    ) -> None:
        if reason.is_failure:
            self.problem = f"the broker refuses us: {reason}"
            return
        share = self._settings.mqtt_share
        shared = [f"$share/{share or 'gemba'}/{one}" for one in self._filters]
        wanted, other = (shared, self._filters) if share else (self._filters, shared)
        client.unsubscribe(list(other))
        client.subscribe([(one, 1) for one in wanted])
        self.problem = ""
        log.info("broker connected", broker=self.broker.shown, session=flags.session_present)

    def _failed(self, *_: Any) -> None:
        self.problem = "the broker does not answer"

    def _lost(self, _: paho.Client, __: Any, ___: Any, reason: ReasonCode, *____: Any) -> None:
        with self._lock:
            self._number += 1
        if not self.problem:
            self.problem = f"the connection was lost: {reason}"
            log.warning("broker lost", broker=self.broker.shown, reason=str(reason))

    def _subscribed(self, _: paho.Client, __: Any, ___: int, codes: list[ReasonCode], *____: Any) -> None:
        refused = [str(code) for code in codes if code.is_failure]
        if refused:
            self.problem = f"the broker refuses the subscription: {refused[0]}"

    def _arrived(self, _: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = repr(message._topic)
        number = self._number
        self._inbox.put(Delivery(topic, bytes(message.payload), message.mid, message.qos, number))


def tls_context(settings: Settings) -> ssl.SSLContext:
    """TLS as the settings ask for it; raises ConfigurationError for certificates that cannot be read."""
    try:
        context = ssl.create_default_context(cafile=settings.mqtt_ca or None)
        if settings.mqtt_cert:
            context.load_cert_chain(settings.mqtt_cert, settings.mqtt_key or None)
    except OSError as error:
        raise ConfigurationError(f"The certificates of GEMBA_MQTT_CA, _CERT, _KEY: {error}.") from error
    return context


def _guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """An exception in a callback would end the network thread in silence: it is logged instead."""

    def called(*given: Any) -> None:
        try:
            callback(*given)
        except Exception:
            log.exception("a callback of the broker broke", callback=callback.__name__)

    return called
