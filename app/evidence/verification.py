"""Reads a factory's log from its first entry and says whether it is the one that was signed."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import Final

import orjson

from analytics.errors import InvalidInput
from app.audit.journal import seal
from app.audit.merkle import Frontier, leaf_hash
from app.audit.notes import Checkpoint, opened
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import to_us
from data.queries.audit import Row, extent, portions

Progress = Callable[[int, int], None]
MOST_FINDINGS: Final = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and at which entry."""

    kind: str
    position: int
    message: str


@dataclass(slots=True)
class Verification:
    """What a reading of the whole log found; the findings are sorted by position."""

    entries: int = 0
    checkpoints: int = 0
    signed: int = 0
    root: str = ""
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Nothing was found."""
        return not self.findings

    @property
    def first_bad(self) -> int | None:
        """The first entry that is not what it was."""
        return min((finding.position for finding in self.findings), default=None)


def verify(access: Access, *, kept: Iterable[str] = (), on_progress: Progress | None = None) -> Verification:
    """Is this factory's log whole, unchanged and the one that was signed?

    `kept` are checkpoints that somebody kept elsewhere. Every entry is hashed anew and compared with its
    columns, its seal, the leaf that is kept outside the database and each checkpoint's root. Entries that are
    written meanwhile are not looked at, and nobody who writes them waits.
    """
    access.require(Permission.SEE_AUDIT)
    return _Reading(access, list(kept), on_progress or _silent).run()


def _silent(done: int, total: int) -> None:
    """No progress is shown."""


class _Reading:
    """One pass over the log."""

    def __init__(self, access: Access, kept: list[str], on_progress: Progress) -> None:
        self._access = access
        self._slug = access.factory.slug
        self._progress = on_progress
        self._found = Verification()
        self._frontier = Frontier()
        self._seal_key = access.gemba.outside.seal_key()
        self._leaves = access.gemba.outside.leaves(self._slug)
        self._due = self._checkpoints(kept)
        self._next = 0
        self._is_off = False
        """Whether an entry before was wrong: then no later root can be right, and saying so adds nothing."""

    def run(self) -> Verification:
        """Read all, then sort what was found."""
        started = time.perf_counter()
        with self._access.read() as session:
            size, stop = extent(session)
        for rows in portions(self._access.read, 0, stop):
            for row in rows:
                self._entry(row)
            self._progress(self._frontier.size, stop)
        self._end(size)
        found = self._found
        found.entries, found.root = self._frontier.size, self._frontier.root().hex()
        found.findings.sort(key=lambda finding: (finding.position, finding.kind))
        found.seconds = time.perf_counter() - started
        return found

    def _checkpoints(self, kept: list[str]) -> dict[int, list[Checkpoint]]:
        outside = self._access.gemba.outside
        verifier, origin = outside.verifier(), f"{outside.name}/{self._slug}"
        due: dict[int, list[Checkpoint]] = {}
        for note in [*outside.checkpoints(self._slug), *kept]:
            try:
                checkpoint = opened(note, verifier)
            except InvalidInput as error:
                self._bad("checkpoint", 0, f"A checkpoint cannot be trusted: {error}")
                continue
            if checkpoint.origin != origin:
                self._bad("checkpoint", 0, f"A checkpoint is of another log: {checkpoint.origin}.")
                continue
            due.setdefault(checkpoint.size, []).append(checkpoint)
            self._found.checkpoints += 1
            self._found.signed = max(self._found.signed, checkpoint.size)
        return due

    def _entry(self, row: Row) -> None:
        position, body = row[0], row[6].encode()
        if position != self._next:
            gap = position - self._next
            self._bad("missing", self._next, f"{gap:,} entries are missing from here on.")
        self._next = position + 1
        hashed = leaf_hash(body)
        if hashed.hex() != row[7]:
            self._bad("edited", position, "The entry was changed: it no longer gives its hash.")
        elif not compare_digest(seal(self._seal_key, body), row[8]):
            self._bad("unsealed", position, "Gemba did not write this entry: its seal is wrong.")
        if position < len(self._leaves) and self._leaves[position] != hashed:
            self._bad("rewritten", position, "The entry is not the one that was signed at this place.")
        self._columns(row, body)
        self._add(hashed)

    def _columns(self, row: Row, body: bytes) -> None:
        """What lists and searches show must be what the entry says."""
        try:
            said = orjson.loads(body)
            shown = (said["position"], said["actor"], said["action"], *said["object"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            self._bad("edited", row[0], "The entry's text cannot be read.")
            return
        if shown != (row[0], row[2], row[3], row[4], row[5]) or _moment(said.get("at")) != row[1]:
            self._bad("column", row[0], "What lists show of this entry is not what the entry says.")

    def _add(self, leaf: bytes) -> None:
        self._frontier.append(leaf)
        for checkpoint in self._due.pop(self._frontier.size, ()):
            if self._frontier.root() != checkpoint.root and not self._is_off:
                self._bad(
                    "checkpoint",
                    self._frontier.size - 1,
                    f"Up to here the log is not the one that was signed at {checkpoint.size:,} entries.",
                )

    def _end(self, size: int) -> None:
        read = self._next
        if size > read:
            self._bad("truncated", read, f"{size:,} entries were written, {read:,} are left.")
        elif size < read:
            self._bad("bypass", size, f"{read - size:,} entries were added past the log's own counter.")
        if self._due:
            largest = max(self._due)
            self._bad(
                "truncated", read, f"A checkpoint over {largest:,} entries was signed, {read:,} are left."
            )

    def _bad(self, kind: str, position: int, message: str) -> None:
        self._is_off = True
        if len(self._found.findings) < MOST_FINDINGS:
            self._found.findings.append(Finding(kind, position, message))


def _moment(text: object) -> int | None:
    try:
        return to_us(datetime.fromisoformat(str(text)))
    except ValueError:
        return None
