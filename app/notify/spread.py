"""From notices to messages: who gets which, what is held, what is told together."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from app.auth.principal import FactoryProfile
from app.bootstrap import Gemba
from app.notify.outbox import RAISED, RANK
from app.notify.recipients import Recipient, recipients
from data.models import NotifyMessage, NotifyNotice, NotifyPart, from_us, to_us

AT_ONCE: Final = 500
WINDOW_US: Final = 600_000_000
"""Storms are counted over ten minutes (ISA-18.2)."""
ALERTS, DIGEST, SUMMARY = "alerts", "digest", "summary"
QUIETLY: Final = {"synchronize_session": False}


def spread(gemba: Gemba, factory: FactoryProfile) -> int:
    """Make the messages of the notices that have none yet, in their order; returns how many notices.

    One transaction: a notice is marked with its messages or stays for the next round.
    """
    new = select(NotifyNotice).where(NotifyNotice.is_spread.is_(False)).order_by(NotifyNotice.id)
    with gemba.database.read(factory.id) as session:
        if session.scalar(new.limit(1)) is None:
            return 0
    with gemba.database.write(factory.id) as session:
        notices = list(session.scalars(new.limit(AT_ONCE)))
        desk = _Desk(session, factory, to_us(gemba.clock()), gemba.settings.notify_group_s * 1_000_000)
        boxes = desk.boxes(gemba.settings.notify_storm_alerts)
        for notice in notices:
            for box in boxes:
                box.take(notice)
        desk.keep(boxes)
        session.execute(
            update(NotifyNotice)
            .where(NotifyNotice.id.in_([notice.id for notice in notices]))
            .values(is_spread=True),
            execution_options=QUIETLY,
        )
    return len(notices)


@dataclass(slots=True)
class _Desk:
    """What all recipients share while a batch is spread."""

    session: Session
    factory: FactoryProfile
    now_us: int
    group_us: int

    def boxes(self, storm_alerts: int) -> list["_Box"]:
        """A box per recipient, with its recent messages and the alerts that count towards a storm."""
        found = [_Box(self, one, storm_alerts) for one in recipients(self.session, self.factory.id)]
        by_channel = {box.recipient.channel.id: box for box in found}
        since = self.now_us - max(WINDOW_US, 3 * self.group_us)
        recent = select(NotifyMessage).where(
            or_(
                NotifyMessage.state.in_(("waiting", "held", "sending")),
                NotifyMessage.created_us > since,
                NotifyMessage.finished_us > since,
            )
        )
        for row in self.session.scalars(recent.order_by(NotifyMessage.id)):
            if row.channel_id in by_channel:
                by_channel[row.channel_id].messages.append(row)
        counted = select(NotifyNotice).where(
            NotifyNotice.is_spread,
            NotifyNotice.created_us > self.now_us - WINDOW_US,
            NotifyNotice.kind == RAISED,
        )
        for notice in self.session.scalars(counted.order_by(NotifyNotice.id)):
            for box in found:
                if box.recipient.wants(notice.severity, notice.channels):
                    box.raised.append((notice.created_us, notice.id))
        return found

    def keep(self, boxes: Iterable["_Box"]) -> None:
        """Write what the boxes have collected."""
        made = [(row, ids) for box in boxes for row, ids in box.parts]
        self.session.add_all([row for row, _ in made if row.id is None])
        self.session.flush()
        parts = [{"message_id": row.id, "notice_id": one} for row, ids in made for one in sorted(ids)]
        if parts:
            self.session.execute(insert(NotifyPart), parts)


@dataclass(slots=True)
class _Box:
    """The messages of one recipient while a batch is spread."""

    desk: _Desk
    recipient: Recipient
    storm_alerts: int
    messages: list[NotifyMessage] = field(default_factory=list)
    raised: deque[tuple[int, int]] = field(default_factory=deque)
    """When the recipient's alerts of the last ten minutes were raised, and their ids."""
    parts: list[tuple[NotifyMessage, set[int]]] = field(default_factory=list)

    def take(self, notice: NotifyNotice) -> None:
        """Put the notice where it belongs: held, into a storm's summary, or with others like it."""
        if not self.recipient.wants(notice.severity, notice.channels):
            return
        is_storm = self._count(notice)
        now = from_us(self.desk.now_us)
        until = self.recipient.held_until(notice.severity, now, self.desk.factory.zone)
        if until is not None:
            held = self._open(DIGEST, "held") or self._made(notice, DIGEST, to_us(until), state="held")
            self._add(held, notice)
        elif is_storm:
            self._summarise(notice)
        else:
            self._group(notice)

    def _count(self, notice: NotifyNotice) -> bool:
        if notice.kind == RAISED:
            self.raised.append((notice.created_us, notice.id))
        while self.raised and self.raised[0][0] <= notice.created_us - WINDOW_US:
            self.raised.popleft()
        return len(self.raised) > self.storm_alerts

    def _group(self, notice: NotifyNotice) -> None:
        """Into a message that waits and is of the same rule or machine; into one of its own otherwise.

        After such a message has gone out the next one waits for a minute, unless it is more severe.
        """
        alike = [row for row in self.messages if row.kind == ALERTS and _is_alike(row, notice)]
        for row in alike:
            if row.state == "waiting" and not row.attempts:
                if RANK[notice.severity] > RANK[row.severity]:
                    row.next_at_us = min(row.next_at_us, self.desk.now_us)
                self._add(row, notice)
                return
        at = self.desk.now_us
        for row in alike:
            if RANK[notice.severity] <= RANK[row.severity]:
                at = max(at, (row.finished_us or row.created_us) + self.desk.group_us)
        self._add(self._made(notice, ALERTS, at), notice)

    def _summarise(self, notice: NotifyNotice) -> None:
        """Into the summary that waits; a storm's first one takes in all alerts of the last ten minutes."""
        row = self._open(SUMMARY, "waiting")
        if row is None:
            earlier = [one.finished_us or one.next_at_us for one in self.messages if one.kind == SUMMARY]
            at = self.desk.now_us + self.desk.group_us
            severities = [notice.severity, *(one.severity for one in self._untouched())]
            ids = self._absorbed()
            if earlier and max(earlier) > self.desk.now_us - WINDOW_US:
                at = max(at, max(earlier) + WINDOW_US)
            else:
                ids |= {one for _, one in self.raised}
            row = self._made(notice, SUMMARY, at)
            row.severity = max(severities, key=RANK.__getitem__)
            self._parts_of(row).update(ids)
        self._add(row, notice)

    def _untouched(self) -> list[NotifyMessage]:
        """The single messages that wait and were never tried."""
        return [one for one in self.messages if (one.kind, one.state, one.attempts) == (ALERTS, "waiting", 0)]

    def _absorbed(self) -> set[int]:
        """Take back the single messages that have not gone out; returns what they told."""
        gone = {id(row): row for row in self._untouched()}
        ids = {one for row, told in self.parts if id(row) in gone for one in told}
        stored = [row for row in gone.values() if row.id is not None]
        keys = [row.id for row in stored]
        session = self.desk.session
        ids |= set(session.scalars(select(NotifyPart.notice_id).where(NotifyPart.message_id.in_(keys))))
        session.execute(delete(NotifyPart).where(NotifyPart.message_id.in_(keys)), execution_options=QUIETLY)
        session.execute(delete(NotifyMessage).where(NotifyMessage.id.in_(keys)), execution_options=QUIETLY)
        for row in stored:
            session.expunge(row)
        self.messages = [row for row in self.messages if id(row) not in gone]
        self.parts = [(row, told) for row, told in self.parts if id(row) not in gone]
        return ids

    def _open(self, kind: str, state: str) -> NotifyMessage | None:
        found = (one for one in self.messages if (one.kind, one.state, one.attempts) == (kind, state, 0))
        return next(found, None)

    def _made(self, notice: NotifyNotice, kind: str, at_us: int, state: str = "waiting") -> NotifyMessage:
        channel = self.recipient.channel
        row = NotifyMessage(
            channel_id=channel.id,
            account_id=channel.account_id,
            channel_name=channel.name,
            channel_kind=channel.kind,
            kind=kind,
            severity=notice.severity,
            subject=notice.subject,
            machine_key=notice.machine_key,
            state=state,
            next_at_us=at_us,
            created_us=self.desk.now_us,
        )
        self.messages.append(row)
        return row

    def _add(self, row: NotifyMessage, notice: NotifyNotice) -> None:
        if RANK[notice.severity] > RANK[row.severity]:
            row.severity = notice.severity
        self._parts_of(row).add(notice.id)

    def _parts_of(self, row: NotifyMessage) -> set[int]:
        for known, ids in self.parts:
            if known is row:
                return ids
        self.parts.append((row, set()))
        return self.parts[-1][1]


def _is_alike(row: NotifyMessage, notice: NotifyNotice) -> bool:
    return row.subject == notice.subject or bool(notice.machine_key and row.machine_key == notice.machine_key)
