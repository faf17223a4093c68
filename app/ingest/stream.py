"""Raw messages of a broker on their way into the stores: read, told apart by factory, stored, refused."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import select

from analytics.errors import Conflict, StoreUnavailable
from app.auth.principal import FactoryProfile
from app.auth.sessions import profile
from app.bootstrap import Gemba
from app.ingest.formats.refused import Limits, RefusedMessage, Why
from app.ingest.formats.topics import GembaTopics, TopicFormat
from app.ingest.quarantine import keep
from app.ingest.refusals import Refused, note_refusals
from app.ingest.storing import Sent, Storing
from app.production.machines import KEY_PATTERN
from data.models import Factory, Machine

log = structlog.get_logger()

FACTORIES_S: Final = 2.0
"""How long the list of factories is taken as it was."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as the broker brought it."""

    topic: str
    payload: bytes


@dataclass(slots=True)
class Taken:
    """What became of messages, in numbers."""

    messages: int = 0
    points: int = 0
    refused: int = 0


@dataclass(slots=True)
class _Sorted:
    """Messages that could be read, by the slug of their factory, and those that could not."""

    sent: dict[str, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, list[Refused]] = field(default_factory=lambda: defaultdict(list))


class Stream:
    """Takes what a broker brings. One thread takes at a time."""

    def __init__(self, gemba: Gemba, topics: TopicFormat | None = None) -> None:
        self._gemba = gemba
        self.topics = topics or GembaTopics()
        self.storing = Storing(gemba)
        settings = gemba.settings
        self._limits = Limits(
            settings.ingest_max_bytes, settings.ingest_max_depth, settings.ingest_max_parameters
        )
        self._factories: dict[str, FactoryProfile] = {}
        self._read_at = float("-inf")

    def take(self, arrived: Sequence[Arrived]) -> Taken:
        """Keep messages, or count them as refused; when this returns, all of them may be acknowledged.

        Messages that come again change nothing. Raises StoreUnavailable; then all must come again. Where a
        message breaks the code below, the others are taken without it.
        """
        try:
            return self._taken(arrived)
        except StoreUnavailable:
            raise
        except Exception:
            if len(arrived) == 1:
                log.exception("a message broke the intake", topic=arrived[0].topic[:200])
                return self._broken(arrived[0])
        half = len(arrived) // 2
        first, second = self.take(arrived[:half]), self.take(arrived[half:])
        return Taken(
            first.messages + second.messages, first.points + second.points, first.refused + second.refused
        )

    def _taken(self, arrived: Sequence[Arrived]) -> Taken:
        try:
            return self._take(arrived)
        except Conflict:
            # Another process wrote the same row at the same moment: it is there now.
            return self._take(arrived)

    def _broken(self, one: Arrived) -> Taken:
        sentence = "This message could not be stored; the log has the details."
        refused = Refused(Why.BROKEN, "", one.topic, sentence, one.payload)
        note_refusals(self._gemba, self._factory(self.topics.factory(one.topic)), [refused])
        return Taken(1, 0, 1)

    def _take(self, arrived: Sequence[Arrived]) -> Taken:
        found = self._sorted(arrived)
        taken = Taken(len(arrived))
        for slug in {**found.sent, **found.refused}:
            factory, refused = self._factory(slug), found.refused.get(slug, [])
            sent = found.sent.get(slug, [])
            if factory is None:
                sentence = "The topic names a factory that this installation does not have."
                refused += [one.refused(Why.UNKNOWN_FACTORY, sentence) for one in sent]
            else:
                points, more = self._take_of(factory, sent)
                taken.points += points
                refused += more
            note_refusals(self._gemba, factory, refused)
            taken.refused += len(refused)
        return taken

    def _sorted(self, arrived: Sequence[Arrived]) -> _Sorted:
        found = _Sorted()
        topics, limits = self.topics, self._limits
        for one in arrived:
            kind = ""
            try:
                place = topics.place(one.topic)
                kind = place.kind
                message = topics.message(place, one.payload, limits)
            except RefusedMessage as error:
                refused = Refused(error.why, kind, one.topic, str(error), one.payload)
                found.refused[topics.factory(one.topic)].append(refused)
            else:
                found.sent[place.factory].append(Sent(message, kind, one.topic, one.payload))
        return found

    def _take_of(self, factory: FactoryProfile, sent: Sequence[Sent]) -> tuple[int, list[Refused]]:
        """Store what known machines sent, keep what unknown ones sent; returns points and refusals."""
        if not sent:
            return 0, []
        machines = self._machines(factory)
        known = [one for one in sent if one.message.machine in machines]
        unknown = [one for one in sent if one.message.machine not in machines]
        refused: list[Refused] = []
        if unknown:
            listed, refused = self._keep(factory, unknown)
            if listed:
                machines = self._machines(factory)
                known += listed
        active = {key: number for key, (number, is_active) in machines.items() if is_active}
        resting = [one for one in known if one.message.machine not in active]
        sentence = "This machine is out of use; activate it on the page Machines."
        refused += [one.refused(Why.INACTIVE_MACHINE, sentence) for one in resting]
        stored = self.storing.store(factory, [one for one in known if one.message.machine in active], active)
        return stored.points, [*refused, *(one for _, one in stored.refused)]

    def _keep(self, factory: FactoryProfile, unknown: list[Sent]) -> tuple[list[Sent], list[Refused]]:
        """Put messages into quarantine; those whose machine is listed by now, and the refused ones."""
        good = [one for one in unknown if KEY_PATTERN.fullmatch(one.message.machine)]
        sentence = "No machine can have this key: letters, digits, dots, dashes and underscores only."
        refused = [
            one.refused(Why.UNKNOWN_MACHINE, sentence)
            for one in unknown
            if not KEY_PATTERN.fullmatch(one.message.machine)
        ]
        if not good:
            return [], refused
        listed, full = keep(self._gemba, factory, good)
        sentence = "The machine is not listed, and the quarantine is full: adopt or discard machines."
        refused += [good[place].refused(Why.QUARANTINE_FULL, sentence) for place in full]
        return [good[place] for place in listed], refused

    def _machines(self, factory: FactoryProfile) -> dict[str, tuple[int, bool]]:
        with self._gemba.database.read(factory.id) as session:
            rows = session.execute(select(Machine.device_key, Machine.id, Machine.is_active))
            return {row[0]: (row[1], row[2]) for row in rows}

    def _factory(self, slug: str) -> FactoryProfile | None:
        if time.monotonic() - self._read_at > FACTORIES_S:
            self._factories = {one.slug: one for one in self.factories()}
            self._read_at = time.monotonic()
        return self._factories.get(slug)

    def factories(self) -> list[FactoryProfile]:
        """All factories of the installation."""
        with self._gemba.database.read(None) as session:
            return [profile(row) for row in session.scalars(select(Factory))]
