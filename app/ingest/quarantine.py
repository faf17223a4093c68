"""Messages of machines that nobody has listed: kept until somebody adopts the machine or discards them."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from analytics.errors import NotFound, StoreUnavailable
from app.auth.permissions import Permission
from app.auth.principal import FactoryProfile
from app.bootstrap import Access, Gemba
from app.ingest.formats.topics import Kind
from app.ingest.refusals import note_refusals
from app.ingest.storing import Sent, Storing
from app.production.machines import MachineDraft, add
from data.contracts.messages import ActivityMessage, CountMessage, Message, ReadingMessage, StateMessage
from data.models import Machine, QuarantinedMessage, from_us

PAGE: Final = 1_000
MOST_SHOWN: Final = 500
TYPES: Final[dict[str, type[Message]]] = {
    Kind.TELEMETRY: ReadingMessage,
    Kind.STATE: StateMessage,
    Kind.COUNT: CountMessage,
    Kind.ACTIVITY: ActivityMessage,
}


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A machine that sends and is not listed: how many messages wait, since when, and the last of them."""

    device_key: str
    messages: int
    first_at: datetime
    last_at: datetime
    sample: str


def keep(gemba: Gemba, factory: FactoryProfile, sent: Sequence[Sent]) -> tuple[list[int], list[int]]:
    """Keep messages of unknown machines; a message that is there already is kept once.

    Returns the positions of those whose machine has been listed meanwhile, which can be stored, and of
    those for which there is no room. Machines are looked up in the transaction that keeps the messages, so
    that none slips in behind an adoption. Raises StoreUnavailable.
    """
    now = gemba.clock()
    with gemba.database.write(factory.id) as session:
        known = set(session.scalars(select(Machine.device_key)))
        listed = [place for place, one in enumerate(sent) if one.message.machine in known]
        waiting = {}
        for place, one in enumerate(sent):
            if one.message.machine not in known:
                body = msgspec.json.encode(one.message)
                waiting[one.message.machine, _digest(one.kind, body)] = (place, one, body)
        new = _unseen(session, waiting)
        there = int(session.scalar(select(func.count(QuarantinedMessage.id))) or 0)
        free = max(gemba.settings.ingest_quarantine - there, 0)
        for key in new[:free]:
            _, one, body = waiting[key]
            session.add(
                QuarantinedMessage(
                    device_key=key[0], kind=one.kind, digest=key[1], payload=body, received_at=now
                )
            )
    return listed, [waiting[key][0] for key in new[free:]]


def _digest(kind: str, body: bytes) -> str:
    return hashlib.sha256(kind.encode() + b"\x1f" + body).hexdigest()


def _unseen(session: Session, waiting: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    keys = list(waiting)
    row, there = QuarantinedMessage, set[tuple[str, str]]()
    for begin in range(0, len(keys), 500):
        digests = [digest for _, digest in keys[begin : begin + 500]]
        found = session.execute(select(row.device_key, row.digest).where(row.digest.in_(digests)))
        there |= {(device_key, digest) for device_key, digest in found}
    return [key for key in keys if key not in there]


def unlisted(access: Access) -> list[Unlisted]:
    """The machines in quarantine, the one with the newest message first."""
    access.require(Permission.MANAGE_MACHINES)
    row = QuarantinedMessage
    with access.read() as session:
        groups = session.execute(
            select(
                row.device_key,
                func.count(row.id),
                func.min(row.received_at),
                func.max(row.received_at),
                func.max(row.id),
            )
            .group_by(row.device_key)
            .order_by(func.max(row.id).desc())
            .limit(MOST_SHOWN)
        ).all()
        last = {
            found.id: found
            for found in session.scalars(select(row).where(row.id.in_([one[4] for one in groups])))
        }
    return [
        Unlisted(key, number, _moment(first), _moment(newest), _sample(last[place]))
        for key, number, first, newest, place in groups
    ]


def _moment(value: datetime | int) -> datetime:
    return value if isinstance(value, datetime) else from_us(value)


def _sample(row: QuarantinedMessage) -> str:
    return f"{row.kind}: {row.payload[:300].decode(errors='replace')}"


def adopt(access: Access, storing: Storing, draft: MachineDraft) -> int:
    """List the machine and bring its messages over; returns how many.

    Where this process may not write telemetry, the process that reads the broker brings them over within
    seconds; the answer is then 0. Raises NotFound without messages, InvalidInput for a draft that is none.
    """
    access.require(Permission.MANAGE_MACHINES)
    with access.read() as session:
        waiting = _count(session, draft.device_key)
        is_listed = session.scalar(select(Machine.id).where(Machine.device_key == draft.device_key))
    if not waiting:
        raise NotFound(f"No message of '{draft.device_key}' is in quarantine.")
    if is_listed is None:
        add(access, draft)
    with access.write() as session:
        subject = ("device", draft.device_key)
        access.audit(session, "quarantine.adopt", subject, after={"messages": waiting})
    try:
        return replay(access.gemba, access.factory, storing, draft.device_key)
    except StoreUnavailable:
        return 0


def discard(access: Access, device_key: str) -> int:
    """Forget a machine's messages; returns how many. Raises NotFound where there are none."""
    access.require(Permission.MANAGE_MACHINES)
    row = QuarantinedMessage
    with access.write() as session:
        number = _count(session, device_key)
        if not number:
            raise NotFound(f"No message of '{device_key}' is in quarantine.")
        session.execute(
            delete(row).where(row.device_key == device_key), execution_options={"synchronize_session": False}
        )
        access.audit(session, "quarantine.discard", ("device", device_key), before={"messages": number})
    return number


def _count(session: Session, device_key: str) -> int:
    row = QuarantinedMessage
    return int(session.scalar(select(func.count(row.id)).where(row.device_key == device_key)) or 0)


def replay(gemba: Gemba, factory: FactoryProfile, storing: Storing, device_key: str) -> int:
    """Store the messages of a machine that is listed now, in the order in which they came.

    A page is deleted after it is stored, so that a crash between the two stores it once more, which changes
    nothing. Returns how many messages left the quarantine. Raises StoreUnavailable.
    """
    row, done = QuarantinedMessage, 0
    while True:
        with gemba.database.read(factory.id) as session:
            machine_id = session.scalar(
                select(Machine.id).where(Machine.device_key == device_key, Machine.is_active)
            )
            chosen = select(row).where(row.device_key == device_key).order_by(row.id).limit(PAGE)
            page = session.scalars(chosen).all()
        if machine_id is None or not page:
            return done
        sent = [_sent(one) for one in page]
        outcome = storing.store(factory, sent, {device_key: machine_id})
        note_refusals(gemba, factory, [refused for _, refused in outcome.refused])
        with gemba.database.write(factory.id) as session:
            session.execute(
                delete(row).where(row.id.in_([one.id for one in page])),
                execution_options={"synchronize_session": False},
            )
        done += len(page)


def _sent(row: QuarantinedMessage) -> Sent:
    message = msgspec.json.decode(row.payload, type=TYPES[row.kind])
    return Sent(message, row.kind, f"quarantine of {row.device_key}", row.payload)


def bring_over(gemba: Gemba, factory: FactoryProfile, storing: Storing) -> int:
    """Replay the messages of all machines that were listed since; returns how many messages."""
    row = QuarantinedMessage
    with gemba.database.read(factory.id) as session:
        keys = session.scalars(
            select(row.device_key)
            .join(Machine, (Machine.device_key == row.device_key) & Machine.is_active)
            .distinct()
        ).all()
    return sum(replay(gemba, factory, storing, key) for key in keys)


def waiting(access: Access) -> int:
    """How many messages are in the factory's quarantine."""
    access.require(Permission.MANAGE_MACHINES)
    with access.read() as session:
        return int(session.scalar(select(func.count(QuarantinedMessage.id))) or 0)
