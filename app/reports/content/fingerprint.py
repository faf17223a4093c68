"""A digest over everything that was read for a report: the same data gives the same fingerprint."""

from hashlib import sha256

import orjson
import pandas as pd


class Fingerprint:
    """Grows with each table that is read."""

    def __init__(self) -> None:
        self._parts: dict[str, bytes] = {}

    def add(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Count a table in, and give it back. Numbers count by their bytes, all else by its text."""
        found = sha256()
        for column in frame.columns:
            values = frame[column]
            found.update(f"{column}:{len(frame)}\n".encode())
            if pd.api.types.is_numeric_dtype(values.dtype) and not isinstance(
                values.dtype, pd.api.extensions.ExtensionDtype
            ):
                found.update(values.to_numpy().tobytes())
            else:
                found.update(orjson.dumps([str(one) for one in values.tolist()]))
        self._parts[name] = found.digest()
        return frame

    def hex(self) -> str:
        """The digest over all tables, in the order of their names."""
        whole = sha256()
        for name in sorted(self._parts):
            whole.update(name.encode() + b"\x00" + self._parts[name])
        return whole.hexdigest()
