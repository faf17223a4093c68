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

CHUNK_ROWS: Final = 20_000
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
    """Some rows of one width: row i stands at line `lines[i]`; cells are texts without outer spaces."""

    header: tuple[str, ...]
    rows: list[Row]
    lines: npt.NDArray[np.int64]
    broken: tuple[Reject, ...] = ()
    repeated: tuple[int, ...] = ()
    _columns: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Any:
        """The cells of a column as a pyarrow string array."""
        if not self._columns:
            cells = zip(*self.rows, strict=True) if self.rows else [()] * len(self.header)
            for title, values in zip(self.header, cells, strict=True):
                self._columns[title] = pc.utf8_trim_whitespace(pa.array(values, pa.string()))
        return self._columns[name]

    def raw(self, position: int) -> str:
        """A row as one line of CSV."""
        return as_line(self.rows[position])


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


def chunk_of(
    header: tuple[str, ...], rows: list[Row], lines: npt.NDArray[np.int64], *, pad: bool = False
) -> Chunk:
    """Sort rows out: blank ones go, repeated headers are noted, ragged ones are rejected.

    With `pad` (a workbook, which does not store empty cells) short rows are filled up.
    """
    filled = np.fromiter(map(any, rows), np.bool_, len(rows))
    widths = np.fromiter(map(len, rows), np.int64, len(rows))
    keep = filled & (widths == len(header))
    fixed: dict[int, Row] = {}
    broken: list[Reject] = []
    for at in np.flatnonzero(filled & ~keep).tolist():
        row = _fitted(rows[at], len(header), pad=pad)
        if row is None:
            message = f"The row has {len(rows[at])} cells, the header has {len(header)}."
            broken.append(Reject(int(lines[at]), "row", message, as_line(rows[at])))
        else:
            fixed[at] = row
            keep[at] = True
    if fixed:
        rows = [fixed.get(at, row) for at, row in enumerate(rows)]
    repeated = _repeated(header, rows, keep)
    for at in repeated:
        keep[at] = False
    kept = rows if keep.all() else [rows[at] for at in np.flatnonzero(keep).tolist()]
    return Chunk(header, kept, lines[keep], tuple(broken), tuple(int(lines[at]) for at in repeated))


def _fitted(row: Row, width: int, *, pad: bool) -> Row | None:
    if len(row) > width and not any(row[width:]):
        return row[:width]
    if len(row) < width and pad:
        return [*row, *[""] * (width - len(row))]
    return None


def _repeated(header: tuple[str, ...], rows: list[Row], keep: npt.NDArray[np.bool_]) -> list[int]:
    first = header[0].strip()
    spellings = {first, first.lower(), first.upper(), first.capitalize()}
    hits = np.fromiter((bool(row) and row[0].strip() in spellings for row in rows), np.bool_, len(rows))
    return [at for at in np.flatnonzero(hits & keep).tolist() if is_header_again(header, rows[at])]
