"""Files are read as they stand: encodings, delimiters, true lines, ragged rows, headers that come again."""

import csv
import io
import zipfile
from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from app.imports.layout.recognise import header_score
from app.imports.reading.opening import open_table
from app.imports.reading.source import Source
from tests.app.imports.files import text, workbook


def table(source, most_mb=10, sheet=""):
    return open_table(source, header_score, most_mb=most_mb, sheet=sheet)


def cells(source):
    found = []
    for chunk in table(source).chunks(3):
        found += list(zip(chunk.lines.tolist(), *chunk.columns, strict=True))
    return found


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=("Cs",)), max_size=8
)


@given(
    st.lists(st.tuples(CELL, CELL, CELL).filter(any), min_size=1, max_size=20),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_every_written_row_comes_back_with_the_line_on_which_it_begins(rows, delimiter):
    written, expected = io.StringIO(newline=""), []
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
    writer.writerow(["machine", "start", "state"])
    for row in rows:
        line = 1 + len(_breaks(written.getvalue()))
        writer.writerow(row)
        expected.append((line, *row))
    assert cells(text(written.getvalue())) == expected


def _breaks(content):
    return io.StringIO(content, newline="").readlines()


@pytest.mark.parametrize(("encoding"), ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_umlauts_survive_in_every_encoding(encoding):
    assert cells(text("Machine;Name\nsäge;Größe\n", encoding=encoding)) == [(2, "säge", "Größe")]


def test_blank_lines_are_passed_over_and_line_numbers_stay_true():
    source = text('Machine,Name\n\na,"one\ntwo"\n,\nb,three\n')
    assert cells(source) == [(3, "a", "one\ntwo"), (6, "b", "three")]


def test_ragged_rows_are_rejected_with_their_line_and_the_others_are_kept():
    chunk = next(table(text("Machine,Name\na,b,c\nd\ne,f,,\ng,h\n")).chunks(100))
    assert [(r.line, r.row) for r in chunk.broken] == [(2, "a,b,c"), (3, "d")]
    assert chunk.columns == [["e", "g"], ["f", "h"]]


def test_a_header_that_comes_again_is_noted_and_left_out():
    source = text("Batch|Factor 1|2\nBatch|1.0|2.0\n7|5.0|\nbatch|factor 1|2\n")
    chunk = next(table(source).chunks(100))
    assert chunk.repeated == (2, 4)
    assert chunk.columns[0] == ["7"]


def test_title_lines_above_the_header_are_passed_over():
    found = table(text("Report of March,,\n,,\nMachine,Start,State\nm1,2026-03-01 06:00,down\n"))
    assert found.header == ("Machine", "Start", "State")
    assert found.header_line == 3


def test_the_separator_line_of_spreadsheets_is_understood():
    assert cells(text("sep=;\nMachine;Name\na,b;c\n")) == [(3, "a,b", "c")]


def test_typed_cells_of_a_workbook_become_exact_text():
    rows = (
        ("Machine", "Start", "Start time", "Good", "Note"),
        ("m1", datetime(2026, 3, 1, 6, 0), time(6, 5), 12.5, None),
        (None, None, None, None, None),
        ("m2", datetime(2026, 3, 1), time(6), 7.0, "x"),
    )
    assert cells(workbook(*rows)) == [
        (2, "m1", "2026-03-01 06:00:00", "06:05:00", "12.5", ""),
        (4, "m2", "2026-03-01 00:00:00", "06:00:00", "7", "x"),
    ]


def test_the_named_sheet_is_read_and_an_unknown_one_is_refused():
    source = workbook(("Machine", "Name"), ("a", "b"))
    assert table(source, sheet="Data").sheet == "Data"
    with pytest.raises(InvalidInput, match="no sheet 'Other'"):
        table(source, sheet="Other")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (bytes(range(256)) * 10, "neither a text file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel file"),
        (b"PK\x03\x04 nothing behind it", "not a readable Excel workbook"),
        (b"a,b\n" * 400_000, "the limit is 1 MB"),
        (b"\n\n\n", "holds no row"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(content, words):
    with pytest.raises(InvalidInput, match=words):
        table(Source.of_bytes("file", content), most_mb=1)


def test_a_quotation_mark_that_never_closes_is_refused_with_its_line():
    content = "Machine,Name\na,b\n" * 10 + '"' + "x,y\n" * 60_000
    with pytest.raises(InvalidInput, match="quotation mark"):
        cells(text(content))


def test_a_workbook_that_unpacks_to_a_huge_size_is_refused_before_it_is_read():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 12_000_000)
    with pytest.raises(InvalidInput, match="would unpack to 12 MB"):
        table(Source.of_bytes("bomb.xlsx", stream.getvalue()), most_mb=1)
