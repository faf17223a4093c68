"""What the editors of masters share: versions made of what is stored, keys, the end of a change."""

import hashlib
from typing import Any, Final

from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem
from app.bootstrap import Access
from data.queries.plant import CONFIGURATION_DAY, bump

LONGEST_NAME: Final = 200


def version_of(state: object) -> int:
    """Another number for another state: what a change is based on, for rows without a counter."""
    return int.from_bytes(hashlib.sha256(repr(state).encode()).digest()[:8]) % 1_000_000_000


def refuse_faster(stored: object, now: object, word: str) -> None:
    """Raise Conflict where what is stored now is not what the change starts from."""
    if stored != now:
        raise Conflict(f"Somebody else changed this {word} in the meantime. Reload the page, then try again.")


def key_problem(key: str, longest: int, word: str, *, is_taken: bool) -> list[FieldProblem]:
    """What is wrong with a new key: files name rows by it, so it begins and ends with a visible character."""
    if not (1 <= len(key) <= longest and key.isprintable() and key == key.strip()):
        return [FieldProblem("key", f"A key has 1 to {longest} visible characters.")]
    if is_taken:
        return [FieldProblem("key", f"There is a {word} with this key already.")]
    return []


def kept_key(key: str, stored: str, word: str) -> list[FieldProblem]:
    """A key stays, because files and messages carry it."""
    if key == stored:
        return []
    return [FieldProblem("key", f"A {word} keeps its key, because files and links name it. Add a new one.")]


def finish(
    access: Access,
    session: Session,
    action: str,
    subject: tuple[str, object],
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    """Everything that computes with the plant sees the change; the log has it."""
    session.flush()
    bump(session, {CONFIGURATION_DAY})
    access.audit(session, action, subject, before, after)
