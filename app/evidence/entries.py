"""Audit entries as people look for them, and the blocks that were signed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from analytics.errors import InvalidInput, NotFound
from app.audit.notes import opened
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import AuditEntry
from data.queries.audit import EntrySearch, counted, entry_at, found_entries, kinds, number_found


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is shown; `before` and `after` are the object's states, None where there was none."""

    position: int
    at: datetime
    actor: str
    action: str
    kind: str
    object_id: str
    leaf: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    def changes(self) -> list[tuple[str, Any, Any]]:
        """The fields that differ, each with its value before and after; None where it was not there."""
        old, new = self.before or {}, self.after or {}
        names = [*old, *(name for name in new if name not in old)]
        return [(n, old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)]


@dataclass(frozen=True, slots=True)
class Block:
    """What one checkpoint signed: the entries from `first` to `last`, its root and the root before it."""

    number: int
    first: int
    last: int
    root: str
    previous_root: str


@dataclass(frozen=True, slots=True)
class LogState:
    """How long the log is and how much of it is signed."""

    entries: int
    signed: int
    checkpoints: int
    key: str


def find(access: Access, search: EntrySearch, *, limit: int = 50, offset: int = 0) -> tuple[list[Entry], int]:
    """One page of entries, the newest first, and how many there are in all."""
    access.require(Permission.SEE_AUDIT)
    with access.read() as session:
        rows = found_entries(session, search, limit, offset)
        return [_entry(row) for row in rows], number_found(session, search)


def entry(access: Access, position: int) -> Entry:
    """The entry at a position; NotFound where there is none."""
    access.require(Permission.SEE_AUDIT)
    with access.read() as session:
        row = entry_at(session, position)
    if row is None:
        raise NotFound("There is no such entry in this factory's log.")
    return _entry(row)


def object_kinds(access: Access) -> list[str]:
    """Every kind of object that the log speaks of."""
    access.require(Permission.SEE_AUDIT)
    with access.read() as session:
        return kinds(session)


def state(access: Access) -> LogState:
    """How long the log is, how much is signed, and by which key."""
    access.require(Permission.SEE_AUDIT)
    made = blocks(access)
    with access.read() as session:
        size = counted(session)
    return LogState(size, made[0].last + 1 if made else 0, len(made), access.gemba.outside.verifier())


def newest_checkpoint(access: Access) -> str:
    """The signed note of the newest checkpoint; empty where nothing is signed yet."""
    access.require(Permission.SEE_AUDIT)
    notes = access.gemba.outside.checkpoints(access.factory.slug)
    return notes[-1] if notes else ""


def blocks(access: Access) -> list[Block]:
    """The signed blocks, the newest first; a checkpoint that the key has not signed is left out."""
    access.require(Permission.SEE_AUDIT)
    outside = access.gemba.outside
    verifier = outside.verifier()
    found: list[Block] = []
    size, root = 0, ""
    for note in outside.checkpoints(access.factory.slug):
        try:
            checkpoint = opened(note, verifier)
        except InvalidInput:
            continue
        found.append(Block(len(found) + 1, size, checkpoint.size - 1, checkpoint.root.hex(), root))
        size, root = checkpoint.size, checkpoint.root.hex()
    return found[::-1]


def _entry(row: AuditEntry) -> Entry:
    try:
        said = orjson.loads(row.body)
    except orjson.JSONDecodeError:
        said = {}
    return Entry(
        row.position, row.recorded_at, row.actor, row.action, row.object_type, row.object_id, row.leaf,
        said.get("before"), said.get("after"),
    )  # fmt: skip
