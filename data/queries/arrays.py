"""Turns a scoped select of numbers into columns of numpy arrays, without making an object per row."""

from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Select
from sqlalchemy.orm import Session

from data.relational.scope import raw_rows


def frame(session: Session, statement: Select[*tuple[Any, ...]], columns: dict[str, str]) -> pd.DataFrame:
    """The rows of `statement` as a frame; `columns` gives each column's name and dtype, in order.

    All columns are numbers and none is null (coalesce them in the statement). They pass through doubles,
    which hold integers up to 2**53 exactly: microseconds until the year 2255.
    """
    rows = raw_rows(session, statement)
    width = len(columns)
    table = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * width).reshape(-1, width)
    return pd.DataFrame(
        {name: table[:, place].astype(dtype) for place, (name, dtype) in enumerate(columns.items())}
    )


def int_column(session: Session, statement: Select[Any]) -> npt.NDArray[np.int64]:
    """The one column of integers that `statement` selects."""
    rows = raw_rows(session, statement)
    return np.fromiter((row[0] for row in rows), np.int64, len(rows))
