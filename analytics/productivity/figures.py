"""The figures of workers, workstations and the factory: ratios of sums over cells, never means of ratios."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from analytics.productivity.events import NOBODY
from analytics.productivity.hours import SUMMED
from analytics.vocabulary import MICROSECONDS

HOUR_US: Final = 3600 * MICROSECONDS
WORKER_FIGURES: Final = ("active_h", "idle_h", "absent_h", "utilisation", "units", "units_per_h", "events")
STATION_FIGURES: Final = ("occupied_h", "busy_h", "utilisation", "units", "units_per_h", "events")
FACTORY_FIGURES: Final = (
    "productive_h", "idle_h", "absent_h", "units", "units_per_h", "utilisation", "workers", "stations",
    "events",
)  # fmt: skip


def worker_figures(cells: pd.DataFrame, by: Sequence[str] = ("worker",)) -> pd.DataFrame:
    """How was each worker's time spent, and what came of it?

    `cells`: rows of `hour_figures`, with any further columns to group by (day, shift). Returns one row per
    value of `by`, with active_h, idle_h, absent_h, utilisation = active / (active + idle), units,
    units_per_h = units / active_h, and events. A ratio over no time is NaN: not evaluable. Events that name
    no worker are left out. Source: the reference's worker metrics.

    >>> one = pd.DataFrame({"worker": [1], "active_us": [3 * HOUR_US], "idle_us": [HOUR_US],
    ...                     "absent_us": [0], "units": [12.0], "events": [4]})
    >>> worker_figures(one)[["utilisation", "units_per_h"]].to_numpy().tolist()
    [[0.75, 4.0]]
    """
    return _of_people(_summed(cells[cells["worker"] != NOBODY], by, SUMMED), by, "active_h")


def factory_figures(cells: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """What did everybody together do, by any of the cells' columns (none: one row)?

    productive_h is the sum of active time over all workers (person-hours), units_per_h = units /
    productive_h, utilisation = active / (active + idle) of all together, which is the mean of the workers'
    utilisations weighted by their time; workers and stations are those with any event or time.
    """
    keys = list(by)
    table = _of_people(_summed(cells, by, SUMMED), by, "productive_h")
    for name in ("worker", "station"):
        known = cells[cells[name] != NOBODY]
        if keys:
            number = (
                known.groupby(keys)[name]
                .nunique()
                .reindex(
                    pd.MultiIndex.from_frame(table[keys]) if len(keys) > 1 else table[keys[0]], fill_value=0
                )
            )
            table[name + "s"] = number.to_numpy(np.int64)
        else:
            table[name + "s"] = known[name].nunique()
    return table[[*keys, *FACTORY_FIGURES]]


def station_figures(
    cells: pd.DataFrame,
    occupied: pd.DataFrame,
    by: Sequence[str] = ("station",),
    available: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """How much was each workstation used, and what came of it?

    `cells` of `hour_figures`, `occupied` of `station_hours`, both with the columns of `by`; `available`: the
    working time, column available_us per value of `by` without the station (one row where that is empty);
    `occupied` then has open_busy_us too, the part of busy_us inside it. Returns occupied_h (somebody is
    there), busy_h (somebody works), utilisation, units, units_per_h = units / occupied_h (throughput) and
    events. utilisation is the share of the available working time in which somebody works there; without
    `available`, of the time in which it is occupied. Work outside the working time is in busy_h alone.
    """
    keys = list(by)
    sums = _summed(cells[cells["station"] != NOBODY], by, ("units", "events"))
    times = ("occupied_us", "busy_us", *(() if available is None else ("open_busy_us",)))
    held = _summed(occupied, by, times)
    table = sums.merge(held, on=keys, how="outer").fillna(
        {"units": 0.0, "events": 0} | dict.fromkeys(times, 0)
    )
    rest = [name for name in keys if name != "station"]
    if available is None:
        base = table["occupied_us"]
    elif rest:
        base = table[rest].merge(available, on=rest, how="left")["available_us"]
    else:
        base = pd.Series(float(available["available_us"].sum()), table.index)
    table["occupied_h"] = table["occupied_us"] / HOUR_US
    table["busy_h"] = table["busy_us"] / HOUR_US
    table["utilisation"] = _ratio(table[times[-1]], base)
    table["units_per_h"] = _ratio(table["units"], table["occupied_h"])
    table["events"] = table["events"].astype(np.int64)
    return table.sort_values(keys, ignore_index=True)[[*keys, *STATION_FIGURES]]


def _summed(cells: pd.DataFrame, by: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    if by:
        return cells.groupby(list(by), as_index=False, sort=True)[list(names)].sum()
    return cells[list(names)].sum().to_frame().T


def _of_people(sums: pd.DataFrame, by: Sequence[str], active: str) -> pd.DataFrame:
    known = sums["active_us"] + sums["idle_us"]
    table = sums[list(by)].copy()
    table[active] = sums["active_us"] / HOUR_US
    table["idle_h"] = sums["idle_us"] / HOUR_US
    table["absent_h"] = sums["absent_us"] / HOUR_US
    table["utilisation"] = _ratio(sums["active_us"], known)
    table["units"] = sums["units"].astype(np.float64)
    table["units_per_h"] = _ratio(sums["units"], table[active])
    table["events"] = sums["events"].astype(np.int64)
    return table


def _ratio(upper: pd.Series, lower: pd.Series) -> pd.Series:
    below = lower.to_numpy(np.float64)
    above = upper.to_numpy(np.float64)
    result = np.full(len(above), np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return pd.Series(result, upper.index)
