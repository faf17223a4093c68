"""Files made by hand for the tests, and the steps that most tests take."""

import io
from datetime import datetime

from openpyxl import Workbook
from sqlalchemy import select

from app.imports.layout.mapping import Choices
from app.imports.plans import plan
from app.imports.reading.source import Source
from app.imports.runs import execute

ZONE = "Europe/Berlin"


def text(content: str, name: str = "file.csv", encoding: str = "utf-8") -> Source:
    return Source.of_bytes(name, content.encode(encoding))


def workbook(*rows: tuple, name: str = "file.xlsx", before: tuple = ()) -> Source:
    book = Workbook()
    sheet = book.active
    sheet.title = "Data"
    for row in (*before, *rows):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return Source.of_bytes(name, stream.getvalue())


def choices(*sets: str, maps: tuple[str, ...] = (), zone: str = ZONE, create: bool = False) -> Choices:
    return Choices.parsed(maps, sets, zone, create_machines=create)


def load(access, source, said=None, **more):
    """Plan, insist that nothing is open, load."""
    found = plan(access, source, choices=said or choices())
    assert not found.problems, found.problems
    return execute(access, source, found.mapping, **more)


def planned(access, source, said=None, kind=None):
    return plan(access, source, kind, choices=said or choices())


def rows(access, model):
    with access.read() as session:
        return session.scalars(select(model).order_by(model.id)).all()


def utc(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1_000_000)


def counts(done) -> tuple[int, int, int, int]:
    tally = done.tally
    return tally.new, tally.unchanged, tally.changed, tally.rejected


def reasons(done) -> list[tuple[int, str]]:
    return [(reject.line, reject.field) for reject in done.rejects]
