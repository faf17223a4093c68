"""Files that a spreadsheet opens without running what is in them."""

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from app.ui.downloads import csv_bytes, file_name, neutral, xlsx_bytes

DANGEROUS = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "\rx", "\n=1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_texts_that_start_as_formulas_are_neutralised(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("value", ["plain", "a=1", "", "1-2", -5, -5.5, None])
def test_all_else_stays_as_it_is(value):
    assert neutral(value) == value


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_no_text_cell_of_a_csv_file_starts_as_a_formula(dtype):
    frame = pd.DataFrame({"=name": pd.Series(DANGEROUS, dtype=dtype), "value": np.arange(-3.0, 4.0)})
    back = pd.read_csv(io.BytesIO(csv_bytes(frame)), dtype=str, keep_default_na=False)
    assert list(back.columns) == ["'=name", "value"]
    assert back.iloc[:, 0].str.startswith("'").all()
    assert back["value"].tolist()[0] == "-3.0"


def test_an_excel_file_holds_texts_numbers_and_times_and_no_formula():
    frame = pd.DataFrame(
        {
            "text": ["=1+1", "http://example.test", "Größe"],
            "value": [-1.5, np.nan, 3.0],
            "at": pd.to_datetime(["2026-03-29 01:30", None, "2026-10-25 02:30"]).tz_localize("UTC"),
        }
    )
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(frame))).active
    rows = list(sheet.iter_rows(min_row=2))
    assert [row[0].value for row in rows] == ["'=1+1", "http://example.test", "Größe"]
    assert all(cell.data_type != "f" and cell.hyperlink is None for row in rows for cell in row)
    assert rows[0][1].value == -1.5
    assert rows[1][1].value is None
    assert rows[0][2].value == pd.Timestamp("2026-03-29 01:30").to_pydatetime()


def test_the_frame_itself_is_not_changed():
    frame = pd.DataFrame({"a": ["=1"]})
    csv_bytes(frame)
    xlsx_bytes(frame)
    assert frame["a"].tolist() == ["=1"]


def test_an_empty_frame_gives_a_file_with_its_header():
    assert csv_bytes(pd.DataFrame({"a": [], "b": []})).decode("utf-8-sig") == "a,b\r\n"
    assert openpyxl.load_workbook(io.BytesIO(xlsx_bytes(pd.DataFrame({"a": []})))).active["A1"].value == "a"


@pytest.mark.parametrize(
    ("name", "file"), [("Line B: OEE", "Line-B--OEE.csv"), ("../..", "data.csv"), ("", "data.csv")]
)
def test_file_names_hold_no_path(name, file):
    assert file_name(name, "csv") == file
