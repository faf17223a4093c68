"""Roll-up rows that were read lately, by file: files never change, so what was read of one stays true."""

import threading
from collections import OrderedDict
from typing import Any, Final

import numpy.typing as npt

from data.telemetry.embedded.rollup import Rollup

MOST_BYTES: Final = 64 * 2**20

Key = tuple[str, tuple[str, ...], bytes | None]
"""The file, the columns, and the series asked for (None: all of them)."""


class KeptRows:
    """Up to so many bytes of rows, the least recently used dropped first. Safe for many threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._rows: OrderedDict[Key, Rollup] = OrderedDict()
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self.bytes = 0

    def get(self, key: Key) -> Rollup | None:
        """The rows, if they are still here; nobody changes them."""
        with self._lock:
            found = self._rows.get(key)
            if found is not None:
                self._rows.move_to_end(key)
            return found

    def put(self, key: Key, rows: Rollup) -> None:
        """Keep a copy of them, unless they alone would push out most of the others."""
        size = _bytes(rows)
        if size > self._most_bytes // 4:
            return
        columns = {name: _frozen(column) for name, column in rows.columns.items()}
        with self._lock:
            before = self._rows.pop(key, None)
            self.bytes += size - (0 if before is None else _bytes(before))
            self._rows[key] = Rollup(_frozen(rows.series), columns)
            while self.bytes > self._most_bytes:
                self.bytes -= _bytes(self._rows.popitem(last=False)[1])


def _frozen(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    own = column.copy()
    own.flags.writeable = False
    return own


def _bytes(rows: Rollup) -> int:
    return rows.series.nbytes + sum(column.nbytes for column in rows.columns.values())
