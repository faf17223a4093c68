"""Which machine and which kind of message a topic names; the seam for other conventions of topics."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol

from app.ingest.formats import payload as payloads
from app.ingest.formats.refused import Limits, RefusedMessage, Why
from data.contracts.messages import Message

LONGEST_KEY: Final = 100


class Kind(StrEnum):
    """The kinds of messages, as the last part of a topic names them."""

    TELEMETRY = "telemetry"
    STATE = "state"
    COUNT = "count"
    ACTIVITY = "activity"


READERS: Final[dict[Kind, Callable[[str, bytes, Limits], Message]]] = {
    Kind.TELEMETRY: payloads.reading,
    Kind.STATE: payloads.state,
    Kind.COUNT: payloads.count,
    Kind.ACTIVITY: payloads.activity,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose message it is: the factory's slug, the machine's key, and the kind."""

    factory: str
    machine: str
    kind: Kind


class TopicFormat(Protocol):
    """A convention of topics and payloads."""

    def subscriptions(self) -> tuple[str, ...]:
        """The filters to subscribe to."""
        ...

    def place(self, topic: str) -> Place:
        """Whose message a topic carries; raises RefusedMessage (foreign_topic)."""
        ...

    def factory(self, topic: str) -> str:
        """The slug of the factory that a topic names, also where the rest of it is foreign; or nothing."""
        ...

    def message(self, place: Place, payload: bytes, limits: Limits) -> Message:
        """What the payload says; raises RefusedMessage."""
        ...


class GembaTopics:
    """`factories/{slug}/devices/{key}/telemetry`, and `state`, `count`, `activity` likewise, in JSON."""

    def subscriptions(self) -> tuple[str, ...]:
        """All that devices of any factory send, so that what is foreign is counted, not lost in silence."""
        return ("factories/+/devices/#",)

    def place(self, topic: str) -> Place:
        """See `TopicFormat.place`."""
        return _place(topic)

    def factory(self, topic: str) -> str:
        """See `TopicFormat.factory`."""
        parts = topic.split("/", 2)
        return parts[1] if len(parts) > 1 and parts[0] == "factories" else ""

    def message(self, place: Place, payload: bytes, limits: Limits) -> Message:
        """See `TopicFormat.message`."""
        return READERS[place.kind](place.machine, payload, limits)


@lru_cache(maxsize=50_000)
def _place(topic: str) -> Place:
    parts = topic.split("/")
    if len(parts) != 5 or parts[0] != "factories" or parts[2] != "devices" or parts[4] not in READERS:
        raise RefusedMessage(
            Why.FOREIGN_TOPIC,
            "The topic is none of factories/SLUG/devices/KEY/telemetry, state, count, activity.",
        )
    slug, machine = parts[1], parts[3]
    if not slug or not machine or len(machine) > LONGEST_KEY or not machine.isprintable():
        raise RefusedMessage(
            Why.FOREIGN_TOPIC,
            f"The key in the topic is not a text of 1 to {LONGEST_KEY} printable characters.",
        )
    return Place(slug, machine, Kind(parts[4]))
