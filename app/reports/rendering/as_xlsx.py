"""A report as an Excel workbook: typed cells, frozen headers, native charts over the cells."""

import io
import re
from typing import Any, Final, cast

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from app.reports.content.document import Cell, Chart, Column, Document, Section, Table
from app.reports.proof.evidence import Stamp
from app.reports.rendering.code import code_png
from data.files.cells import neutral
from data.models import from_us

ROWS: Final = 1_048_575
FORMATS: Final = {
    "text": "@", "number": "#,##0.00", "whole": "#,##0", "share": "0.0%", "moment": "yyyy-mm-dd hh:mm:ss",
    "day": "yyyy-mm-dd",
}  # fmt: skip
WIDTHS: Final = {"text": 24, "number": 12, "whole": 11, "share": 12, "moment": 19, "day": 11}
ACCENT: Final = "#1F6F78"
CHART: Final = {"x_scale": 1.5, "y_scale": 1.15}
CHARTS_BESIDE: Final = 3
CHART_ROWS: Final = 18
OPTIONS: Final = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": FORMATS["moment"], "remove_timezone": True,
}  # fmt: skip


class ExactSheet(Worksheet):  # type: ignore[misc]
    """Writes a number with all its digits, so that a cell is the figure bit for bit."""

    def _xml_number_element(self, number: Any, attributes: Any = ()) -> None:
        said = "".join(f' {key}="{value}"' for key, value in attributes)
        self.fh.write(f"<c{said}><v>{number!r}</v></c>")


class _Book:
    """A workbook that is written from top to bottom, sheet by sheet."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stream = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.stream, OPTIONS)
        self.book.set_properties({"title": document.title, "company": document.factory})
        self.formats = {kind: self.book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
        self.head = self.book.add_format(
            {"bold": True, "bg_color": ACCENT, "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
        )
        self.strong = self.book.add_format({"bold": True, "font_size": 14})
        self.sheets: dict[str, str] = {}
        """The names of sheets by the keys of their tables."""

    def sheet(self, name: str) -> Any:
        """A new sheet with a name that Excel takes and that is not taken."""
        clean = re.sub(r"[\[\]:*?/\\']", " ", name)[:31].strip() or "Sheet"
        known = {one.lower() for one in (sheet.get_name() for sheet in self.book.worksheets())}
        found, number = clean, 2
        while found.lower() in known:
            found, number = f"{clean[:27]} {number}", number + 1
        return self.book.add_worksheet(found, ExactSheet)

    def cell(self, sheet: Any, row: int, place: int, cell: Cell, column: Column) -> None:
        """One typed cell; an unknown figure stays empty."""
        if cell is None or cell == "":
            return
        form = self.formats[column.kind]
        if column.kind == "moment":
            local = from_us(cast("int", cell)).astimezone(self.document.zone).replace(tzinfo=None)
            sheet.write_datetime(row, place, local, form)
        elif column.kind == "day":
            sheet.write_datetime(row, place, cell, form)
        elif column.kind == "text":
            sheet.write_string(row, place, str(neutral(cell)), form)
        else:
            sheet.write_number(row, place, cell, form)


def as_xlsx(document: Document, stamp: Stamp, logo: bytes) -> bytes:
    """The workbook: what it is about and all facts first, a sheet per table, the evidence last."""
    book = _Book(document)
    _cover(book, logo)
    for section in document.sections:
        for one in section.tables:
            _table(book, section, one)
        many = [c for c in section.charts if len(_of(section, c.table)) > CHARTS_BESIDE]
        if many:
            _chart_sheet(book, section, many)
    _evidence(book, stamp)
    book.book.close()
    return book.stream.getvalue()


def _of(section: Section, table: str) -> list[Chart]:
    return [one for one in section.charts if one.table == table]


def _cover(book: _Book, logo: bytes) -> None:
    document, zone = book.document, book.document.zone
    sheet = book.sheet("Summary")
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 5, 18)
    sheet.write_string(0, 0, document.title, book.strong)
    start, end, made = (
        f"{from_us(one).astimezone(zone):%Y-%m-%d %H:%M}"
        for one in (document.start_us, document.end_us, document.made_us)
    )
    lines = [
        f"{document.factory}: {start} to {end}, times in {document.timezone}",
        f"Made {made} by {document.made_by}; {len(document.machines)} machines",
        *(said for section in document.sections for said in section.sentences),
    ]
    for row, line in enumerate(lines, 1):
        sheet.write_string(row, 0, line)
    row = len(lines) + 2
    heads = ("Figure", "Value", "Unit", "Time before", "Section", "Note")
    for place, head in enumerate(heads):
        sheet.write_string(row, place, head, book.head)
    for section in document.sections:
        for fact in section.facts:
            row += 1
            column = Column(fact.name, fact.kind)
            sheet.write_string(row, 0, fact.name)
            book.cell(sheet, row, 1, fact.value, column)
            sheet.write_string(row, 2, fact.unit)
            book.cell(sheet, row, 3, fact.before, column)
            sheet.write_string(row, 4, section.title)
            sheet.write_string(row, 5, fact.note)
    if logo:
        sheet.insert_image(0, 7, "logo.png", {"image_data": io.BytesIO(logo), "x_scale": 0.5, "y_scale": 0.5})


def _table(book: _Book, section: Section, one: Table) -> None:
    sheet = book.sheet(one.title)
    book.sheets[one.key] = sheet.get_name()
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(one.columns):
        sheet.set_column(place, place, WIDTHS[column.kind])
        sheet.write_string(0, place, column.head, book.head)
    for number, row in enumerate(one.rows[:ROWS], 1):
        for place, (cell, column) in enumerate(zip(row, one.columns, strict=True)):
            book.cell(sheet, number, place, cell, column)
    if one.rows:
        sheet.autofilter(0, 0, min(len(one.rows), ROWS), len(one.columns) - 1)
    beside = _of(section, one.key)
    for number, chart in enumerate(beside if len(beside) <= CHARTS_BESIDE else ()):
        made = _chart(book, one, chart)
        sheet.insert_chart(1 + number * CHART_ROWS, len(one.columns) + 1, made, CHART)


def _chart_sheet(book: _Book, section: Section, charts: list[Chart]) -> None:
    sheet = book.sheet(f"{section.title} charts")
    tables = {one.key: one for one in section.tables}
    for number, chart in enumerate(charts):
        made = _chart(book, tables[chart.table], chart)
        sheet.insert_chart(number // 2 * CHART_ROWS, number % 2 * 12, made, CHART)


def _chart(book: _Book, one: Table, chart: Chart) -> Any:
    """A native chart over the cells of a sheet."""
    made = book.book.add_chart({"type": "line" if chart.form == "line" else "column"})
    last = min(len(one.rows) if chart.last is None else chart.last, len(one.rows))
    name, x = book.sheets[one.key], one.column(chart.x)
    for column in chart.y:
        place = one.column(column)
        made.add_series(
            {
                "name": [name, 0, place],
                "categories": [name, 1 + chart.first, x, last, x],
                "values": [name, 1 + chart.first, place, last, place],
                "line": {"width": 1.25},
            }
        )
    made.set_title({"name": chart.title, "name_font": {"size": 11}})
    made.set_y_axis({"name": chart.unit, "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}}})
    if one.columns[x].kind in {"moment", "day"}:
        made.set_x_axis({"date_axis": False, "num_format": "dd mmm", "label_position": "low"})
    made.set_legend({"none": True} if len(chart.y) == 1 else {"position": "bottom"})
    made.show_na_as_empty_cell()
    return made


def _evidence(book: _Book, stamp: Stamp) -> None:
    sheet = book.sheet("Evidence")
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 72)
    rows = {
        "Content digest": stamp.content_digest,
        "Input fingerprint": stamp.fingerprint,
        "Code version": stamp.code_version,
        "Audit entry": str(stamp.position),
        "Key": str(stamp.proof["key"]),
        "Check": "python -m app report verify FILE",
        "Where": "The comment of this archive holds the proofs; saving the file in Excel removes them.",
    }
    for number, (name, said) in enumerate(rows.items()):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, said)
    image = {"image_data": io.BytesIO(code_png(stamp.code)), "x_scale": 0.6, "y_scale": 0.6}
    sheet.insert_image(len(rows) + 1, 1, "proof.png", image)
