"""A machine's hours: how many minutes of each went where."""

import numpy as np
import pandas as pd

from analytics.vocabulary import TimeClass
from app.production.figures import Question
from app.ui.answers import pieces_of
from app.ui.charts.chart_card import chart_card
from app.ui.figures.hours import hour_strip
from app.ui.scene import Scene
from app.ui.selecting.selection import Selection
from app.ui.selecting.zone import local_times

HOUR_US = 3_600_000_000
MOST_HOURS = 26


def fits(question: Question) -> bool:
    """Whether the range is short enough to be read hour by hour."""
    return question.end_us - question.start_us <= MOST_HOURS * HOUR_US


def hours_card(at: Scene, selection: Selection, question: Question) -> None:
    """Draw the hours of the range; zones shift by whole or half hours, so hours are cut at local ones."""
    table = by_hour(pieces_of(at, question), at)
    minutes = {item: table[int(item)].to_numpy() for item in TimeClass if int(item) in table.columns}
    producing = minutes.get(TimeClass.PRODUCING, np.zeros(len(table)))
    finding = "No hour yet."
    if len(table):
        worst = int(np.argmin(producing[:-1])) if len(table) > 1 else 0
        finding = f"Least production in the hour from {table.index[worst]:%H:%M}: {producing[worst]:.0f} min."
    names = [f"{hour:%H:%M}" for hour in table.index]
    shown = table.rename(columns={int(item): item.name.lower() for item in TimeClass}).round(1)
    chart_card(
        hour_strip(names, minutes, title="", zone_title=f"Hour ({at.access.factory.timezone})"),
        shown.reset_index(names="hour"),
        key="hours",
        title="Hour by hour",
        finding=finding,
        zoom=False,
        revision=selection.revision,
    )


def by_hour(line: pd.DataFrame, at: Scene) -> pd.DataFrame:
    """Minutes per local hour (index, naive) and time class (columns)."""
    if line.empty:
        return pd.DataFrame()
    low = local_times(line["start_us"].to_numpy(), at.zone)
    length = (line["end_us"] - line["start_us"]).to_numpy().astype("timedelta64[us]")
    high = low + length
    first = low.astype("datetime64[h]")
    count = ((high - np.timedelta64(1, "us")).astype("datetime64[h]") - first).astype(np.int64) + 1
    row = np.repeat(np.arange(len(line)), count)
    step = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    hour = first[row] + step.astype("timedelta64[h]")
    held = np.minimum(high[row], hour + np.timedelta64(1, "h")) - np.maximum(low[row], hour)
    pieces = pd.DataFrame(
        {
            "hour": hour.astype("datetime64[us]"),
            "kind": line["time_class"].to_numpy()[row].astype(int),
            "minutes": held.astype("timedelta64[us]").astype(np.float64) / 60_000_000,
        }
    )
    return pieces.pivot_table(index="hour", columns="kind", values="minutes", aggfunc="sum", fill_value=0.0)
