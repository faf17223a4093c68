"""A report as CSV: an archive with a file per table."""

import csv
import io
import zipfile
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from app.reports.content.document import Cell, Document, Table, iso
from app.reports.proof.evidence import Stamp
from data.files.cells import neutral

FACTS = ("section", "figure", "value", "unit", "before", "note")
NAMES = "00-facts.csv"
ABOUT = """{title}
{factory}, {start} to {end} ({timezone}), made {made} by {by}.
Times have their offset. Shares are from 0 to 1. Numbers are written in full.

content digest  {content}
fingerprint     {fingerprint}
code version    {code}
audit entry     {position}

The comment of this archive proves it: python -m app report verify FILE
"""


def as_csv(document: Document, stamp: Stamp, logo: bytes) -> bytes:
    """The archive: README.txt, the facts of all sections, and each table in the order of the report."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _about(document, stamp))
        facts = [
            (section.title, one.name, one.value, one.unit, one.before, one.note)
            for section in document.sections
            for one in section.facts
        ]
        archive.writestr(NAMES, _written(FACTS, facts))
        tables = [one for section in document.sections for one in section.tables]
        for place, one in enumerate(tables, 1):
            archive.writestr(f"{place:02d}-{one.key}.csv", _table(one, document.zone))
    return stream.getvalue()


def _table(one: Table, zone: ZoneInfo) -> bytes:
    kinds = [column.kind for column in one.columns]
    rows = (
        [_said(cell, kind == "moment", zone) for cell, kind in zip(row, kinds, strict=True)]
        for row in one.rows
    )
    return _written([column.head for column in one.columns], rows)


def _said(cell: Cell, is_moment: bool, zone: ZoneInfo) -> Cell:
    return iso(cell, zone) if is_moment and isinstance(cell, int) else cell


def _written(heads: Iterable[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, so that Excel reads umlauts; texts are never formulas."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([neutral(head) for head in heads])
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _about(document: Document, stamp: Stamp) -> str:
    return ABOUT.format(
        title=document.title,
        factory=document.factory,
        start=iso(document.start_us, document.zone),
        end=iso(document.end_us, document.zone),
        timezone=document.timezone,
        made=iso(document.made_us, document.zone),
        by=document.made_by,
        content=stamp.content_digest,
        fingerprint=stamp.fingerprint,
        code=stamp.code_version,
        position=stamp.position,
    )
