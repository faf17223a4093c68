"""A plotly figure as the JSON that the chart component sends: small, and without lists of Python floats."""

import base64
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

_TYPED: Final = {
    "f8": "f8",
    "f4": "f4",
    "i4": "i4",
    "u4": "u4",
    "i2": "i2",
    "u2": "u2",
    "i1": "i1",
    "u1": "u1",
}
_PLAIN: Final = frozenset({str, int, bool, msgspec.Raw})


def encode(value: Any) -> Any:
    """Any part of a figure as JSON.

    Number arrays become plotly's base64 arrays (NaN stays a gap), 64-bit integers doubles; naive datetimes
    become ISO texts; NaT and non-finite single numbers become null. An aware datetime is an error: the
    browser would shift it, so convert it to the factory's clock first. `msgspec.Raw` stays as it is.
    """
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (np.ndarray, pd.Series, pd.Index, pd.api.extensions.ExtensionArray)):
        return _encode_array(np.asarray(value))
    return _encode_one(value)


def _encode_one(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise ValueError(
                "a chart takes naive local times: convert aware datetimes with local_times first"
            )
        return value.isoformat(sep=" ")
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value).replace("T", " ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, np.generic):
        return _encode_one(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _encode_array(values: npt.NDArray[Any]) -> Any:
    if values.dtype.kind == "M":
        texts = np.char.replace(np.datetime_as_string(values, unit="ms"), "T", " ")
        return [
            None if missing else text for text, missing in zip(texts.tolist(), np.isnat(values), strict=True)
        ]
    if values.dtype.kind == "f" or values.dtype in (np.int64, np.uint64):
        values = values.astype("<f8")
    code = f"{values.dtype.kind}{values.dtype.itemsize}"
    if values.size and code in _TYPED:
        data = base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
        shape = {} if values.ndim == 1 else {"shape": ", ".join(str(size) for size in values.shape)}
        return {"dtype": _TYPED[code], "bdata": data, **shape}
    return [encode(item) for item in values.tolist()]
