"""The rejected rows as CSV that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from app.imports.reading.table import Reject

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
TITLES: Final = ("File", "Line", "Field", "Reason", "Row")


def neutral(text: str) -> str:
    """A text that a spreadsheet would take for a formula behind an apostrophe.

    >>> neutral("=1+1"), neutral("saw")
    ("'=1+1", 'saw')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def as_csv(rejects: Iterable[tuple[str, Reject]]) -> bytes:
    """File, line, field, reason and the row itself, in UTF-8 with a byte order mark."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(TITLES)
    for name, reject in rejects:
        cells = (name, str(reject.line), reject.field, reject.message, reject.row)
        writer.writerow([neutral(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")
