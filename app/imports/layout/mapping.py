"""Which column, or which fixed value, gives each field of a file; what a person chose about it."""

from collections.abc import Mapping as ReadOnlyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.errors import FieldProblem, InvalidInput
from app.imports.layout.kinds import SHAPES, Kind
from app.imports.parsing.durations import SECONDS, UNITS
from app.imports.parsing.numbers import EITHER
from app.imports.parsing.states import NUMBERINGS

DATE_ORDERS = ("day", "month")
FACTORY_ZONE = "factory"


@dataclass(frozen=True, slots=True)
class Given:
    """Where a field's values come from: a column's title or, as a constant, the value itself."""

    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class WideColumn:
    """A column whose title is a key: a parameter of telemetry, or a reason of downtime."""

    column: str
    key: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """How to read a file.

    `zone` is the IANA name of the zone of times without an offset, or "" if nobody named one. `decimal` is
    "." or ","; `date_order` is "day", "month" or "" where days and months could be swapped.
    """

    kind: Kind
    columns: ReadOnlyMapping[str, Given] = field(default_factory=dict)
    constants: ReadOnlyMapping[str, Given] = field(default_factory=dict)
    wide: tuple[WideColumn, ...] = ()
    zone: str = ""
    decimal: str = "."
    date_order: str = "day"
    state_numbers: str = ""
    sheet: str = ""
    create_machines: bool = False

    def gives(self, name: str) -> bool:
        """Whether the field has a column or a constant."""
        return name in self.columns or name in self.constants

    def unit(self, name: str) -> str:
        """The unit of a timed field, "" where nobody named it."""
        given = self.columns.get(name) or self.constants.get(name)
        return UNITS.get(given.unit.lower(), "") if given else ""

    @property
    def day_first(self) -> bool | None:
        """The order of days and months; None where it is not known."""
        return {"day": True, "month": False}.get(self.date_order)

    def zone_info(self) -> ZoneInfo | None:
        """The zone of times without an offset."""
        return ZoneInfo(self.zone) if self.zone else None


def problems(mapping: Mapping, header: Sequence[str]) -> list[FieldProblem]:
    """What keeps a mapping from being used on a file with these columns; empty when nothing does."""
    found = [
        FieldProblem(name, f"There is no column '{given.text}' in this file.")
        for name, given in mapping.columns.items()
        if given.text not in header
    ]
    found += [
        FieldProblem(one.key, f"There is no column '{one.column}' in this file.")
        for one in mapping.wide
        if one.column not in header
    ]
    return found + _missing(mapping) + _units(mapping) + _options(mapping)


def _missing(mapping: Mapping) -> list[FieldProblem]:
    shape = SHAPES[mapping.kind]
    found = [
        FieldProblem(
            field.name,
            f"{field.label}: choose its column, or one value for all rows (--set {field.name}=...).",
        )
        for field in shape.fields
        if field.required and not mapping.gives(field.name)
    ]
    if mapping.kind is Kind.RECORDS:
        found += _times_of_records(mapping)
    if mapping.kind is Kind.COUNTS:
        if not mapping.gives("good") and not mapping.gives("total"):
            found.append(FieldProblem("good", "Choose the column of the good units, or of the total."))
        if not mapping.gives("end") and not mapping.gives("duration"):
            text = "A count covers an interval: choose its end, or give its length (--set duration[min]=60)."
            found.append(FieldProblem("end", text))
    if mapping.kind is Kind.DOWNTIME and not mapping.wide:
        found.append(FieldProblem("batch", "No column is titled with the code of a reason."))
    if mapping.kind is Kind.TELEMETRY and not mapping.wide:
        found += [
            FieldProblem(name, "Choose the columns of parameter and value, or one column per parameter.")
            for name in ("parameter", "value")
            if not mapping.gives(name)
        ]
    if mapping.kind is Kind.PRODUCTS and mapping.gives("ideal_cycle") and not mapping.gives("machine"):
        text = "An ideal cycle time belongs to a machine: choose the machine, or leave the cycle out."
        found.append(FieldProblem("machine", text))
    return found


def _times_of_records(mapping: Mapping) -> list[FieldProblem]:
    by_moment = mapping.gives("start") and mapping.gives("end")
    by_clock = mapping.gives("date") and mapping.gives("start_time") and mapping.gives("end_time")
    by_shift = mapping.gives("date") and mapping.gives("shift")
    if by_moment or by_clock or by_shift:
        return []
    text = "A record needs start and end, or date, start time and end time, or date and shift."
    return [FieldProblem("start", text)]


def _units(mapping: Mapping) -> list[FieldProblem]:
    return [
        FieldProblem(
            field.name,
            f"{field.label}: say its unit, s, min or h (--map '{field.name}[min]=...').",
        )
        for field in SHAPES[mapping.kind].fields
        if field.timed and mapping.gives(field.name) and not mapping.unit(field.name)
    ]


def _options(mapping: Mapping) -> list[FieldProblem]:
    found = []
    if mapping.zone and not is_zone(mapping.zone):
        text = f"'{mapping.zone}' is no time zone; use a name such as Europe/Berlin."
        found.append(FieldProblem("zone", text))
    if mapping.decimal not in {".", ",", EITHER}:
        found.append(FieldProblem("decimal", "The decimal mark is '.' or ','."))
    if mapping.date_order not in {*DATE_ORDERS, ""}:
        found.append(FieldProblem("date_order", "The order of a date is 'day' or 'month' first."))
    if mapping.state_numbers not in {*NUMBERINGS, ""}:
        found.append(FieldProblem("state_numbers", "State numbers follow 'packml' or 'gemba'."))
    return found


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person says about a file; it goes over what was recognised."""

    columns: ReadOnlyMapping[str, Given] = field(default_factory=dict)
    constants: ReadOnlyMapping[str, Given] = field(default_factory=dict)
    options: ReadOnlyMapping[str, str] = field(default_factory=dict)
    zone: str = ""
    create_machines: bool = False

    @classmethod
    def parsed(cls, maps: Sequence[str], sets: Sequence[str], zone: str, *, create_machines: bool) -> Self:
        """The choices of a command line: `field=column`, `field[unit]=column`, `field=value`."""
        columns = dict(_pair(text, "map") for text in maps)
        fixed = dict(_pair(text, "set") for text in sets)
        options = {name: fixed.pop(name).text for name in OPTIONS if name in fixed}
        known = {one.name for shape in SHAPES.values() for one in shape.fields}
        for name in (*columns, *fixed):
            if name not in known:
                raise InvalidInput.at(
                    name, f"'{name}' is no field; there are {', '.join(sorted(known | set(OPTIONS)))}."
                )
        return cls(columns, fixed, options, zone, create_machines)

    def over(self, mapping: Mapping) -> Mapping:
        """The mapping with these choices; what does not belong to its kind is left out."""
        fields = {one.name for one in SHAPES[mapping.kind].fields}
        chosen = {
            name: _kept_unit(given, mapping, name) for name, given in self.columns.items() if name in fields
        }
        fixed = {name: given for name, given in self.constants.items() if name in fields}
        used = {given.text for given in chosen.values()}
        columns = {
            name: given
            for name, given in mapping.columns.items()
            if name not in fixed and (name in chosen or given.text not in used)
        }
        return replace(
            mapping,
            columns={**columns, **chosen},
            constants={**{n: g for n, g in mapping.constants.items() if n not in chosen}, **fixed},
            wide=tuple(one for one in mapping.wide if one.column not in used),
            zone=self.zone or mapping.zone,
            create_machines=self.create_machines or mapping.create_machines,
            decimal=self.options.get("decimal", mapping.decimal),
            date_order=self.options.get("date_order", mapping.date_order),
            state_numbers=self.options.get("state_numbers", mapping.state_numbers),
            sheet=self.options.get("sheet", mapping.sheet),
        )


OPTIONS = ("decimal", "date_order", "state_numbers", "sheet")


def _kept_unit(given: Given, mapping: Mapping, name: str) -> Given:
    old = mapping.columns.get(name)
    return replace(given, unit=old.unit) if old and old.text == given.text and not given.unit else given


def _pair(text: str, option: str) -> tuple[str, Given]:
    name, equals, value = text.partition("=")
    name, _, unit = name.strip().partition("[")
    if not equals or not name or not value.strip():
        raise InvalidInput.at(
            option, f"--{option} '{text}': write field={'column' if option == 'map' else 'value'}."
        )
    unit = unit.rstrip("] ")
    if unit and unit.lower() not in UNITS:
        raise InvalidInput.at(option, f"--{option} '{text}': the unit is one of {', '.join(SECONDS)}.")
    return name.strip(), Given(value.strip(), unit)
