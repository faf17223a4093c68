"""The newest value of every series, kept in blocks so that ten thousand of them are read in one step."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from data.telemetry.batch import F64, I32, I64, U8, Kind, Texts
from data.telemetry.embedded.points import Points

BLOCK: Final = 512
"""Series in one stored row; a batch rewrites only the blocks that it touches."""

Row = tuple[int, bytes, bytes, bytes, bytes, bytes, str]


class Latest:
    """Newest and first time and the newest value by series id; kind 0 means that the series has no point."""

    def __init__(self) -> None:
        self.first_us: I64 = np.zeros(BLOCK, np.int64)
        self.time_us: I64 = np.zeros(BLOCK, np.int64)
        self.number: F64 = np.zeros(BLOCK)
        self.kind: U8 = np.zeros(BLOCK, np.uint8)
        self.whole: I64 = np.zeros(BLOCK, np.int64)
        self.text: Texts = np.full(BLOCK, None, object)

    def __len__(self) -> int:
        return len(self.kind)

    def _reach(self, series: int) -> None:
        if series >= len(self):
            more = (series // BLOCK + 1) * BLOCK - len(self)
            for name in ("first_us", "time_us", "number", "kind", "whole"):
                column = getattr(self, name)
                setattr(self, name, np.append(column, np.zeros(more, column.dtype)))
            self.text = np.append(self.text, np.full(more, None, object))

    def update(self, points: Points) -> I32:
        """Take in points (series = id); of points with one time the last one counts. Returns the ids."""
        if not len(points):
            return np.empty(0, np.int32)
        settled = points.settled()
        self._reach(int(settled.series[-1]))
        fresh = settled.series[1:] != settled.series[:-1]
        ends = np.append(np.flatnonzero(fresh), len(settled) - 1)
        starts = np.append(0, ends[:-1] + 1)
        ids: I32 = settled.series[ends]
        unknown = self.kind[ids] == 0
        first_us = settled.time_us[starts]
        self.first_us[ids] = np.where(unknown, first_us, np.minimum(self.first_us[ids], first_us))
        newer = unknown | (settled.time_us[ends] >= self.time_us[ids])
        self._set(ids[newer], settled.take(ends[newer]))
        return ids

    def _set(self, ids: I32, newest: Points) -> None:
        self.time_us[ids] = newest.time_us
        self.number[ids] = newest.number
        self.kind[ids] = newest.kind
        self.whole[ids] = newest.exact()
        self.text[ids] = None if newest.text is None else newest.text

    def forget(self, ids: I32) -> None:
        """These series have no point any more."""
        known = ids[ids < len(self)]
        self.kind[known], self.text[known] = 0, None

    def rows(self, ids: I32) -> Iterator[Row]:
        """The stored rows of the blocks that hold these ids."""
        for block in np.unique(ids // BLOCK).tolist():
            part = slice(block * BLOCK, (block + 1) * BLOCK)
            texts = {n: text for n, text in enumerate(self.text[part]) if text is not None}
            yield (
                block,
                self.first_us[part].astype("<i8").tobytes(),
                self.time_us[part].astype("<i8").tobytes(),
                self.number[part].astype("<f8").tobytes(),
                self.kind[part].tobytes(),
                self.whole[part].astype("<i8").tobytes(),
                json.dumps(texts),
            )

    @classmethod
    def of_rows(cls, rows: Iterable[Any]) -> "Latest":
        """What stored rows say."""
        latest, rows = cls(), list(rows)
        if rows:
            latest._reach((max(row[0] for row in rows) + 1) * BLOCK - 1)
        for block, first_us, time_us, number, kind, whole, text in rows:
            part = slice(block * BLOCK, (block + 1) * BLOCK)
            latest.first_us[part] = np.frombuffer(first_us, "<i8")
            latest.time_us[part] = np.frombuffer(time_us, "<i8")
            latest.number[part] = np.frombuffer(number, "<f8")
            latest.kind[part] = np.frombuffer(kind, np.uint8)
            latest.whole[part] = np.frombuffer(whole, "<i8")
            for place, value in json.loads(text).items():
                latest.text[block * BLOCK + int(place)] = value
        return latest

    def points(self, ids: I32) -> tuple[Points, I64]:
        """The newest point of those of these series that have one, and each one's first time."""
        held = ids[ids < len(self)]
        held = held[self.kind[held] > 0]
        kind = self.kind[held]
        text = self.text[held] if bool((kind == Kind.STRING).any()) else None
        newest = Points(held, self.time_us[held], self.number[held], kind, self.whole[held], text)
        return newest, self.first_us[held]
