"""What a report says, whatever its format: sections of facts, sentences, tables and charts over them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.audit.journal import canonical
from data.models import from_us

Kind = Literal["text", "number", "whole", "share", "moment", "day"]
Cell = str | float | int | date | None
"""Moments are int64 microseconds UTC, shares 0 to 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name, its unit and what its cells are."""

    name: str
    kind: Kind = "text"
    unit: str = ""

    @property
    def head(self) -> str:
        """The name with its unit."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; `key` is unique in a report."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def column(self, name: str) -> int:
        """The place of a column."""
        return [one.name for one in self.columns].index(name)


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines or bars over the rows `first` to `last` (excluded) of a table of the same section."""

    title: str
    form: Literal["line", "bar"]
    table: str
    x: str
    y: tuple[str, ...]
    unit: str
    first: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure; None where it cannot be computed, and then `note` says why."""

    name: str
    value: float | int | None
    kind: Kind = "number"
    unit: str = ""
    before: float | int | None = None
    """The same figure of the period before."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report before it takes a format."""

    key: str
    title: str
    factory: str
    slug: str
    timezone: str
    currency: str
    start_us: int
    end_us: int
    made_us: int
    made_by: str
    machines: tuple[str, ...]
    code_version: str
    fingerprint: str
    sections: tuple[Section, ...] = field(default=())

    @property
    def zone(self) -> ZoneInfo:
        """The factory's zone, in which every time is written."""
        return ZoneInfo(self.timezone)


def plain(document: Document) -> dict[str, Any]:
    """The document as JSON has it: times in ISO 8601 with the factory's offset."""
    zone = document.zone
    names = ("key", "title", "factory", "slug", "timezone", "currency", "made_by", "machines")
    return {
        **{name: getattr(document, name) for name in names},
        "machines": list(document.machines),
        "start": iso(document.start_us, zone),
        "end": iso(document.end_us, zone),
        "made_at": iso(document.made_us, zone),
        "code_version": document.code_version,
        "fingerprint": document.fingerprint,
        "sections": [_section(one, zone) for one in document.sections],
    }


def content_digest(said: Mapping[str, Any]) -> str:
    """The SHA-256 of what a report says, over its canonical JSON."""
    return sha256(canonical(dict(said))).hexdigest()


def iso(moment_us: int, zone: ZoneInfo) -> str:
    """A moment with the factory's offset."""
    return from_us(moment_us).astimezone(zone).isoformat()


def table(key: str, title: str, frame: pd.DataFrame, columns: Mapping[str, Column]) -> Table:
    """A table of some columns of a frame, by the frame's names; NaN becomes an empty cell."""
    cells = [_cells(frame[name].tolist(), column.kind) for name, column in columns.items()]
    return Table(key, title, tuple(columns.values()), tuple(zip(*cells, strict=True)))


def _cells(values: Sequence[Any], kind: Kind) -> list[Cell]:
    if kind in {"number", "share"}:
        return [None if value is None or value != value else float(value) for value in values]  # noqa: PLR0124
    if kind in {"whole", "moment"}:
        return [None if value is None or value != value else int(value) for value in values]  # noqa: PLR0124
    if kind == "day":
        return list(values)
    return ["" if value is None else str(value) for value in values]


def known(value: Any) -> float | None:
    """A figure of a frame, None for NaN."""
    return None if value is None or np.isnan(value) else float(value)


def _section(section: Section, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "sentences": list(section.sentences),
        "facts": [
            {"name": one.name, "value": one.value, "unit": one.unit, "kind": one.kind, "before": one.before,
             "note": one.note}
            for one in section.facts
        ],
        "tables": [
            {
                "key": one.key,
                "title": one.title,
                "columns": [{"name": c.name, "unit": c.unit, "kind": c.kind} for c in one.columns],
                "rows": list(_rows(one, zone)),
            }
            for one in section.tables
        ],
    }  # fmt: skip


def _rows(one: Table, zone: ZoneInfo) -> Iterable[list[Any]]:
    moments = [place for place, column in enumerate(one.columns) if column.kind == "moment"]
    days = [place for place, column in enumerate(one.columns) if column.kind == "day"]
    for row in one.rows:
        said: list[Any] = list(row)
        for place in moments:
            if said[place] is not None:
                said[place] = iso(said[place], zone)
        for place in days:
            said[place] = None if said[place] is None else str(said[place])
        yield said
