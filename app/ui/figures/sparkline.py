"""A word-sized line: the last values without axes."""

from typing import Any

import numpy as np
import numpy.typing as npt

from app.ui.figures.frame import Figure, layout


def sparkline(values: npt.ArrayLike, *, title: str, floor: float | None = 0.0) -> Figure:
    """Which way does it go? The n values in order; NaN is a gap.

    The axis starts at `floor` (0 by default), so that noise is not blown up; with None it fits the values.
    """
    numbers = np.asarray(values, dtype=np.float64)
    y_axis: dict[str, Any] = {"visible": False, "fixedrange": True}
    if floor is not None and np.isfinite(numbers).any():
        y_axis["range"] = [floor, max(floor, float(np.nanmax(numbers))) * 1.05 + 1e-9]
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "name": "",
                "x": np.arange(len(numbers)),
                "y": numbers,
                "connectgaps": False,
                "line": {"color": "@accent", "width": 1.5},
                "hoverinfo": "skip",
            }
        ],
        "layout": layout(
            title,
            height=48,
            margin={"l": 0, "r": 0, "t": 2, "b": 2},
            xaxis={"visible": False, "fixedrange": True},
            yaxis=y_axis,
        ),
    }
