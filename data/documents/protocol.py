"""What every document store answers, whichever engine keeps the documents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from data.documents.document import Document

WALK_ROWS = 500
"""How many documents a walk asks for at a time."""
Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Search:
    """Which documents: in [start_us, end_us), of one machine, with these values at the body's top level.

    The newest come first, of one time the largest key; `limit` and `offset` cut a page out.
    """

    start_us: int | None = None
    end_us: int | None = None
    machine: str | None = None
    where: Mapping[str, Scalar] = field(default_factory=dict)
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class DocumentHealth:
    """How the store is; `documents` counts those of all factories."""

    reachable: bool
    engine: str
    version: str = ""
    latency_ms: float = 0.0
    documents: int = 0
    newest_us: int | None = None
    problem: str = ""


class DocumentStore(Protocol):
    """Documents of (factory, collection, key).

    Every method takes the factory's slug first and sees nothing of any other factory. Errors: InvalidInput
    (a body or a name that cannot be kept), NotFound (no such factory), StoreUnavailable.
    """

    def put(self, factory: str, collection: str, documents: Sequence[Document]) -> None:
        """Keep them, durable when this returns; a known key is replaced, so that repeating it is harmless."""
        ...

    def get(self, factory: str, collection: str, key: str) -> Document | None:
        """The document of a key, None if there is none."""
        ...

    def find(self, factory: str, collection: str, search: Search) -> list[Document]:
        """One page of the documents that the search names."""
        ...

    def count(self, factory: str, collection: str, search: Search) -> int:
        """How many documents the search names, whatever its page."""
        ...

    def delete(self, factory: str, collection: str, keys: Sequence[str]) -> int:
        """Forget documents; returns how many there were."""
        ...

    def expire(self, factory: str, collection: str, before_us: int) -> int:
        """Forget what is older than `before_us`; returns how many there were."""
        ...

    def collections(self, factory: str) -> list[str]:
        """The names of the factory's collections that hold something, sorted."""
        ...

    def walk(self, factory: str, collection: str) -> Iterator[Document]:
        """Every document in the order of the keys; what is written meanwhile may be among them or not."""
        ...

    def health(self) -> DocumentHealth:
        """How is the store? Never raises StoreUnavailable: `reachable` and `problem` say it."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
