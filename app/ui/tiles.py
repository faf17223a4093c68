"""KPI tiles: a value with its unit, what to compare it with, and how far the data can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui.badges import coverage_text
from app.ui.formats import MINUS, MISSING, duration, number, percent, points, with_unit

Better = Literal["up", "down", "neither"]
TILE_MIN_PX = 170
SAME: Final = "no change"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The earlier value in the tile's own unit, and what it is: "last week"."""

    value: float | None
    name: str


def tile_grid(*, min_width: int = TILE_MIN_PX, key: str | None = None) -> DeltaGenerator:
    """A grid for tiles: as many equal columns as fit, on a phone one or two; use it with `with`."""
    return st.grid("auto", min_column_width=min_width, gap="small", key=key)


def kpi_tile(
    label: str,
    value: float | None,
    *,
    key: str,
    unit: str = "%",
    decimals: int = 1,
    target: float | None = None,
    comparison: Comparison | None = None,
    coverage: float | None = None,
    bounds: tuple[float, float] | None = None,
    spark: Sequence[float] | None = None,
    better: Better = "up",
    missing: str = "",
    note: str = "",
    help_text: str | None = None,
) -> None:
    """Draw one figure with its context.

    With unit "%" the value, target, comparison and bounds are shares (1 = 100 %); with unit "min" minutes,
    shown as hours and minutes; otherwise plain numbers of that unit. None is "not evaluable", and `missing`
    says what is missing. A change that rounds to zero has no arrow; `better` says which direction is good.
    Sparks are bars from zero, so that noise stays small. `key` is unique on the page.
    """
    change = _change(value, comparison, unit, decimals)
    is_same = change == SAME
    with st.container(border=True, key=f"tile-{key}", height="stretch", gap="xxsmall"):
        st.metric(
            label,
            written(value, unit, decimals) if value is not None else MISSING,
            change,
            delta_color={"up": "normal", "down": "inverse", "neither": "off"}[better]  # type: ignore[arg-type]
            if not is_same
            else "off",
            delta_arrow="off" if is_same else "auto",
            delta_description=f"vs {comparison.name}"
            if comparison is not None and change is not None
            else None,
            chart_data=list(spark) if spark is not None and len(spark) > 1 else None,
            chart_type="bar",
            help=help_text,
        )
        if value is None:
            st.caption(f"Not evaluable: {missing}" if missing else "Not evaluable")
            return
        lines = (
            _against(value, target, unit, decimals) if target is not None else "",
            *_trust(bounds, coverage, unit, decimals),
            note,
        )
        # One element for all lines: tiles are drawn again every few seconds on every open page.
        if any(lines):
            st.caption("  \n".join(line for line in lines if line))


def _against(value: float, target: float, unit: str, decimals: int) -> str:
    """The target, and how far above or below it the value is."""
    gap = value - target
    distance = points(abs(gap), decimals) if unit == "%" else written(abs(gap), unit, decimals)
    words = f"Target {written(target, unit, decimals)}"
    if not any(digit in distance for digit in "123456789"):
        return f"{words}: met"
    return f"{words}: {distance.removeprefix('+')} {'above' if gap > 0 else 'below'}"


def written(value: float | None, unit: str, decimals: int = 1) -> str:
    """A value in the tile's unit as text."""
    if unit == "%":
        return percent(value, decimals)
    if unit == "min":
        return duration(value)
    return with_unit(number(value, decimals), unit)


def _change(value: float | None, comparison: Comparison | None, unit: str, decimals: int) -> str | None:
    """The difference as Streamlit reads it: an ASCII minus points down."""
    if value is None or comparison is None or comparison.value is None:
        return None
    difference = value - comparison.value
    text = points(difference, decimals) if unit == "%" else written(difference, unit, decimals)
    if not any(digit in text for digit in "123456789"):
        return SAME
    return text.replace(MINUS, "-") if unit == "%" or difference < 0 else f"+{text}"


def _trust(bounds: tuple[float, float] | None, coverage: float | None, unit: str, decimals: int) -> list[str]:
    """How far the value can be trusted; nothing where all data is there."""
    parts = []
    if coverage is not None and coverage < 0.9995:
        parts.append(coverage_text(coverage))
    if bounds is not None:
        low, high = (written(bound, unit, decimals) for bound in bounds)
        if low != high:
            parts.append(f"between {low} and {high}")
    return parts
