"""The lanes of a timeline on a canvas, which draws tens of thousands of pieces at once.

Zooming needs no answer from the server while all pieces are there; the component reports the visible range
only where it is asked to, and the piece behind a click.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import streamlit as st

from app.ui.charts.encoding import encode
from app.ui.component import component, only_rerun
from app.ui.figures.timeline import Picture

FEW: Final = 12
LANE_PX, SLIM_PX, FRAME_PX = 30, 22, 96
"""Up to so many lanes are wide; the frame is the axis, its title and the legend."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The piece behind a click."""

    machine: str
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class LanesEvent:
    """What the person did: the range zoomed to (None: everything is shown) and the piece just clicked."""

    zoom: tuple[int, int] | None = None
    click: Piece | None = None


def height_of(lanes: int) -> int:
    """The height of so many lanes with their axis."""
    return FRAME_PX + max(1, lanes) * (LANE_PX if lanes <= FEW else SLIM_PX)


def packed(picture: Picture) -> Picture:
    """The picture with its columns encoded once for all who look at it."""
    return {name: msgspec.Raw(msgspec.json.encode(encode(part))) for name, part in picture.items()} | {
        "height": height_of(len(picture["lanes"]))
    }


def lanes(
    picture: Picture,
    *,
    key: str,
    label: str,
    on_range: bool = False,
    on_click: bool = False,
    revision: str = "",
) -> LanesEvent:
    """Draw a packed picture, and tell what the person did with it.

    `label` is read out by screen readers and says the finding. `on_range` and `on_click` rerun the script
    (or the fragment) on zoom and click. The zoom is kept until `revision` changes: put the page's selection
    in it. The click is there in one run only.
    """
    data = {
        **picture,
        "label": label,
        "name": key,
        "revision": revision,
        "range": on_range,
        "click": on_click,
    }
    result = component("lanes")(
        key=key,
        data=msgspec.json.encode(data),
        height=picture["height"],
        on_range_change=only_rerun,
        on_click_change=only_rerun,
    )
    return LanesEvent(_zoom(result.get("range"), revision), _click(result.get("click")))


def zoomed(key: str, revision: str) -> tuple[int, int] | None:
    """The range that the lanes `key` show, known before they are drawn; None: everything, or nothing yet."""
    state = st.session_state.get(key)
    return _zoom(state.get("range"), revision) if isinstance(state, Mapping) else None


def _whole(*values: Any) -> bool:
    return all(isinstance(value, (int, float)) and abs(value) < 2**62 for value in values)


def _zoom(report: Any, revision: str) -> tuple[int, int] | None:
    """The reported range, unless it belongs to an earlier revision or is none."""
    if not isinstance(report, Mapping) or report.get("revision") != revision:
        return None
    ends = report.get("zoom")
    if not isinstance(ends, list) or len(ends) != 2 or not _whole(*ends) or ends[0] >= ends[1]:
        return None
    return int(ends[0]), int(ends[1])


def _click(report: Any) -> Piece | None:
    if not isinstance(report, Mapping) or not isinstance(report.get("machine"), str):
        return None
    start, end = report.get("start"), report.get("end")
    if start is None or end is None or not _whole(start, end):
        return None
    return Piece(report["machine"], int(start), int(end))
