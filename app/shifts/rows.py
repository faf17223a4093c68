"""What the editors of the calendar share: rows at a version, keys, overlaps."""

import re
from collections.abc import Iterable
from typing import Final, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import Conflict, FieldProblem, NotFound
from analytics.timeline import refuse_overlaps, special_days
from app.production.happenings import pattern
from app.production.terms.holidays import exception
from data.models import Base, CalendarException, Shift

KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
Row = TypeVar("Row", bound=Base)


class HasId(Protocol):
    """What editors hold of a row."""

    @property
    def id(self) -> int:
        """The row's id."""


Stored = TypeVar("Stored", bound=HasId)


def at_version(session: Session, model: type[Row], number: int, version: int, word: str) -> Row:
    """The row for a change that is based on a version. NotFound; Conflict when somebody was faster."""
    row = session.get(model, number)
    if row is None:
        raise NotFound(f"There is no such {word} in this factory.")
    if getattr(row, "version", version) != version:
        raise Conflict(f"Somebody else changed this {word} in the meantime. Reload the page, then try again.")
    return row


def stored_with(found: Iterable[Stored], number: int, word: str) -> Stored:
    """The one with this id. NotFound."""
    for one in found:
        if one.id == number:
            return one
    raise NotFound(f"There is no such {word} in this factory.")


def refuse_overlap(session: Session) -> None:
    """Raise InvalidInput at `shifts` where the shifts and exceptions of the transaction ever overlap."""
    session.flush()
    patterns = [pattern(shift) for shift in session.scalars(select(Shift).order_by(Shift.start_min))]
    rows = [exception(row) for row in session.scalars(select(CalendarException))]
    refuse_overlaps(patterns, special_days({}, rows))


def key_problems(key: str, name: str, *, is_taken: bool, word: str) -> list[FieldProblem]:
    """What is wrong with a key and a name."""
    found = []
    if not KEY.fullmatch(key):
        text = (
            "A key begins with a letter or digit; letters, digits, dots, dashes and underscores may follow."
        )
        found.append(FieldProblem("key", text))
    elif is_taken:
        found.append(FieldProblem("key", f"There is a {word} with this key already."))
    if not 1 <= len(name.strip()) <= 120:
        found.append(FieldProblem("name", f"Give the {word} a name of at most 120 characters."))
    return found
