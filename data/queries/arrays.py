"""Turns a scoped select into columns of numpy arrays, without making an object per row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Select
from sqlalchemy.orm import Session


def frame(session: Session, statement: Select[*tuple[Any, ...]], columns: dict[str, str]) -> pd.DataFrame:
    """The rows of `statement` as a frame; `columns` gives each column's name and dtype, in order.

    A missing value becomes -1 in an integer column and NaN in a float column.
    """
    rows = session.execute(statement).all()
    data = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return pd.DataFrame(
        {name: _column(values, dtype) for (name, dtype), values in zip(columns.items(), data, strict=True)}
    )


def _column(values: Sequence[Any], dtype: str) -> Any:
    if dtype == "object":
        return np.array(values, dtype=object)
    if dtype.startswith("float"):
        return np.array(values, dtype=dtype)
    try:
        return np.array(values, dtype=dtype)
    except TypeError:
        return np.array([-1 if value is None else value for value in values], dtype=dtype)
