"""Refused messages, counted by day, reason and kind for all processes, with the last one as a sample."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analytics.errors import Conflict
from app.auth.permissions import Permission
from app.auth.principal import FactoryProfile
from app.bootstrap import Access, Gemba
from app.ingest.formats.refused import Why
from data.models import IngestRefusal, IngestStray, to_us

DAY_US: Final = 86_400_000_000
KEPT_DAYS: Final = 30
SAMPLE: Final = 500


@dataclass(frozen=True, slots=True)
class Refused:
    """One message that was not taken."""

    why: Why
    kind: str
    topic: str
    sentence: str
    sample: bytes


@dataclass(frozen=True, slots=True)
class Counted:
    """Refusals of one reason and kind over the days that were asked for, and the last of them."""

    reason: str
    kind: str
    count: int
    last_at: datetime
    topic: str
    sentence: str
    sample: str


def note_refusals(gemba: Gemba, factory: FactoryProfile | None, refused: Sequence[Refused]) -> None:
    """Count them, in one transaction; without a factory they are strays. Raises StoreUnavailable."""
    if not refused:
        return
    groups: dict[tuple[Why, str], list[Refused]] = defaultdict(list)
    for one in refused:
        groups[one.why, one.kind if factory is not None else ""].append(one)
    number = None if factory is None else factory.id
    try:
        _write(gemba, number, groups)
    except Conflict:
        # Two processes met a stray of a new reason at once; the row is there now.
        _write(gemba, number, groups)


def _write(gemba: Gemba, factory_id: int | None, groups: dict[tuple[Why, str], list[Refused]]) -> None:
    now = gemba.clock()
    day = to_us(now) // DAY_US
    with gemba.database.write(factory_id) as session:
        for (why, kind), some in groups.items():
            row = _row(session, factory_id is None, day, why, kind, now)
            last = some[-1]
            row.count += len(some)
            row.topic, row.sentence = _plain(last.topic, 300), _plain(last.sentence, 300)
            row.sample = _plain(last.sample[: SAMPLE * 4].decode(errors="backslashreplace"), SAMPLE)
            row.last_at = now


def _row(
    session: Session, is_stray: bool, day: int, why: Why, kind: str, now: datetime
) -> IngestRefusal | IngestStray:
    if is_stray:
        stray = IngestStray
        found = session.scalar(select(stray).where(stray.day == day, stray.reason == why))
        row: IngestRefusal | IngestStray = found or stray(day=day, reason=str(why), last_at=now)
    else:
        kept = IngestRefusal
        there = session.scalar(select(kept).where(kept.day == day, kept.reason == why, kept.kind == kind))
        row = there or kept(day=day, reason=str(why), kind=kind, last_at=now)
    session.add(row)
    return row


def _plain(text: str, most: int) -> str:
    """Text that every engine keeps: no NUL, no lone surrogates, no more than fits."""
    return text.replace("\x00", "\\x00").encode(errors="backslashreplace").decode()[:most]


def refusals(access: Access, days: int = 7) -> list[Counted]:
    """The factory's refusals of the last days (at most 30), the most frequent first."""
    access.require(Permission.MANAGE_MACHINES)
    first = to_us(access.now) // DAY_US - days + 1
    with access.read() as session:
        rows = session.scalars(select(IngestRefusal).where(IngestRefusal.day >= first)).all()
    return _summed([(row.reason, row.kind, row) for row in rows])


def strays(access: Access, days: int = 7) -> list[Counted]:
    """The same for messages that name no factory. Samples are shown to who manages all factories only."""
    access.require(Permission.MANAGE_MACHINES)
    first = to_us(access.now) // DAY_US - days + 1
    with access.gemba.database.read(None) as session:
        rows = session.scalars(select(IngestStray).where(IngestStray.day >= first)).all()
    found = _summed([(row.reason, "", row) for row in rows])
    if access.principal.may(Permission.MANAGE_FACTORIES):
        return found
    return [Counted(one.reason, "", one.count, one.last_at, "", "", "") for one in found]


def _summed(rows: Sequence[tuple[str, str, IngestRefusal | IngestStray]]) -> list[Counted]:
    groups: dict[tuple[str, str], list[IngestRefusal | IngestStray]] = defaultdict(list)
    for reason, kind, row in rows:
        groups[reason, kind].append(row)
    found = []
    for (reason, kind), some in groups.items():
        last = max(some, key=lambda row: row.last_at)
        total = sum(row.count for row in some)
        found.append(Counted(reason, kind, total, last.last_at, last.topic, last.sentence, last.sample))
    return sorted(found, key=lambda one: (-one.count, one.reason, one.kind))


def forget_old_refusals(gemba: Gemba, factory: FactoryProfile | None) -> None:
    """Forget what is older than 30 days."""
    first = to_us(gemba.clock()) // DAY_US - KEPT_DAYS + 1
    row = IngestStray if factory is None else IngestRefusal
    with gemba.database.write(None if factory is None else factory.id) as session:
        session.execute(delete(row).where(row.day < first), execution_options={"synchronize_session": False})
