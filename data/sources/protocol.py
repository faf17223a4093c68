"""What a connector to a plant's own database answers, whichever engine it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class About:
    """What the server says of itself; `detail` is for a person."""

    engine: str
    version: str
    latency_ms: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be read: a table or view, a collection, a measurement."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column, a field of documents (nested ones joined by points), a tag or field of a measurement."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Extract:
    """What to read: an item or, of a relational source, the query of a SELECT.

    With `order` the rows come by that column, those before the mark `after` left out. `where` compares
    columns with texts. `most` says how many rows are wanted at the most (0: all), so that a server need not
    get more ready; more may come.
    """

    item: str = ""
    query: str = ""
    order: str = ""
    after: str = ""
    where: tuple[tuple[str, str], ...] = ()
    most: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """Some rows by column, as texts; `numeric` names the columns that hold numbers and nothing else.

    `mark` tells how far the order has come with the last row, "" where nothing orders them.
    """

    header: tuple[str, ...]
    columns: list[list[str]]
    numeric: frozenset[str]
    mark: str = ""

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0


class Connector(Protocol):
    """Reads one database. Errors: StoreUnavailable (away, refused, too slow), InvalidInput (no such item)."""

    def about(self) -> About:
        """Is the source there, and what is it?"""
        ...

    def items(self) -> list[Item]:
        """What can be read, by name."""
        ...

    def columns(self, extract: Extract) -> list[Column]:
        """The columns of what the extract names."""
        ...

    def pages(self, extract: Extract, rows: int) -> Iterator[Page]:
        """The rows, at most `rows` of them in memory at once; the order is kept over the pages."""
        ...

    def last_mark(self, extract: Extract) -> str:
        """The mark of the last row there is by the extract's order, "" where there is none."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
