"""Columns of points inside the embedded store, and the one rule of duplicates: last write wins."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from data.telemetry.batch import F64, I32, I64, U8, Batch, Kind, Texts, Values


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """n points in the order in which they were written; `series` is an id or a position in a selection.

    `number`, `kind`, `whole` and `text` are as in `Values`.
    """

    series: I32
    time_us: I64
    number: F64
    kind: U8
    whole: I64 | None = None
    text: Texts | None = None

    def __len__(self) -> int:
        return len(self.series)

    @classmethod
    def empty(cls) -> Self:
        """No points."""
        return cls(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8))

    @classmethod
    def of(cls, batch: Batch, ids: I32) -> Self:
        """A batch whose k-th key has the series id ids[k]."""
        values: Values = batch.values
        return cls(ids[batch.codes], batch.times_us, values.number, values.kind, values.whole, values.text)

    def take(self, index: npt.NDArray[Any] | slice) -> "Points":
        """The points at `index` (positions, a mask or a slice), in that order."""
        return Points(
            self.series[index],
            self.time_us[index],
            self.number[index],
            self.kind[index],
            None if self.whole is None else self.whole[index],
            None if self.text is None else self.text[index],
        )

    def where(self, mask: npt.NDArray[np.bool_]) -> "Points":
        """The points at which the mask is true."""
        return self if bool(mask.all()) else self.take(mask)

    def renumbered(self, table: I32) -> "Points":
        """The points whose series id has a place >= 0 in `table`, with that place as their series."""
        places = table[self.series]
        if len(places) and int(places.min()) < 0:
            return self.take(places >= 0).renumbered(table)
        return Points(places, self.time_us, self.number, self.kind, self.whole, self.text)

    def exact(self) -> I64:
        """The integers, exactly, wherever the kind is INT."""
        if self.whole is not None:
            return self.whole
        return np.where(self.kind == Kind.INT, self.number, 0.0).astype(np.int64)

    def settled(self) -> "Points":
        """Sorted by series and time, one point per (series, time): the last one written."""
        order = series_order(self.series, self.time_us)
        ordered = self if order is None else self.take(order)
        again = (ordered.series[1:] == ordered.series[:-1]) & (ordered.time_us[1:] == ordered.time_us[:-1])
        return ordered.where(np.append(~again, True)) if len(ordered) else ordered


def joined(parts: list[Points]) -> Points:
    """The parts one after another, the later ones written later."""
    parts = [part for part in parts if len(part)]
    if len(parts) <= 1:
        return parts[0] if parts else Points.empty()
    whole: I64 | None = None
    if any(part.whole is not None for part in parts):
        whole = np.concatenate([part.exact() for part in parts])
    text: Texts | None = None
    if any(part.text is not None for part in parts):
        text = np.concatenate([np.full(len(p), None, object) if p.text is None else p.text for p in parts])
    return Points(
        np.concatenate([part.series for part in parts]),
        np.concatenate([part.time_us for part in parts]),
        np.concatenate([part.number for part in parts]),
        np.concatenate([part.kind for part in parts]),
        whole,
        text,
    )


def series_order(series: I32, time_us: I64) -> I64 | None:
    """The stable order by series, then time; None where the rows are in it already.

    Rows mostly come in time order already, so a radix sort by series alone usually does.
    """
    if _ascending(series, time_us):
        return None
    if int(series.min()) >= 0 and int(series.max()) < 2**16:
        order = np.argsort(series.astype(np.uint16), kind="stable")
        if _ascending(series[order], time_us[order]):
            return order
    return np.lexsort((time_us, series))


def distinct(series: I32) -> I32:
    """Every series among the rows, ascending; quick because ids are small."""
    return np.flatnonzero(np.bincount(series)).astype(np.int32)


def _ascending(series: I32, time_us: I64) -> bool:
    same = series[1:] == series[:-1]
    return bool(((series[1:] > series[:-1]) | (same & (time_us[1:] >= time_us[:-1]))).all())
