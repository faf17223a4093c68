"""CSV files: delimiter and encoding found, rows streamed with the line on which each begins."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.errors import InvalidInput
from app.imports.reading.headers import distinct, header_place
from app.imports.reading.source import Source
from app.imports.reading.table import BATCH_ROWS, Chunk, Gathering, Row, Table

DELIMITERS: Final = (",", ";", "\t", "|")
DELIMITER_NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
HEAD_CHARACTERS: Final = 256 * 1024
SAMPLE_ROWS: Final = 1_000
HEADER_WITHIN: Final = 15
MOST_COLUMNS: Final = 1_000
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\s*$", re.IGNORECASE)
_BREAK: Final = re.compile(r"\r\n|\r|\n")


def open_text(source: Source, score: Callable[[Sequence[str]], float]) -> Table:
    """The table in a CSV file. InvalidInput for a binary file, or one without any row."""
    encoding = source.encoding()
    head = _head(source, encoding)
    delimiter, skipped = _delimiter(head)
    try:
        rows = list(_reader(io.StringIO(head, newline=""), delimiter))
    except csv.Error as error:
        raise _unreadable(source, str(error)) from error
    if len(head) >= HEAD_CHARACTERS and len(rows) > 1:
        rows = rows[:-1]
    place = skipped + header_place(rows[skipped : skipped + HEADER_WITHIN], score)
    if place >= len(rows) or not any(rows[place]):
        raise InvalidInput.at("file", f"{source.name} holds no row.")
    header = distinct(rows[place])
    if len(header) > MOST_COLUMNS:
        raise InvalidInput.at("file", f"{source.name} has {len(header):,} columns; {MOST_COLUMNS:,} at most.")

    def chunks(size: int) -> Iterator[Chunk]:
        return _chunks(source, encoding, delimiter, header, place, size)

    sample = tuple(row for row in rows[place + 1 : place + 1 + SAMPLE_ROWS] if len(row) == len(header))
    line = 1 + sum(1 + _breaks(row) for row in rows[:place])
    detail = f"text in {encoding}, columns divided by {DELIMITER_NAMES.get(delimiter, repr(delimiter))}"
    return Table(header, line, sample, chunks, detail, source.lines(), delimiter)


def _head(source: Source, encoding: str) -> str:
    with source.open() as stream, io.TextIOWrapper(stream, encoding, newline="") as text:
        return text.read(HEAD_CHARACTERS)


def _reader(lines: Iterator[str] | io.TextIOBase, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter)


def _delimiter(head: str) -> tuple[str, int]:
    """The delimiter, and how many rows a `sep=;` line takes at the top.

    The one that gives most rows the same number of cells, more than one; of equals the one with more cells.
    """
    told = _SEPARATOR_LINE.match(_BREAK.split(head, maxsplit=1)[0])
    if told:
        return told.group(1), 1
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in islice(_reader(io.StringIO(head, newline=""), delimiter), 50) if any(row)]
        except csv.Error:
            continue
        widths = Counter(map(len, rows))
        width, times = max(
            widths.items(), key=lambda pair: (pair[1] * (pair[0] > 1), pair[0]), default=(1, 0)
        )
        score = (times / max(len(rows), 1), width)
        if width > 1 and score > best:
            best, found = score, delimiter
    return found, 0


def _breaks(row: Row) -> int:
    return sum(len(_BREAK.findall(cell)) for cell in row)


def _unreadable(source: Source, reason: str, line: int = 0) -> InvalidInput:
    where = f" near line {line:,}" if line else ""
    return InvalidInput.at(
        "file",
        f"{source.name} cannot be read as CSV{where}: {reason}. A quotation mark that is opened and never "
        "closed is the usual cause.",
    )


def _chunks(
    source: Source, encoding: str, delimiter: str, header: tuple[str, ...], place: int, size: int
) -> Iterator[Chunk]:
    with source.open() as stream, io.TextIOWrapper(stream, encoding, newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        try:
            for _ in islice(reader, place + 1):
                pass
            before, gathered = reader.line_num, Gathering(header)
            while part := list(islice(reader, BATCH_ROWS)):
                gathered.add(part, _lines(part, before, reader.line_num))
                before = reader.line_num
                if gathered.size >= size:
                    yield gathered.chunk()
                    gathered = Gathering(header)
            if gathered.size:
                yield gathered.chunk()
        except csv.Error as error:
            raise _unreadable(source, str(error), reader.line_num) from error


def _lines(rows: list[list[str]], before: int, after: int) -> npt.NDArray[np.int64]:
    """The line on which each row begins; rows with line breaks inside quotes take several."""
    if after - before == len(rows):
        return np.arange(before + 1, after + 1, dtype=np.int64)
    taken = np.fromiter((1 + _breaks(row) for row in rows), np.int64, len(rows))
    return before + 1 + np.concatenate([[0], np.cumsum(taken)[:-1]]).astype(np.int64)
