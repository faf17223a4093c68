"""Frames as files: CSV and Excel without cells that a spreadsheet would run as formulas."""

import io
from typing import Final

import numpy as np
import pandas as pd

from data.files.cells import neutral

SHEET_ROWS: Final = 1_048_575
"""Rows that an Excel sheet holds below its header."""


def neutral_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy in which every text cell, category and column name is neutral."""
    safe = frame.copy(deep=False)
    for position, dtype in enumerate(frame.dtypes):
        if pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype):
            continue
        column = frame.iloc[:, position].astype(object)
        safe.isetitem(position, np.array([neutral(value) for value in column] + [None], dtype=object)[:-1])
    safe.columns = pd.Index([neutral(str(name)) for name in frame.columns])
    return safe


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as CSV (UTF-8 with a byte order mark, so that Excel reads umlauts), without its index."""
    return neutral_frame(frame).to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def xlsx_bytes(frame: pd.DataFrame, *, sheet: str = "Data") -> bytes:
    """The frame as an Excel file, without index; aware times lose their zone, rows beyond a sheet are cut.

    Texts are written as texts: neither formulas nor links are made of them.
    """
    safe = neutral_frame(frame.head(SHEET_ROWS))
    for position, dtype in enumerate(safe.dtypes):
        if isinstance(dtype, pd.DatetimeTZDtype):
            safe.isetitem(position, safe.iloc[:, position].dt.tz_localize(None))
    stream = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with pd.ExcelWriter(stream, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        safe.to_excel(writer, index=False, sheet_name=sheet[:31])
        writer.sheets[sheet[:31]].freeze_panes(1, 0)
        writer.sheets[sheet[:31]].autofit(300)
    return stream.getvalue()


def file_name(name: str, ending: str) -> str:
    """A file name of letters, digits, dots, dashes and underscores."""
    clean = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name).strip("-.")
    return f"{clean or 'data'}.{ending}"
