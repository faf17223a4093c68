"""Excel workbooks (.xlsx): one sheet as a table of text, read without loading it whole."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analytics.errors import InvalidInput
from app.imports.reading.headers import distinct, header_place
from app.imports.reading.source import MEGABYTE, Source
from app.imports.reading.table import BATCH_ROWS, Chunk, Gathering, Table
from app.imports.reading.text_file import HEADER_WITHIN, MOST_COLUMNS, SAMPLE_ROWS

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MOST_UNPACKED: Final = 10
"""A workbook may unpack to at most this many times the largest file that an import takes."""
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError,
    EOFError, OSError, OverflowError, NotImplementedError,
)  # fmt: skip


def open_workbook(
    source: Source, score: Callable[[Sequence[str]], float], *, sheet: str, most_mb: int
) -> Table:
    """The table in a sheet: the named one, else the first whose header is recognised, else the first.

    InvalidInput for a damaged file, a sheet that is not there, or a file that unpacks to a huge size.
    """
    _check_unpacked(source, most_mb)
    with _opened(source) as book:
        names = tuple(one.title for one in book.worksheets)
        sizes = {name: int(book[name].max_row or 0) for name in names}
        heads = {name: _head(book[name]) for name in names}
    if sheet and sheet not in heads:
        raise InvalidInput.at("sheet", f"{source.name} has no sheet '{sheet}'; it has {', '.join(names)}.")
    places = {name: header_place(rows[:HEADER_WITHIN], score) for name, rows in heads.items()}
    chosen = sheet or _best(heads, places, score)
    if not chosen or not any(any(row) for row in heads[chosen]):
        raise InvalidInput.at("file", f"{source.name} holds no row{f' on {chosen}' if chosen else ''}.")
    rows, place = heads[chosen], places[chosen]
    while rows[place] and not rows[place][-1]:
        rows[place] = rows[place][:-1]
    header = distinct(rows[place])

    def chunks(size: int) -> Iterator[Chunk]:
        return _chunks(source, chosen, header, place, size)

    sample = tuple([*row, *[""] * (len(header) - len(row))][: len(header)] for row in rows[place + 1 :])
    detail = f"Excel, sheet {chosen}"
    return Table(header, place + 1, sample, chunks, detail, sizes[chosen], sheets=names, sheet=chosen)


def _check_unpacked(source: Source, most_mb: int) -> None:
    most = most_mb * MOST_UNPACKED * MEGABYTE
    try:
        with source.open() as stream, zipfile.ZipFile(stream) as archive:
            size = sum(part.file_size for part in archive.infolist())
            shared = sum(p.file_size for p in archive.infolist() if p.filename.endswith("sharedStrings.xml"))
    except _DAMAGED as error:
        raise _damaged(source) from error
    if size > most or shared > most_mb * MEGABYTE:
        raise InvalidInput.at(
            "file",
            f"{source.name} would unpack to {size / MEGABYTE:,.0f} MB, which is more than an import takes. "
            "Save the sheet as CSV, or split it.",
        )


def _damaged(source: Source) -> InvalidInput:
    return InvalidInput.at(
        "file", f"{source.name} is not a readable Excel workbook: it is damaged or protected. Save it again."
    )


@contextmanager
def _opened(source: Source) -> "Iterator[Workbook]":
    import warnings

    from openpyxl import load_workbook

    with source.open() as stream:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                book = load_workbook(stream, read_only=True, data_only=True)
        except _DAMAGED as error:
            raise _damaged(source) from error
        try:
            yield book
        finally:
            book.close()


def _head(sheet: Any) -> list[list[str]]:
    sheet.reset_dimensions()
    rows = islice(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), SAMPLE_ROWS + HEADER_WITHIN)
    try:
        return [[_text(cell) for cell in row] for row in rows]
    except _DAMAGED as error:
        raise InvalidInput.at("file", f"The sheet '{sheet.title}' cannot be read: it is damaged.") from error


def _best(
    heads: dict[str, list[list[str]]], places: dict[str, int], score: Callable[[Sequence[str]], float]
) -> str:
    scores = {name: score(rows[places[name]]) if rows else -1.0 for name, rows in heads.items()}
    return max(scores, key=scores.__getitem__, default="")


def _chunks(source: Source, sheet: str, header: tuple[str, ...], place: int, size: int) -> Iterator[Chunk]:
    with _opened(source) as book:
        page = book[sheet]
        page.reset_dimensions()
        rows = page.iter_rows(min_row=place + 2, max_col=MOST_COLUMNS, values_only=True)
        line, gathered = place + 2, Gathering(header, pad=True)
        while True:
            try:
                part = [[_text(cell) for cell in row] for row in islice(rows, BATCH_ROWS)]
            except _DAMAGED as error:
                raise _damaged(source) from error
            gathered.add(part, np.arange(line, line + len(part), dtype=np.int64))
            line += len(part)
            if gathered.size >= size or (not part and gathered.size):
                yield gathered.chunk()
                gathered = Gathering(header, pad=True)
            if not part:
                return


def _text(cell: object) -> str:
    """A typed cell as the text that the parsers read: ISO dates, a point before decimals."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime():
            return cell.isoformat(" ")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            seconds = round(cell.total_seconds())
            return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        case _:
            return str(cell)
