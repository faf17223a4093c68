"""Messages of known machines on their way into the stores, as few writes as possible."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final

from analytics.errors import RejectedPoints
from app.auth.principal import FactoryProfile
from app.bootstrap import Gemba
from app.ingest.checks import AHEAD_US
from app.ingest.discovery import Beyond, Discovery
from app.ingest.formats.refused import Why
from app.ingest.intake import ingest_points, ingest_production
from app.ingest.refusals import Refused
from app.production.camera.intake import ingest_activities
from data.contracts.messages import (
    ActivityMessage,
    CountMessage,
    Message,
    ReadingMessage,
    StateMessage,
    Value,
)
from data.models import to_us
from data.telemetry.batch import Batch

DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that could be read, with what it was read from; `raw` is for the sample of a refusal."""

    message: Message
    kind: str
    topic: str
    raw: bytes

    def refused(self, why: Why, sentence: str) -> Refused:
        """This message as a refused one."""
        return Refused(why, self.kind, self.topic, sentence, self.raw)


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of messages: how many points and rows were kept, and which were refused, by position."""

    points: int = 0
    rows: int = 0
    refused: tuple[tuple[int, Refused], ...] = ()


class Storing:
    """Puts messages into the stores of a process. Safe for many threads."""

    def __init__(self, gemba: Gemba) -> None:
        self._gemba = gemba
        self._discovery = Discovery(gemba)

    def store(self, factory: FactoryProfile, sent: Sequence[Sent], machines: Mapping[str, int]) -> Stored:
        """Keep messages of these machines (ids by key); all that is not refused survives a crash.

        Messages that come again change nothing. Raises StoreUnavailable; then some may be stored.
        """
        refused: list[tuple[int, Refused]] = []
        readings: list[ReadingMessage] = []
        places: list[int] = []
        production: list[tuple[int, StateMessage | CountMessage]] = []
        activities: list[ActivityMessage] = []
        seen: list[int] = []
        latest_us = to_us(self._gemba.clock()) + AHEAD_US
        for place, one in enumerate(sent):
            match one.message:
                case StateMessage() | CountMessage() as message:
                    production.append((place, message))
                case message if message.time_us > latest_us:
                    sentence = "The time lies in the future: check the sender's clock."
                    refused.append((place, one.refused(Why.FUTURE_TIME, sentence)))
                case ReadingMessage() as message:
                    readings.append(message)
                    places.append(place)
                case ActivityMessage() as message:
                    activities.append(message)
                    seen.append(place)
        beyond = self._discovery.admit(factory, readings, machines) if readings else {}
        points, old = self._points(factory, readings, beyond, latest_us)
        for place, said in old:
            refused.append((places[place], sent[places[place]].refused(Why.PAST_TIME, said)))
        refused += _not_listed(sent, readings, places, beyond)
        rows = self._produce(factory, sent, production, refused)
        kept = ingest_activities(self._gemba, factory, activities)
        for place, sentence in kept.refused:
            at = seen[place]
            refused.append((at, sent[at].refused(Why.OUT_OF_RANGE, sentence)))
        return Stored(points, rows + kept.stored + kept.unchanged, tuple(refused))

    def _points(
        self, factory: FactoryProfile, readings: Sequence[ReadingMessage], beyond: Beyond, latest_us: int
    ) -> tuple[int, list[tuple[int, str]]]:
        """How many points were kept, and the positions of readings that the store refuses, with its words.

        A store refuses a day whose points have expired; the other days are then stored without it.
        """
        if not readings:
            return 0, []
        batch = batch_of(readings, beyond, latest_us)
        try:
            return (ingest_points(self._gemba, factory, batch) if len(batch) else 0), []
        except RejectedPoints as error:
            if len(readings) == 1:
                return 0, [(0, str(error))]
        by_day: dict[int, list[int]] = defaultdict(list)
        for place, one in enumerate(readings):
            by_day[one.time_us // DAY_US].append(place)
        groups = list(by_day.values()) if len(by_day) > 1 else [[place] for place in range(len(readings))]
        points, refused = 0, list[tuple[int, str]]()
        for group in groups:
            more, old = self._points(factory, [readings[place] for place in group], beyond, latest_us)
            points += more
            refused += [(group[place], said) for place, said in old]
        return points, refused

    def _produce(
        self,
        factory: FactoryProfile,
        sent: Sequence[Sent],
        production: Sequence[tuple[int, StateMessage | CountMessage]],
        refused: list[tuple[int, Refused]],
    ) -> int:
        states = [(place, one) for place, one in production if isinstance(one, StateMessage)]
        counts = [(place, one) for place, one in production if isinstance(one, CountMessage)]
        receipts = ingest_production(
            self._gemba, factory, [one for _, one in states], [one for _, one in counts]
        )
        places = ([place for place, _ in states], [place for place, _ in counts])
        for receipt, own in zip(receipts, places, strict=True):
            for refusal in receipt.refused:
                one = sent[own[refusal.position]]
                refused.append((own[refusal.position], one.refused(refusal.why, refusal.reason)))
        return sum(receipt.stored + receipt.changed for receipt in receipts)


def batch_of(readings: Sequence[ReadingMessage], beyond: Beyond, latest_us: int) -> Batch:
    """The points of readings, without the parameters that are beyond the day's limit."""
    machines: list[str] = []
    parameters: list[str] = []
    times: list[int] = []
    values: list[Value] = []
    for one in readings:
        kept: Mapping[str, Value] = one.values
        if beyond and one.machine in beyond:
            left = beyond[one.machine]
            kept = {key: value for key, value in one.values.items() if key not in left}
        parameters.extend(kept)
        values.extend(kept.values())
        machines.extend(repeat(one.machine, len(kept)))
        times.extend(repeat(one.time_us, len(kept)))
    return Batch.of(machines, parameters, times, values, latest_us=latest_us + 1)


def _not_listed(
    sent: Sequence[Sent], readings: Sequence[ReadingMessage], places: Sequence[int], beyond: Beyond
) -> list[tuple[int, Refused]]:
    """A refusal for each reading of which some parameters were left out; its others are stored."""
    found = []
    for place, one in zip(places, readings, strict=True):
        left = beyond.get(one.machine, frozenset()) & one.values.keys()
        if left:
            names = ", ".join(sorted(left))[:200]
            sentence = f"The machine has brought its new parameters of today; not taken: {names}."
            found.append((place, sent[place].refused(Why.TOO_MANY_NEW_PARAMETERS, sentence)))
    return found
