"""The check that no second is lost or counted twice."""

import numpy as np
import pandas as pd

from analytics.oee.columns import CLASS_COLUMNS, SUMMED_COLUMNS


def identity_check(elements: pd.DataFrame) -> pd.DataFrame:
    """Do the classes of each cell add up to its calendar time, and the cells of each window to its length?

    Returns one row per violation, none when all is right: machine, window, day, rule, expected, found. The
    rules: "classes add up to calendar time", "cells add up to the window", "no negative sum", "parts add up
    to total".
    """
    classes = elements[list(CLASS_COLUMNS.values())].sum(axis=1)
    found = [
        _violations(elements, elements["calendar_us"], classes, "classes add up to calendar time"),
        _violations(elements, 0, elements[list(SUMMED_COLUMNS)].min(axis=1).clip(upper=0), "no negative sum"),
    ]
    made = elements["good"] + elements["scrap"] + elements["rework"]
    close = np.isclose(made, elements["total"], rtol=1e-9, atol=1e-9)
    found.append(_violations(elements[~close], elements["total"], made, "parts add up to total"))
    by_window = elements.groupby(["machine", "window"], as_index=False).agg(
        day=("day", "first"),
        length=("end_us", "max"),
        start_us=("start_us", "min"),
        calendar_us=("calendar_us", "sum"),
    )
    length = by_window["length"] - by_window["start_us"]
    found.append(_violations(by_window, length, by_window["calendar_us"], "cells add up to the window"))
    return pd.concat(found, ignore_index=True)


def _violations(
    rows: pd.DataFrame, expected: "pd.Series[float] | int", found: "pd.Series[float]", rule: str
) -> pd.DataFrame:
    """The rows in which found differs from expected."""
    table = rows[["machine", "window", "day"]].copy()
    table["rule"] = rule
    table["expected"] = expected
    table["found"] = found
    return table[table["expected"] != table["found"]]
