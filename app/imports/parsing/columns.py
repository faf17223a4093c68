"""Small steps on whole columns of text (pyarrow string arrays)."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bools: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]


def text_column(values: list[str]) -> Any:
    """A column of texts without outer spaces."""
    return pc.utf8_trim_whitespace(pa.array(values, pa.string()))


def as_bools(mask: Any) -> Bools:
    """An arrow mask as numpy; null is False."""
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def filled(column: Any) -> Bools:
    """Which cells hold anything."""
    return as_bools(pc.greater(pc.binary_length(column), 0))


def matches(column: Any, pattern: str) -> Bools:
    """Which cells match the RE2 pattern."""
    return as_bools(pc.match_substring_regex(column, pattern))


def taken(column: Any, mask: Bools) -> Any:
    """The cells under the mask."""
    return column.filter(pa.array(mask))


def parts(column: Any, pattern: str) -> dict[str, Any]:
    """The named groups of the pattern, each as a column; every cell must match it."""
    found = pc.extract_regex(column, pattern)
    return {field.name: found.field(place) for place, field in enumerate(found.type)}


def whole(column: Any) -> Ints:
    """Digits as int64; an empty cell is 0."""
    digits = pc.if_else(pc.equal(pc.binary_length(column), 0), "0", column)
    return np.asarray(pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)


def words(column: Any) -> tuple[Ints, list[str]]:
    """The distinct texts of the column and, per row, which one it is."""
    coded = column.dictionary_encode()
    return coded.indices.to_numpy(zero_copy_only=False).astype(np.int64), coded.dictionary.to_pylist()
