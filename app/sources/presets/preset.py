"""What a preset is: questions to a person, and the streams that follow from the answers and the source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analytics.errors import InvalidInput
from app.imports.layout.kinds import Kind
from app.imports.layout.mapping import Given
from app.imports.layout.mapping import Mapping as FieldMapping
from app.sources.streams import Stream
from data.sources.protocol import Connector, Extract


@dataclass(frozen=True, slots=True)
class Option:
    """A question that a preset asks; `default` answers it."""

    name: str
    label: str
    help: str
    default: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The streams of a source, and what a person should know about them."""

    streams: tuple[Stream, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preset:
    """A system whose schema is known."""

    key: str
    title: str
    about: str
    example: str
    """What an address looks like."""
    options: tuple[Option, ...]
    build: Callable[[Connector, Mapping[str, str]], Plan]

    def answers(self, given: Mapping[str, str]) -> dict[str, str]:
        """All answers, with the defaults filled in; InvalidInput for an option that there is not."""
        unknown = sorted(set(given) - {one.name for one in self.options})
        if unknown:
            known = ", ".join(one.name for one in self.options) or "none"
            raise InvalidInput.at(unknown[0], f"This preset has no option '{unknown[0]}'; it has {known}.")
        return {one.name: given.get(one.name, "").strip() or one.default for one in self.options}


def mapping(
    kind: Kind,
    columns: Mapping[str, str],
    *,
    constants: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    zone: str = "UTC",
    create_machines: bool = False,
) -> FieldMapping:
    """A mapping from plain names; `units` are those of timed fields."""
    timed = units or {}
    return FieldMapping(
        kind,
        {name: Given(text, timed.get(name, "")) for name, text in columns.items()},
        {name: Given(text, timed.get(name, "")) for name, text in (constants or {}).items()},
        zone=zone,
        date_order="",
        create_machines=create_machines,
    )


class Tables:
    """The tables of a relational source, whatever letter case they are written in."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._names = {item.name.casefold(): item.name for item in connector.items()}

    def find(self, *names: str) -> str:
        """The first table of these that is there, or an empty word."""
        return next((self._names[name] for name in map(str.casefold, names) if name in self._names), "")

    def need(self, name: str, system: str) -> str:
        """The table of a name; InvalidInput says what the source lacks."""
        found = self.find(name)
        if not found:
            raise InvalidInput.at("preset", f"There is no table {name}: this is no database of {system}.")
        return found

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table by their name in small letters."""
        return {one.name.casefold(): one.name for one in self._connector.columns(Extract(table))}


def first(columns: Mapping[str, str], *names: str) -> str:
    """The first of these columns that is there, or an empty word."""
    return next((columns[name.casefold()] for name in names if name.casefold() in columns), "")
