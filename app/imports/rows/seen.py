"""Remembers the keys of a file's rows, so that a key that comes twice is noticed across chunks."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.imports.parsing.columns import Bools

Hashes = npt.NDArray[np.uint64]
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)


def hashed(rows: pd.DataFrame) -> Hashes:
    """One 64-bit number per row of a frame of numbers; equal rows have equal ones."""
    total = np.zeros(len(rows), np.uint64)
    for name in rows.columns:
        total = total * _FACTOR + pd.util.hash_array(rows[name].to_numpy())
    return total


class Seen:
    """Keys and contents of earlier rows, 16 bytes each, in few sorted runs."""

    def __init__(self) -> None:
        self._runs: list[tuple[Hashes, Hashes]] = []

    def repeats(self, keys: pd.DataFrame, contents: pd.DataFrame) -> tuple[Bools, Bools]:
        """Which rows say the same again as an earlier row of the file, and which contradict one.

        The first row of a key counts; all rows are remembered.
        """
        key, content = hashed(keys), hashed(contents)
        if not len(key):
            return np.zeros(0, np.bool_), np.zeros(0, np.bool_)
        distinct, first, place = np.unique(key, return_index=True, return_inverse=True)
        told = content[first]
        earlier = np.zeros(len(distinct), np.bool_)
        for run, contents_of in self._runs:
            at = np.minimum(np.searchsorted(run, distinct), len(run) - 1)
            hit = run[at] == distinct
            told = np.where(hit, contents_of[at], told)
            earlier |= hit
        again = earlier[place] | (first[place] != np.arange(len(key)))
        same = content == told[place]
        self._remember(distinct[~earlier], told[~earlier])
        return again & same, again & ~same

    def _remember(self, key: Hashes, content: Hashes) -> None:
        """Add a sorted run and join runs of like size, so that there are only few."""
        if not len(key):
            return
        while self._runs and len(self._runs[-1][0]) <= 2 * len(key):
            old_key, old_content = self._runs.pop()
            key, content = np.concatenate([old_key, key]), np.concatenate([old_content, content])
            order = np.argsort(key, kind="stable")
            key, content = key[order], content[order]
        self._runs.append((key, content))
