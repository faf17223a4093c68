"""What all figures share: the layout's frame, axis titles with unit, safe texts, markers of one tone."""

import html
from collections.abc import Iterable
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
        "margin": {"l": 8, "r": 12, "t": 30, "b": 8},
        "meta": {"narrow": {"margin": {"l": 4, "r": 6}}},
        **parts,
    }


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
