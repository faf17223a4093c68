"""The downtime that performance records tell, shared out over the windows that are asked for."""

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from analytics.timeline import Windows
from analytics.timeline.arrays import Int64s
from analytics.vocabulary import MICROSECONDS
from app.bootstrap import Access
from data.queries import production as queries

COLUMNS: Final = ("machine", "day", "reason", "time_us", "stops")
NO_DAY: Final = date.min.toordinal()


def record_downtime(
    access: Access, records: pd.DataFrame, windows: Windows, machines: Int64s, *, by_day: bool = False
) -> pd.DataFrame:
    """The stops of records in the windows: by reason, the rest of each record without one (-1).

    `records` of `Happenings`. A record's downtime is spread evenly over its time, as in the cells. Columns
    machine (id), day, reason, time_us, stops; `by_day` parts them by day, and a stop that several days share
    is one stop on each.
    """
    if not len(windows):
        return pd.DataFrame({name: [] for name in COLUMNS})
    mine = records[records["machine"].isin(machines)].reset_index(drop=True)
    row, day, share = _shares(mine, windows)
    if not by_day:
        day = np.full_like(day, NO_DAY)
    parts = pd.DataFrame({"record": mine["record"].to_numpy()[row], "row": row, "day": day, "share": share})
    parts = parts.groupby(["record", "row", "day"])["share"].sum().reset_index()
    parts["machine"] = mine["machine"].to_numpy(np.int64)[parts["row"]]
    down = np.rint(mine["downtime_us"].to_numpy()[parts["row"]] * parts["share"]).astype(np.int64)
    with access.read() as session:
        stops = queries.record_stops(session, int(windows.start_us[0]), int(windows.end_us[-1]))
    told = parts.merge(stops, on="record")
    told["time_us"] = np.rint(told["duration_s"] * MICROSECONDS * told["share"]).astype(np.int64)
    keys = ["machine", "day", "reason"]
    sums = told.groupby(["record", "day"])["time_us"].sum()
    said = sums.reindex(pd.MultiIndex.from_frame(parts[["record", "day"]]), fill_value=0).to_numpy()
    rest = parts.assign(reason=-1, time_us=np.maximum(down - said, 0))
    table = pd.concat([told[[*keys, "time_us"]], rest.loc[rest["time_us"] > 0, [*keys, "time_us"]]])
    table["day"] = [date.fromordinal(int(number)) for number in table["day"]]
    return table.assign(stops=1).reset_index(drop=True)[list(COLUMNS)]


def _shares(records: pd.DataFrame, windows: Windows) -> tuple[Int64s, Int64s, np.ndarray]:
    """Which record lies in a window of which day, and with what share of its length."""
    start, end = (records[name].to_numpy(np.int64) for name in ("start_us", "end_us"))
    first = np.searchsorted(windows.end_us, start, "right")
    count = np.maximum(np.searchsorted(windows.start_us, end, "left") - first, 0)
    row = np.repeat(np.arange(len(records)), count)
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first[row]
    inside = np.minimum(end[row], windows.end_us[place]) - np.maximum(start[row], windows.start_us[place])
    return row, windows.day.astype(np.int64)[place], inside / (end - start)[row]
