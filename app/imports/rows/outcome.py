"""Counting what became of rows, and taking out those that a file holds twice."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from app.imports.rows.faults import Faults
from app.imports.rows.job import Taken
from app.imports.rows.seen import Seen
from data.queries.loading import CHANGED, NEW, UNCHANGED


def without_repeats(
    rows: pd.DataFrame, seen: Seen, faults: Faults, key: Sequence[str], content: Sequence[str]
) -> tuple[pd.DataFrame, int]:
    """The rows whose key is new in the file, and how many say the same again.

    A row that contradicts an earlier one of its key is a fault: which of the two is right is for the
    person to say. The index of `rows` is the position in the chunk.
    """
    same, other = seen.repeats(rows[list(key)], rows[list(content)])
    mask = np.zeros(len(faults.bad), np.bool_)
    mask[rows.index.to_numpy()[other]] = True
    faults.at(mask, "row", "An earlier row of this file says something else about the same machine and time.")
    return rows[~(same | other)], int(same.sum())


def tally(status: "pd.Series[int]", repeated: int, preview: pd.DataFrame | None) -> Taken:
    """The counts of a chunk; rows that repeat an earlier one of the file count as unchanged."""
    found = status.to_numpy()
    return Taken(
        new=int((found == NEW).sum()),
        unchanged=int((found == UNCHANGED).sum()) + repeated,
        changed=int((found == CHANGED).sum()),
        preview=preview,
    )
