"""When does it happen? A day-by-hour map of minutes or shares."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from app.ui.figures.frame import Figure, layout, safe, titled, when_empty
from app.ui.formats import measured

ROW_PX = 18


def heatmap(
    days: Sequence[date],
    values: npt.ArrayLike,
    *,
    title: str,
    measure: str,
    unit: str,
    zone_title: str,
    first_hour: int = 0,
    names: Sequence[str] = (),
) -> Figure:
    """At which hour of which day was it worst? `values` has shape (days, 24); NaN cells stay empty.

    Column k is the wall-clock hour `first_hour` + k of the factory. Days run from top to bottom. A click's
    customdata is [day (ISO), hour]. `names` label the rows instead of the days' dates.
    """
    cells = np.asarray(values, dtype=np.float64).reshape(len(days), 24)
    hours = [(first_hour + step) % 24 for step in range(24)]
    words = [f"{hour:02d}:00" for hour in hours]
    rows = list(names) or [f"{day:%a %d %b}" for day in days]
    figure: Figure = {
        "data": [
            {
                "type": "heatmap",
                "name": safe(measure),
                "x": words,
                "y": rows,
                "z": cells,
                "coloraxis": "coloraxis",
                "xgap": 1,
                "ygap": 1,
                "hoverongaps": False,
                "hoverinfo": "text",
                "text": [
                    [
                        f"<b>{name} {word}</b><br>{safe(measure)} {measured(float(value), unit)}"
                        for word, value in zip(words, row, strict=True)
                    ]
                    for name, row in zip(rows, cells, strict=True)
                ],
                "customdata": [[[day.isoformat(), hour] for hour in hours] for day in days],
            }
        ],
        "layout": layout(
            title,
            coloraxis={
                "autocolorscale": True,
                "cmin": 0,
                "colorbar": {"title": titled(safe(measure), safe(unit)), "thickness": 12, "outlinewidth": 0},
            },
            height=130 + ROW_PX * max(5, len(rows)),
            xaxis={"type": "category", "title": titled(zone_title), "fixedrange": True, "showgrid": False},
            yaxis={"type": "category", "autorange": "reversed", "fixedrange": True, "showgrid": False},
        ),
    }
    return when_empty(figure, not rows, "No day in this range has a value.")
