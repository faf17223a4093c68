"""A chart on a card: its name, its finding, the same data as a table, and a download."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.ui.chart import PlotEvent, plot
from app.ui.tables import data_table


def chart_card(
    figure: Mapping[str, Any],
    frame: pd.DataFrame,
    *,
    key: str,
    title: str,
    finding: str = "",
    columns: Mapping[str, Any] | None = None,
    on_range: bool = False,
    on_click: bool = False,
    zoom: bool = True,
    height: int | None = None,
    revision: str = "",
) -> PlotEvent:
    """Draw a figure on a bordered card.

    `title` says what is shown, the finding (by default the figure's title) what it means. "Table" swaps the
    chart for `frame` with CSV and Excel downloads. The other settings are those of `plot`.
    """
    found = finding or _title_of(figure)
    with st.container(border=True, key=f"card-{key}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{title}**", width="content")
            as_table = st.toggle("Table", key=f"{key}-table", width="content")
        if found:
            st.caption(found)
        if as_table:
            data_table(frame, key=f"{key}-frame", label=title, columns=columns, download_name=title)
            return PlotEvent()
        return plot(
            figure,
            key=key,
            label=f"{title}. {found}",
            height=height,
            on_range=on_range,
            on_click=on_click,
            zoom=zoom,
            heading=False,
            revision=revision,
        )


def _title_of(figure: Mapping[str, Any]) -> str:
    title = figure.get("layout", {}).get("title") or ""
    return str(title.get("text", "")) if isinstance(title, Mapping) else str(title)
