"""One shift hour by hour: how many minutes of each hour went where."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from analytics.vocabulary import TimeClass
from app.ui.figures.frame import Figure, layout, legend_below, marker, safe_all, titled, when_empty
from app.ui.palette import CLASS_TONES

_ORDER = (
    TimeClass.PRODUCING,
    TimeClass.MINOR_STOP,
    TimeClass.SETUP,
    TimeClass.UNPLANNED_STOP,
    TimeClass.PLANNED_STOP,
    TimeClass.NOT_SCHEDULED,
    TimeClass.UNKNOWN,
)


def hour_strip(
    hours: Sequence[str], minutes: Mapping[TimeClass, npt.ArrayLike], *, title: str, zone_title: str
) -> Figure:
    """Which hour lost the time? Stacked bars of minutes by time class, producing at the bottom.

    `hours` are the n labels of the shift's hours ("06:00"), `minutes` one array of shape (n,) per class;
    classes without a minute are left out. A click's customdata is the hour's label.
    """
    amounts = {item: np.asarray(minutes.get(item, np.zeros(len(hours))), np.float64) for item in _ORDER}
    labels = safe_all(hours)
    traces = [
        {
            "type": "bar",
            "name": CLASS_TONES[item].word,
            "x": labels,
            "y": amount,
            "marker": marker(CLASS_TONES[item]),
            "hovertemplate": f"<b>%{{x}}</b><br>{CLASS_TONES[item].word} %{{y:.1f}} min<extra></extra>",
            "customdata": list(hours),
        }
        for item, amount in amounts.items()
        if bool((amount > 0).any())
    ]
    figure: Figure = {
        "data": traces,
        "layout": layout(
            title,
            height=260,
            barmode="stack",
            bargap=0.15,
            showlegend=True,
            legend=legend_below(),
            margin={"l": 8, "r": 12, "t": 16, "b": 66},
            xaxis={"type": "category", "title": titled(zone_title), "fixedrange": True, "showgrid": False},
            yaxis={"title": titled("Time", "min"), "range": [0, 60], "dtick": 15, "fixedrange": True},
        ),
    }
    return when_empty(figure, not traces, "This shift has no minute to show yet.")
