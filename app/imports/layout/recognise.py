"""Recognition: which kind of file this is, and which column holds which field, with a confidence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.imports.layout.kinds import SHAPES, Field, Kind, Shape
from app.imports.layout.mapping import Given, Mapping, WideColumn
from app.imports.layout.titles import plain
from app.imports.parsing.columns import filled, text_column
from app.imports.parsing.durations import UNITS, unit_of
from app.imports.parsing.moments import date_order, looks_dated
from app.imports.parsing.numbers import EITHER, decimal_mark, looks_numeric
from app.imports.reading.table import Table

SURE: Final = 0.5
"""A kind below this confidence is not chosen without being asked for."""
NUMERIC: Final = 0.8
_FACTOR: Final = re.compile(r"^(?:(?:factor|reason|code|downtime factor)\s+)?(\d{1,4})$")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file seems to be. `shares` gives the confidence of each recognised field, 0 to 1."""

    kind: Kind | None
    confidence: float
    mapping: Mapping | None
    shares: dict[str, float]
    notes: tuple[str, ...] = ()


def header_score(row: Sequence[str]) -> float:
    """How much a row looks like the header of any kind; 0 for a row that names no known field."""
    cells = [cell for cell in row if cell.strip()]
    if not cells or any(cell.replace(".", "").isdigit() for cell in cells[:1]):
        return 0.0
    titles = tuple(row)
    return max((_share(kind, titles) for kind in Kind), default=0.0)


def _share(kind: Kind, titles: Sequence[str]) -> float:
    found = _fields(kind, titles)
    return len(found) / max(1, len([title for title in titles if title.strip()]))


def _fields(kind: Kind, titles: Sequence[str]) -> dict[str, tuple[str, float]]:
    """The column of each field and how sure it is; each column serves one field, the surest pair first."""
    dated = kind is Kind.RECORDS and any(plain(t) in SHAPES[kind].field("date").aliases for t in titles)  # type: ignore[union-attr]
    pairs = []
    for place, field in enumerate(SHAPES[kind].fields):
        if kind is Kind.RECORDS and field.name in ({"start", "end"} if dated else {"start_time", "end_time"}):
            continue
        for title in titles:
            word = plain(title)
            if word in field.aliases:
                pairs.append((field.aliases.index(word), place, field.name, title))
    found: dict[str, tuple[str, float]] = {}
    used: set[str] = set()
    for rank, _, name, title in sorted(pairs):
        if name not in found and title not in used:
            found[name] = (title, 1.0 if rank < 3 else 0.8)
            used.add(title)
    return found


def _has_hallmark(shape: Shape, found: dict[str, tuple[str, float]]) -> bool:
    return any(mark <= found.keys() for mark in shape.hallmarks)


def _wide(kind: Kind, table: Table, used: set[str]) -> tuple[WideColumn, ...]:
    """The columns whose title is a key: numbered reasons, or numeric columns of telemetry."""
    rest = [title for title in table.header if title not in used]
    if kind is Kind.DOWNTIME:
        return tuple(wide_column(kind, title) for title in rest if _FACTOR.match(plain(title)))
    if kind is not Kind.TELEMETRY:
        return ()
    numeric = [title for title in rest if looks_numeric(_sample(table, title)) >= NUMERIC]
    return tuple(wide_column(kind, title) for title in numeric)


def wide_column(kind: Kind, title: str) -> WideColumn:
    """A column whose title is a key: the number of a reason (in minutes), or a parameter with its unit."""
    if kind is Kind.DOWNTIME:
        hit = _FACTOR.match(plain(title))
        return WideColumn(title, hit.group(1) if hit else title, _time_unit(title) or "min")
    return WideColumn(title, key_of(title), unit_of(title))


def key_of(title: str) -> str:
    """The key of a parameter from its column's title: its words joined by underscores, without the unit."""
    bare = re.sub(r"[(\[][^)\]]*[)\]]", " ", title).strip()
    return re.sub(r"[^0-9A-Za-z.]+", "_", bare).strip("_").lower() or title.strip()


def _time_unit(title: str) -> str:
    return UNITS.get(unit_of(title).lower(), "")


def _sample(table: Table, title: str) -> Any:
    place = table.header.index(title)
    return text_column([row[place] for row in table.sample])


def _confidence(
    kind: Kind, table: Table
) -> tuple[float, dict[str, tuple[str, float]], tuple[WideColumn, ...]]:
    found = _fields(kind, table.header)
    used = {title for title, _ in found.values()}
    wide = () if {"parameter", "value"} <= found.keys() else _wide(kind, table, used)
    shape = SHAPES[kind]
    if shape.wide and len(wide) >= (2 if kind is Kind.DOWNTIME else 1) and _can_be_wide(kind, found):
        share = (len(found) + len(wide)) / len(table.header)
        return share * (1.0 if kind is Kind.DOWNTIME else 0.75), found, wide
    if kind is Kind.DOWNTIME or not _has_hallmark(shape, found):
        return 0.0, found, wide
    sure = sum(share for _, share in found.values()) / len(table.header)
    return 0.5 + 0.5 * sure + 0.001 * len(found), found, ()


def _can_be_wide(kind: Kind, found: dict[str, tuple[str, float]]) -> bool:
    return ("batch" if kind is Kind.DOWNTIME else "time") in found


def recognise(table: Table, kind: Kind | None = None) -> Recognised:
    """Which kind is this table, and which column is which field? With `kind` only its fields are looked for.

    The mapping names the decimal mark and the order of dates as the first 1,000 rows prove them; times
    without an offset get no zone here.
    """
    ranked = [(*_confidence(one, table), one) for one in ([kind] if kind else Kind)]
    confidence, found, wide, best = max(ranked, key=lambda entry: entry[0])
    if kind is None and confidence < SURE:
        return Recognised(None, confidence, None, {})
    columns = {name: Given(title, _unit(best, name, title)) for name, (title, _) in found.items()}
    if wide and best is Kind.TELEMETRY:
        columns = {name: given for name, given in columns.items() if name in {"machine", "time"}}
    mark, doubt = _decimal(table, best, columns, wide)
    order = date_order([_sample(table, title) for title in table.header])
    mapping = Mapping(
        best,
        columns,
        _implied(best, columns),
        wide,
        decimal=mark,
        date_order={True: "day", False: "month", None: ""}[order],
        state_numbers="packml" if "packml" in plain(columns.get("state", Given("")).text) else "",
        sheet=table.sheet,
    )
    shares = {name: share for name, (_, share) in found.items() if name in columns}
    return Recognised(best, min(confidence, 1.0), mapping, shares, _notes(mapping, doubt))


def _unit(kind: Kind, name: str, title: str) -> str:
    field: Field | None = SHAPES[kind].field(name)
    if field is None:
        return ""
    if not field.timed:
        return unit_of(title) if name == "value" else ""
    return _time_unit(title) or dict(field.default_units).get(plain(title), "")


def _decimal(
    table: Table, kind: Kind, columns: dict[str, Given], wide: tuple[WideColumn, ...]
) -> tuple[str, str]:
    if table.sheets:
        return EITHER, ""
    used = [given.text for name, given in columns.items() if name in _NUMBERS] + [one.column for one in wide]
    samples = [_sample(table, title) for title in used]
    return decimal_mark([sample for sample in samples if filled(sample).any()], table.delimiter)


_NUMBERS: Final = frozenset(
    {
        "ideal_cycle", "importance", "planned", "operating", "downtime", "output", "good", "total", "scrap",
        "rework", "startup_scrap", "duration", "value",
    }
)  # fmt: skip


def _implied(kind: Kind, columns: dict[str, Given]) -> dict[str, Given]:
    """A batch record without any count stands for one batch, which is good."""
    if kind is Kind.RECORDS and "batch" in columns and not {"output", "good"} & columns.keys():
        return {"output": Given("1"), "good": Given("1")}
    if kind is Kind.PRODUCTS and "ideal_cycle" in columns and "unit" not in columns:
        return {"unit": Given("batch")} if "batch" in plain(columns["ideal_cycle"].text) else {}
    return {}


def _notes(mapping: Mapping, doubt: str) -> tuple[str, ...]:
    notes = []
    if "output" in mapping.constants:
        notes.append("No column says what was made: each row counts as one good batch.")
    cycle = mapping.columns.get("ideal_cycle")
    if cycle and not unit_of(cycle.text) and cycle.unit:
        notes.append(f"'{cycle.text}' names no unit: it is read in minutes.")
    if doubt:
        meaning = "a decimal comma" if mapping.decimal == "," else "a decimal point"
        notes.append(f"'{doubt}' could be read in two ways; the file is read with {meaning}.")
    return tuple(notes)


def dated_columns(table: Table) -> tuple[str, ...]:
    """The columns that hold dates, for choosing."""
    return tuple(title for title in table.header if looks_dated(_sample(table, title)) >= NUMERIC)
