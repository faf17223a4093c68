"""A table of text, read in chunks of rows that know their lines."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.imports.reading.headers import is_header_again

BATCH_ROWS: Final = 500
"""Rows that are read at once and turned into columns."""
LONGEST_RAW: Final = 4_000
Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is not taken: its line in the file, the field, the reason, the row as it stands there."""

    line: int
    field: str
    message: str
    row: str


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some rows of one width, by column: row i stands at line `lines[i]`.

    `numeric` names columns whose cells were numbers where they come from.
    """

    header: tuple[str, ...]
    columns: list[list[str]]
    lines: npt.NDArray[np.int64]
    broken: tuple[Reject, ...] = ()
    repeated: tuple[int, ...] = ()
    numeric: frozenset[str] = frozenset()
    _known: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> Any:
        """The cells of a column without outer spaces, as a pyarrow string array."""
        if name not in self._known:
            cells = self.columns[self.header.index(name)]
            self._known[name] = pc.utf8_trim_whitespace(pa.array(cells, pa.string()))
        return self._known[name]

    def raw(self, position: int) -> str:
        """A row as one line of CSV."""
        return as_line([column[position] for column in self.columns])


@dataclass(frozen=True, slots=True)
class Table:
    """A file as a table. `chunks(n)` reads it anew from the first row, n rows at a time.

    `lines` is about how many lines it has, 0 where that is not known.
    """

    header: tuple[str, ...]
    header_line: int
    sample: tuple[Row, ...]
    chunks: Callable[[int], Iterator[Chunk]]
    detail: str
    lines: int
    delimiter: str = ""
    sheets: tuple[str, ...] = ()
    sheet: str = ""


def as_line(row: Row) -> str:
    """Cells as one line of CSV, cut to a length that a message can hold."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(row)
    return line.getvalue()[:LONGEST_RAW]


class Gathering:
    """Sorts rows out on their way into a chunk: blank ones go, repeated headers are noted, ragged rejected.

    Rows come in small batches and are turned into columns at once: hundreds of thousands of living row
    objects would keep the garbage collector busy. With `pad` (a workbook, which does not store empty cells)
    short rows are filled up.
    """

    def __init__(self, header: tuple[str, ...], *, pad: bool = False) -> None:
        self._header, self._pad = header, pad
        self._columns: list[list[str]] = [[] for _ in header]
        self._lines: list[npt.NDArray[np.int64]] = []
        self._broken: list[Reject] = []
        self._repeated: list[int] = []
        self.size = 0

    def add(self, rows: Sequence[Row], lines: npt.NDArray[np.int64]) -> None:
        """Take a batch of rows and the line of each."""
        self.size += len(rows)
        width = len(self._header)
        sound = [len(row) == width and any(row) for row in rows]
        if not all(sound):
            rows, lines = self._sorted_out(rows, lines, sound)
        again = _repeated(self._header, rows)
        if again:
            self._repeated += [int(lines[at]) for at in again]
            rows = [row for at, row in enumerate(rows) if at not in again]
            lines = np.delete(lines, again)
        for column, cells in zip(self._columns, zip(*rows, strict=True), strict=bool(rows)):
            column.extend(cells)
        self._lines.append(lines)

    def chunk(self) -> Chunk:
        """The rows so far."""
        lines = np.concatenate([np.zeros(0, np.int64), *self._lines])
        return Chunk(self._header, self._columns, lines, tuple(self._broken), tuple(self._repeated))

    def _sorted_out(
        self, rows: Sequence[Row], lines: npt.NDArray[np.int64], sound: list[bool]
    ) -> tuple[list[Row], npt.NDArray[np.int64]]:
        kept: list[Row] = []
        places: list[int] = []
        width = len(self._header)
        for at, row in enumerate(rows):
            fitted = row if sound[at] else _fitted(row, width, pad=self._pad)
            if fitted is not None:
                kept.append(fitted)
                places.append(at)
            elif any(row):
                message = f"The row has {len(row)} cells, the header has {width}."
                self._broken.append(Reject(int(lines[at]), "row", message, as_line(row)))
        return kept, lines[places]


def _fitted(row: Row, width: int, *, pad: bool) -> Row | None:
    if not any(row):
        return None
    if len(row) > width and not any(row[width:]):
        return row[:width]
    if len(row) < width and pad:
        return [*row, *[""] * (width - len(row))]
    return None


def _repeated(header: tuple[str, ...], rows: Sequence[Row]) -> list[int]:
    first = header[0].strip()
    spellings = {first, first.lower(), first.upper(), first.capitalize()}
    return [at for at, row in enumerate(rows) if row[0] in spellings and is_header_again(header, row)]
