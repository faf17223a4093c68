"""The array types of the timeline and the check that columns belong together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.errors import InvalidInput

Int64s = NDArray[np.int64]
Int32s = NDArray[np.int32]
Int8s = NDArray[np.int8]
Codes = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def whole_numbers(values: object, field: str) -> NDArray[np.integer[Any]]:
    """The values as one column of whole numbers of any width; InvalidInput names `field` where they are
    not.
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise InvalidInput.at(field, f"{field} must be one column of values.")
    if array.size and array.dtype.kind not in "iu":
        raise InvalidInput.at(field, f"{field} must hold whole numbers, not {array.dtype}.")
    return array if array.size else array.astype(np.int64)


def int64s(values: object, field: str) -> Int64s:
    """The values as one int64 column."""
    return whole_numbers(values, field).astype(np.int64, copy=False)


def codes(values: object, field: str) -> Codes:
    """Machine codes in the narrowest of int16 and int32 that holds them; negative codes are refused."""
    given = whole_numbers(values, field)
    low, high = (int(given.min()), int(given.max())) if given.size else (0, 0)
    if low < 0:
        raise InvalidInput.at(field, f"{field} must not be negative.")
    return given.astype(np.int16 if high <= np.iinfo(np.int16).max else np.int32, copy=False)


def same_length(**columns: NDArray[Any]) -> int:
    """The common length of the columns; InvalidInput names the first one that differs."""
    lengths = {name: len(column) for name, column in columns.items()}
    first = next(iter(lengths.values()))
    for name, length in lengths.items():
        if length != first:
            raise InvalidInput.at(name, f"{name} has {length} rows where the other columns have {first}.")
    return first
