"""The rows of a chunk that are not taken, each with its first reason; and notes on rows that are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.imports.parsing.columns import Bools
from app.imports.reading.table import Chunk, Reject

LONGEST_CELL: Final = 60
LONGEST_MESSAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know about a line that was read (0: about the file)."""

    line: int
    message: str


class Faults:
    """Collects what is wrong in one chunk. The first reason of a row stands; `fields` names all."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._found: dict[int, tuple[str, str]] = {}
        self.bad: Bools = np.zeros(len(chunk), np.bool_)
        self.notes: list[Note] = []
        self.fields: set[str] = set()

    @property
    def good(self) -> Bools:
        """The rows that nothing is wrong with so far."""
        return ~self.bad

    def at(self, mask: Bools, field: str, message: str | Callable[[int], str]) -> None:
        """Reject the rows under the mask; a callable makes each row's own message from its position."""
        for place in np.flatnonzero(mask & ~self.bad).tolist():
            text = message if isinstance(message, str) else message(place)
            self._found[place] = (field, text[:LONGEST_MESSAGE])
        self.bad |= mask
        if mask.any():
            self.fields.add(field)

    def one(self, place: int, field: str, message: str) -> None:
        """Reject one row."""
        if not self.bad[place]:
            self._found[place] = (field, message[:LONGEST_MESSAGE])
            self.bad[place] = True

    def note(self, place: int, message: str) -> None:
        """Say something about a row that is taken."""
        self.notes.append(Note(int(self._chunk.lines[place]), message))

    def rejects(self) -> list[Reject]:
        """The rejected rows in the order of their lines, those that did not fit the header among them."""
        own = [
            Reject(int(self._chunk.lines[place]), field, message, self._chunk.raw(place))
            for place, (field, message) in self._found.items()
        ]
        return sorted([*own, *self._chunk.broken], key=lambda reject: reject.line)


def shown(text: str) -> str:
    """A cell as a message quotes it."""
    return f"'{text[:LONGEST_CELL]}{'...' if len(text) > LONGEST_CELL else ''}'"
