"""What the anomaly calls take: a frame of numeric channels over time, checked and put in order."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.errors import FieldProblem, InvalidInput

SECOND_US: Final = 1_000_000

Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Readings:
    """Rows in the order of time: `values` (rows, channels), NaN where nothing is known."""

    names: tuple[str, ...]
    times_us: Integers
    values: Floats
    order: Integers


def readings(frame: pd.DataFrame, names: tuple[str, ...] | None = None) -> Readings:
    """The rows of a frame by ascending time; rows of one time keep their order.

    The index holds times (aware or naive; text is parsed) or numbers, which count as seconds. Infinite values
    count as missing. With `names` the frame must have exactly these columns, in any order.
    Raises `InvalidInput` for other columns, columns that are not numeric, or times that cannot be read.
    """
    if not isinstance(frame, pd.DataFrame):
        raise InvalidInput.at("frame", "Pass a DataFrame: numeric columns over a time index.")
    found = tuple(str(name) for name in frame.columns)
    if len(set(found)) != len(found):
        raise InvalidInput.at("frame", "Two columns have the same name.")
    if names is None:
        names = found
    _same_columns(found, names)
    columns = [_numbers(frame.iloc[:, found.index(name)], name) for name in names]
    values = np.column_stack(columns) if columns else np.empty((len(frame), 0))
    times = times_us(frame.index)
    order = np.argsort(times, kind="stable").astype(np.int64)
    return Readings(names, times[order], np.ascontiguousarray(values[order]), order)


def without_repeats(taken: Readings) -> Readings:
    """Only the last row of each time."""
    is_last = np.append(taken.times_us[1:] != taken.times_us[:-1], True)[: len(taken.times_us)]
    return Readings(taken.names, taken.times_us[is_last], taken.values[is_last], taken.order[is_last])


def times_us(index: pd.Index) -> Integers:
    """Microseconds of an index of times, of text that says times, or of numbers of seconds."""
    if pd.api.types.is_bool_dtype(index.dtype) or isinstance(index, pd.MultiIndex):
        raise InvalidInput.at("index", "The index must hold times.")
    if pd.api.types.is_numeric_dtype(index.dtype):
        seconds = index.to_numpy(dtype=np.float64)
        if not np.isfinite(seconds).all():
            raise InvalidInput.at("index", "A row has no time.")
        return np.asarray(np.round(seconds * SECOND_US), dtype=np.int64)
    try:
        stamps = pd.to_datetime(index, utc=True)
    except (ValueError, TypeError) as error:
        raise InvalidInput.at("index", f"The index must hold times: {error}") from error
    if stamps.isna().any():
        raise InvalidInput.at("index", "A row has no time.")
    return np.asarray(stamps.as_unit("us").asi8, dtype=np.int64)


def _same_columns(found: tuple[str, ...], names: tuple[str, ...]) -> None:
    missing = [name for name in names if name not in found]
    extra = [name for name in found if name not in names]
    problems = [FieldProblem(name, f"The column {name} is missing.") for name in missing]
    problems += [FieldProblem(name, f"The column {name} was not there when fitted.") for name in extra]
    if problems:
        raise InvalidInput(*problems)


def _numbers(column: "pd.Series[Any]", name: str) -> Floats:
    if isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise InvalidInput.at(name, f"The column {name} is not numeric.")
    try:
        numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise InvalidInput.at(name, f"The column {name} is not numeric.") from error
    return np.where(np.isfinite(numbers), numbers, np.nan)
