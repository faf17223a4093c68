"""A chart on a card: its name, its finding, the same data as a table, and a download."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.ui.charts.chart import PlotEvent, plot
from app.ui.charts.lanes import LanesEvent, lanes
from app.ui.figures.timeline import Picture
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
        if _is_table(frame, key, title, found, columns):
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


def picture_card(
    picture: Picture,
    frame: pd.DataFrame,
    *,
    key: str,
    title: str,
    finding: str,
    on_range: bool = False,
    on_click: bool = False,
    revision: str = "",
) -> LanesEvent:
    """Draw the lanes of a timeline on a bordered card, as `chart_card` does a figure."""
    with st.container(border=True, key=f"card-{key}", gap="xsmall"):
        if _is_table(frame, key, title, finding, None):
            return LanesEvent()
        return lanes(
            picture, key=key, label=f"{title}. {finding}", on_range=on_range, on_click=on_click,
            revision=revision,
        )  # fmt: skip


def _is_table(
    frame: pd.DataFrame, key: str, title: str, finding: str, columns: Mapping[str, Any] | None
) -> bool:
    """The card's head; where the person wants the table, it is drawn, and nothing else is to be."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{title}**", width="content")
        as_table = st.toggle("Table", key=f"{key}-table", width="content")
    if finding:
        st.caption(finding)
    if as_table:
        data_table(frame, key=f"{key}-frame", label=title, columns=columns, download_name=title)
    return as_table


def _title_of(figure: Mapping[str, Any]) -> str:
    title = figure.get("layout", {}).get("title") or ""
    return str(title.get("text", "")) if isinstance(title, Mapping) else str(title)
