"""Opening a file as a table, whichever format it has."""

from collections.abc import Callable, Sequence

from app.imports.reading.source import Source
from app.imports.reading.table import Table
from app.imports.reading.text_file import open_text
from app.imports.reading.workbook import open_workbook


def open_table(
    source: Source, score: Callable[[Sequence[str]], float], *, most_mb: int, sheet: str = ""
) -> Table:
    """The file as a table; `score` says how much a row looks like a header. Raises InvalidInput."""
    source.check_size(most_mb)
    if source.is_workbook():
        return open_workbook(source, score, sheet=sheet, most_mb=most_mb)
    return open_text(source, score)
