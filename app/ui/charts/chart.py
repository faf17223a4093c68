"""One chart on the page: a Plotly figure that keeps its zoom while its data refreshes.

The component redraws in place (Plotly.react), follows the light and dark theme, and reports the visible x
range and clicks, so that a page can send finer data or filter by what was clicked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import streamlit as st

from app.ui.charts.bundle import PLOTLY_PATH
from app.ui.charts.encoding import encode
from app.ui.component import component, only_rerun

DEFAULT_HEIGHT: Final = 320


@dataclass(frozen=True, slots=True)
class Click:
    """One click: the trace's name, the point's x and y, and what the figure attached to the point."""

    trace: str
    x: Any
    y: Any
    customdata: Any


@dataclass(frozen=True, slots=True)
class PlotEvent:
    """What the person did: `x_range` is the zoomed range in naive local times (None: everything is shown)."""

    x_range: tuple[datetime, datetime] | None = None
    click: Click | None = None


def plot(
    figure: Any,
    *,
    key: str,
    label: str,
    height: int | None = None,
    on_range: bool = False,
    on_click: bool = False,
    zoom: bool = True,
    heading: bool = True,
    revision: str = "",
) -> PlotEvent:
    """Draw a figure (a dict of `data` and `layout`, or a plotly Figure) and tell what the person did with it.

    `label` is read out by screen readers and says the finding. `height` is reserved at once, so nothing
    jumps; without it the figure's own is used. `on_range` and `on_click` rerun the script (or the fragment)
    on zoom and click; `x_range` is for time axes and stays None on others. `zoom=False` is for charts of
    categories. The zoom is kept until `revision` changes: put the page's selection in it. `heading=False`
    leaves the figure's title out. The click is there in one run only.
    """
    spec = figure if isinstance(figure, Mapping) else figure.to_plotly_json()
    layout = spec.get("layout", {})
    title = layout.get("title") or ""
    data = {
        "traces": encode(spec.get("data", [])),
        "layout": encode(layout),
        "height": height or layout.get("height") or DEFAULT_HEIGHT,
        "title": (title if isinstance(title, str) else title.get("text", "")) if heading else "",
        "label": label,
        "name": key,
        "revision": revision,
        "range": on_range,
        "click": on_click,
        "zoom": zoom,
        "source": _source(),
    }
    result = component("chart")(
        key=key,
        data=msgspec.json.encode(data),
        height=data["height"],
        on_range_change=only_rerun,
        on_click_change=only_rerun,
    )
    return PlotEvent(_x_range(result.get("range"), revision), _click(result.get("click")))


def zoomed(key: str, revision: str) -> tuple[datetime, datetime] | None:
    """The range that the chart `key` shows, known before it is drawn; None: everything, or not drawn yet."""
    state = st.session_state.get(key)
    return _x_range(state.get("range"), revision) if isinstance(state, Mapping) else None


def _source() -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{PLOTLY_PATH}" if base else PLOTLY_PATH


def _x_range(report: Any, revision: str) -> tuple[datetime, datetime] | None:
    """The reported range, unless it belongs to an earlier revision or is not one of times."""
    if not isinstance(report, Mapping) or report.get("revision") != revision:
        return None
    ends = report.get("x")
    if not isinstance(ends, list) or len(ends) != 2:
        return None
    try:
        start, end = (datetime.fromisoformat(str(each)).replace(tzinfo=None) for each in ends)
    except ValueError:
        return None
    return (start, end) if start < end else None


def _click(report: Any) -> Click | None:
    if not isinstance(report, Mapping) or report.get("kind") != "click":
        return None
    return Click(str(report.get("trace", "")), report.get("x"), report.get("y"), report.get("customdata"))
