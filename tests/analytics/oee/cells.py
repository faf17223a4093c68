"""Cells with arbitrary but possible sums, for the properties of everything that is computed from them."""

import pandas as pd
from hypothesis import strategies as st

from analytics.oee import CLASS_COLUMNS, SUMMED_COLUMNS

HOUR = 3_600_000_000
TIMES = st.integers(0, 8 * HOUR)
PARTS = st.integers(0, 10_000)


@st.composite
def cell(draw):
    row = dict.fromkeys(SUMMED_COLUMNS, 0)
    for column in CLASS_COLUMNS.values():
        row[column] = draw(TIMES)
    row["calendar_us"] = sum(row[column] for column in CLASS_COLUMNS.values())
    good, scrap, rework = draw(PARTS), draw(PARTS), draw(PARTS)
    startup = draw(st.integers(0, scrap))
    cycle = draw(st.integers(0, 20_000_000))
    row |= {
        "good": good,
        "scrap": scrap,
        "rework": rework,
        "startup_scrap": startup,
        "total": good + scrap + rework,
    }
    if cycle:
        row |= {
            "ideal_us": cycle * row["total"],
            "ideal_startup_us": cycle * startup,
            "ideal_scrap_us": cycle * (scrap + rework - startup),
        }
    else:
        row["total_without_ideal"] = row["total"]
    return row


def frame(rows):
    """The cells of one machine, in one window each."""
    table = pd.DataFrame(rows, columns=list(SUMMED_COLUMNS))
    table = table.astype({name: "int64" if name.endswith("_us") else "float64" for name in SUMMED_COLUMNS})
    table.insert(0, "machine", 1)
    return table


tables = st.lists(cell(), min_size=1, max_size=5).map(frame)
