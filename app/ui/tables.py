"""Tables of a page: a frame with its column settings, row selection and downloads."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal, cast

import pandas as pd
import streamlit as st

from app.ui.downloads import csv_bytes, file_name, xlsx_bytes
from app.ui.formats import MISSING

ROW_PX = 31
MOST_ROWS = 20


def fitting(rows: int, most: int = MOST_ROWS) -> int:
    """The height in pixels at which a table of `rows` rows has neither a scroll bar nor empty space."""
    return 3 + ROW_PX * (1 + min(max(rows, 1), most))


def data_table(
    frame: pd.DataFrame,
    *,
    key: str,
    label: str,
    columns: Mapping[str, Any] | None = None,
    download_name: str = "",
    selectable: bool = False,
    height: int | Literal["content"] | None = None,
    export: pd.DataFrame | None = None,
) -> int | None:
    """Draw the frame without its index; the position of the selected row, or None.

    `label` names the table for screen readers. `columns` is Streamlit's column configuration. With
    `download_name` CSV and Excel buttons stand below, made only when clicked, of `export` (or the frame
    itself). The position is that in the given frame, also after the person has sorted it; it is None when
    the frame has become shorter.
    """
    shape: dict[str, Any] = {} if height is None else {"height": height}
    chosen = st.dataframe(
        frame,
        hide_index=True,
        column_config=dict(columns) if columns else None,
        key=key,
        alt=label,
        on_select="rerun" if selectable else "ignore",
        selection_mode="single-row",
        placeholder=MISSING,
        **shape,
    )
    if download_name:
        download_buttons(export if export is not None else frame, name=download_name, key=key)
    if not selectable:
        return None
    rows = cast("Any", chosen).selection.rows
    return int(rows[0]) if rows and rows[0] < len(frame) else None


def download_buttons(frame: pd.DataFrame, *, name: str, key: str) -> None:
    """Two quiet buttons: the frame as CSV and as Excel. Clicking does not run the page again."""
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "CSV",
            partial(csv_bytes, frame),
            file_name(name, "csv"),
            "text/csv",
            key=f"{key}-csv",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Excel",
            partial(xlsx_bytes, frame),
            file_name(name, "xlsx"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"{key}-xlsx",
            type="tertiary",
            icon=":material/download:",
            on_click="ignore",
        )
