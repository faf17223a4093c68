"""What is read from a source: a stream names items, their order and the mapping of their columns."""

import re
from collections.abc import Iterable
from collections.abc import Mapping as ReadOnlyMapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np

from analytics.errors import FieldProblem, InvalidInput
from app.imports.layout.kinds import SHAPES, Kind
from app.imports.layout.mapping import Given, Mapping, WideColumn, problems
from app.imports.layout.recognise import key_of
from app.imports.reading.table import Chunk
from data.sources.protocol import Extract, Item, Page

ANY: Final = "{n}"
"""Stands in an item's name for what differs, as in lathe{n}_sensory_data; constants may hold it too."""
_PART: Final = r"(?P<n>[A-Za-z0-9-]+)"
LATE: Final = frozenset({Kind.TELEMETRY, Kind.ACTIVITY, Kind.DOCUMENTS})
"""Kinds whose rows are stored after the transaction that checked them."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of data in a source.

    `order` names the column that grows with each new row; without it everything is read each time. With
    `rest`, every column of telemetry that no field uses and that holds numbers is a parameter, `units` names
    their units.
    """

    name: str
    mapping: Mapping
    item: str = ""
    query: str = ""
    order: str = ""
    where: tuple[tuple[str, str], ...] = ()
    rest: bool = False
    units: ReadOnlyMapping[str, str] = field(default_factory=dict)
    is_on: bool = True

    @property
    def kind(self) -> Kind:
        """What it brings."""
        return self.mapping.kind

    def places(self, items: Iterable[Item]) -> list["Place"]:
        """The items that it reads now."""
        if self.query:
            return [Place("query", "")]
        if ANY not in self.item:
            return [Place(self.item, "")]
        pattern = re.compile(re.escape(self.item).replace(re.escape(ANY), _PART, 1))
        hits = ((item.name, pattern.fullmatch(item.name)) for item in items)
        found = [Place(name, hit["n"]) for name, hit in hits if hit]
        return sorted(found, key=lambda place: (len(place.part), place.part))

    def extract(self, place: "Place", after: str = "") -> Extract:
        """The question for one item."""
        item = "" if self.query else place.item
        return Extract(item, self.query, self.order, after, self.where)

    def used(self) -> list[str]:
        """The columns that it cannot do without."""
        named = [given.text for given in self.mapping.columns.values()]
        return [*named, *(one.column for one in self.mapping.wide), *([self.order] if self.order else [])]

    def mapping_for(self, place: "Place", page: Page) -> Mapping:
        """The mapping of a page: `{n}` filled in, the parameters that the page has."""
        constants = {
            name: replace(given, text=given.text.replace(ANY, place.part))
            for name, given in self.mapping.constants.items()
        }
        wide = self.mapping.wide
        if self.rest and self.kind is Kind.TELEMETRY:
            taken = {*self.used(), *(name for name, _ in self.where)}
            more = [name for name in page.header if name in page.numeric and name not in taken]
            wide += tuple(WideColumn(name, key_of(name), self.units.get(name, "")) for name in more)
        return replace(self.mapping, constants=constants, wide=wide)


@dataclass(frozen=True, slots=True)
class Place:
    """An item, and what `{n}` stands for in its name."""

    item: str
    part: str


def chunk_of(page: Page, first_row: int, used: Iterable[str]) -> Chunk:
    """A page as the intake takes it; a used column that this page lacks is empty."""
    size = len(page)
    missing = [name for name in dict.fromkeys(used) if name not in page.header]
    return Chunk(
        (*page.header, *missing),
        [*page.columns, *([""] * size for _ in missing)],
        np.arange(first_row, first_row + size, dtype=np.int64),
        numeric=page.numeric,
    )


def as_json(stream: Stream) -> dict[str, Any]:
    """The stream as it is stored and exported."""
    return asdict(stream)


def from_json(body: ReadOnlyMapping[str, Any]) -> Stream:
    """A stored or imported stream; InvalidInput where it is none."""
    try:
        told = dict(body["mapping"])
        mapping = Mapping(
            kind=Kind(told.pop("kind")),
            columns={name: Given(**given) for name, given in told.pop("columns", {}).items()},
            constants={name: Given(**given) for name, given in told.pop("constants", {}).items()},
            wide=tuple(WideColumn(**one) for one in told.pop("wide", ())),
            **told,
        )
        rest = {name: value for name, value in body.items() if name not in {"mapping", "where"}}
        where = tuple((str(name), str(text)) for name, text in body.get("where", ()))
        return Stream(mapping=mapping, where=where, **rest)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput.at("streams", f"This is no stream: {error}.") from error


def stream_problems(stream: Stream, columns: Iterable[str], *, is_schemaless: bool) -> list[FieldProblem]:
    """What keeps a stream from being read from an item with these columns."""
    known = list(columns)
    mapping = stream.mapping
    if stream.rest and stream.kind is Kind.TELEMETRY and not mapping.wide:
        free = [name for name in known if name not in stream.used()]
        mapping = replace(mapping, wide=tuple(WideColumn(name, name) for name in free[:1]))
    header = [*known, *stream.used()] if is_schemaless else known
    found = problems(mapping, header)
    if stream.order and stream.order not in header:
        found.append(FieldProblem("order", f"There is no column '{stream.order}' to follow the rows by."))
    return found


def shape_problems(streams: Iterable[Stream]) -> list[FieldProblem]:
    """What is wrong with streams whatever the source holds: no name, a name twice, nothing to read."""
    found: list[FieldProblem] = []
    names: set[str] = set()
    for number, stream in enumerate(streams):
        at = f"streams[{number}]"
        if not 1 <= len(stream.name) <= 120 or stream.name in names:
            found.append(FieldProblem(f"{at}.name", "Each stream has its own name, at most 120 letters."))
        names.add(stream.name)
        if bool(stream.item) == bool(stream.query):
            found.append(FieldProblem(f"{at}.item", "Choose what to read: an item, or a query."))
        known = {one.name for one in SHAPES[stream.kind].fields}
        found += [
            FieldProblem(f"{at}.{name}", f"'{stream.kind.value}' has no field '{name}'.")
            for name in (*stream.mapping.columns, *stream.mapping.constants)
            if name not in known
        ]
    return found
