"""What all figures share: the layout's frame, axis titles with unit, safe texts, markers of one tone."""

import html
from collections.abc import Iterable, Sequence
from typing import Any

from app.ui.palette import Tone

Figure = dict[str, Any]
"""A plotly figure: `data` (list of traces) and `layout`; colours are tokens of `app.ui.palette`."""


def safe(text: object) -> str:
    """A user's text for a figure: plotly reads tags in texts, so they are escaped."""
    return html.escape(str(text), quote=False)


def safe_all(texts: Iterable[object]) -> list[str]:
    """`safe` for a column."""
    return [safe(text) for text in texts]


def titled(label: str, unit: str = "") -> dict[str, Any]:
    """An axis title with its unit: `Power (kW)`."""
    return {"text": f"{label} ({unit})" if unit else label}


def layout(title: str, *, height: int, **parts: Any) -> dict[str, Any]:
    """The layout's frame: the title says the finding, margins are tight, axes grow where labels need it."""
    return {
        "title": {"text": title},
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 24, "b": 8},
        "meta": {"narrow": {"margin": {"l": 4, "r": 8}}},
        **parts,
    }


def time_axis(zone_title: str, **parts: Any) -> dict[str, Any]:
    """A time axis in the factory's clock, with its zone in the title and dates as `Fri 20 Nov`."""
    formats = (
        (None, 999, "%H:%M:%S.%L"),
        (1000, 59_999, "%H:%M:%S\n%a %d %b"),
        (60_000, 86_399_999, "%H:%M\n%a %d %b"),
        (86_400_000, "M1", "%d %b\n%Y"),
        ("M1", None, "%b\n%Y"),
    )
    return {
        "type": "date",
        "tickformatstops": [{"dtickrange": [low, high], "value": text} for low, high, text in formats],
        "hoverformat": "%a %d %b %H:%M:%S",
        "title": titled(zone_title),
        **parts,
    }


def row_axis(rows: Sequence[str]) -> dict[str, Any]:
    """A vertical axis of named rows, the first on top."""
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(rows),
        "range": [len(rows) - 0.5, -0.5],
        "fixedrange": True,
        "showgrid": False,
        "ticklabelstandoff": 6,
    }


def distinct(texts: Iterable[str]) -> list[str]:
    """The texts made different by invisible characters, so that rows of the same name stay apart."""
    return [text + "\u200b" * position for position, text in enumerate(texts)]


def legend_below() -> dict[str, Any]:
    """A legend under the axis title, which never covers a lane or a bar."""
    return {"orientation": "h", "x": 0, "xanchor": "left", "y": 0, "yref": "container", "yanchor": "bottom"}


def marker(tone: Tone) -> dict[str, Any]:
    """The marker of bars of one tone, hatched where the tone says so."""
    look: dict[str, Any] = {"color": tone.token, "line": {"width": 0}}
    if tone.hatch:
        look["pattern"] = {
            "shape": tone.hatch,
            "bgcolor": tone.token,
            "fgcolor": "@hatch",
            "size": 6,
            "solidity": 0.25,
        }
    return look


def when_empty(figure: Figure, is_empty: bool, text: str) -> Figure:
    """The figure with a note in its middle where there is nothing to draw."""
    if is_empty:
        note = {"text": text, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
        figure["layout"]["annotations"] = [{**note, "font": {"color": "@muted", "size": 13}}]
    return figure
