"""One question to a view: which rows, of which tier, answer for some series over some time, exactly.

A row of a coarse tier is used where it lies inside the question and nothing newer touches it. Log rows that
are newer than a row's last point are added to it; where a log row is older, or a cut runs through a row,
finer rows replace it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.telemetry.batch import I32, I64, Kind
from data.telemetry.embedded.files import Names
from data.telemetry.embedded.points import Points, series_order
from data.telemetry.embedded.points import joined as joined_points
from data.telemetry.embedded.reading.scan import Scanner
from data.telemetry.embedded.reading.view import View
from data.telemetry.embedded.rollup import COLUMNS, Rollup, empty, fold, joined, of_points
from data.telemetry.embedded.tiers import DAY_US, WIDTH_US, Tier

Mask = npt.NDArray[np.bool_]
SPAN = 2**40
"""More than the minutes in all times that 64 bits of microseconds can hold."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """`ids` are the series asked for; in every answer `series` is the place in `ids`.

    `tail` holds their log points, settled; `columns` are the roll-up columns that the answer needs; `keeps`
    says that the same question may come again soon.
    """

    view: View
    scanner: Scanner
    root: Path
    ids: I32
    tail: Points
    columns: tuple[str, ...] = COLUMNS
    keeps: bool = False

    @classmethod
    def about(
        cls, view: View, scanner: Scanner, root: Path, ids: I32, columns: tuple[str, ...] = COLUMNS
    ) -> "Question":
        """A question about the series `ids` of a view."""
        tail = view.tail.renumbered(view.catalog.places(ids)).settled()
        return cls(view, scanner, root, ids, tail, columns, keeps=True)

    @property
    def names(self) -> Names:
        """The machine and the parameter of each series id."""
        return self.view.catalog.names

    def only(self, places: I32) -> "Question":
        """The same question about some of its series, numbered anew."""
        table = np.full(len(self.ids), -1, np.int32)
        table[places] = np.arange(len(places), dtype=np.int32)
        return replace(self, ids=self.ids[places], tail=self.tail.renumbered(table))

    def points(self, start_us: int, end_us: int, *, typed: bool = False, most: int | None = None) -> Points:
        """The settled points of [start_us, end_us); nothing of days whose points have expired.

        TooManyPoints if more than `most` are in the files, repeated ones counted.
        """
        files = self.view.files(Tier.RAW, start_us, end_us)
        stored = self.scanner.points(
            self.root, files, self._asked(), start_us, end_us, typed=typed, most=most
        )
        fresh = self._fresh(start_us, end_us)
        if not typed:
            fresh = replace(fresh, whole=None, text=None)
        return joined_points([stored.renumbered(self._places()), fresh]).settled()

    def rows(
        self, tier: Tier, start_us: int, end_us: int, cuts: I64, max_gap_us: int | None = None
    ) -> Rollup:
        """Rows that overlap [start_us, end_us), sorted by series and time, together holding each point once.

        No row straddles a cut or holds an inner gap longer than `max_gap_us`, except where only coarser
        rows are kept any more. Rows are of `tier` or finer.
        """
        parts = [empty(self.columns)]
        for found, begin, end in self._stretches(tier, start_us, end_us):
            if found is Tier.RAW:
                parts.append(of_points(self.points(begin, end), self.columns))
                continue
            merged = self._merged(found, begin, end)
            if found <= tier:
                merged = self._refined(merged, found, cuts, max_gap_us)
            parts.append(merged.where((merged.last_us >= begin) & (merged.first_us < end)))
        return joined(parts).ordered()

    def touched(self, tier: Tier) -> Rollup:
        """The complete row of every bucket that the tail touches; count 0 where no number is left in it."""
        width = WIDTH_US[tier]
        if not len(self.tail):
            return empty(self.columns)
        begin, end = int(self.tail.time_us.min()), int(self.tail.time_us.max()) + 1
        rows = self._merged(tier, begin, end)
        keys = np.unique(_keys(self.tail.series, self.tail.time_us // width))
        kept = rows.take(np.isin(_keys(rows.series, rows.first_us // width), keys))
        gone = np.setdiff1d(keys, _keys(kept.series, kept.first_us // width), assume_unique=True)
        return joined([kept, self._blank(gone, width)]).ordered()

    def _blank(self, keys: I64, width: int) -> Rollup:
        blank = empty(self.columns)
        columns = {name: np.zeros(len(keys), column.dtype) for name, column in blank.columns.items()}
        bucket_us = _buckets(keys) * width
        columns |= {
            name: bucket_us for name in ("first_us", "last_us", "min_us", "max_us") if name in columns
        }
        return Rollup(_series(keys), columns)

    def _asked(self) -> I32 | None:
        return None if len(self.ids) == len(self.view.catalog.ids) else self.ids

    def _places(self) -> I32:
        return self.view.catalog.places(self.ids)

    def _fresh(self, start_us: int, end_us: int) -> Points:
        inside = (self.tail.time_us >= start_us) & (self.tail.time_us < end_us)
        return self.tail.where(inside)

    def _stretches(self, tier: Tier, start_us: int, end_us: int) -> Iterator[tuple[Tier, int, int]]:
        """Stretches of whole days with the tier that answers for them."""
        bounds = [(s.first_us, s.last_us) for s in self.view.segments]
        if len(self.tail):
            bounds.append((int(self.tail.time_us.min()), int(self.tail.time_us.max())))
        begin = max(start_us, min((first for first, _ in bounds), default=end_us) // DAY_US * DAY_US)
        end = min(end_us, (max((last for _, last in bounds), default=start_us) // DAY_US + 1) * DAY_US)
        if tier is Tier.HOUR and begin < end:
            yield tier, begin, end
            return
        minutes = {s.window_us for s in self.view.segments if s.tier is Tier.MINUTE}
        while begin < end:
            found = self._answers(tier, begin // DAY_US * DAY_US, minutes)
            stop = (begin // DAY_US + 1) * DAY_US
            while stop < end and self._answers(tier, stop, minutes) is found:
                stop += DAY_US
            yield found, begin, min(stop, end)
            begin = stop

    def _answers(self, tier: Tier, day_us: int, minutes: set[int]) -> Tier:
        if day_us in self.view.closed:
            return Tier.MINUTE if day_us in minutes else Tier.HOUR
        return Tier.MINUTE if tier is Tier.MINUTE and day_us in minutes else Tier.RAW

    def _merged(self, tier: Tier, start_us: int, end_us: int) -> Rollup:
        """The tier's rows of the buckets that [start_us, end_us) meets, with the tail taken in."""
        width = WIDTH_US[tier]
        begin, end = start_us // width * width, -(-end_us // width) * width
        files = self.view.files(tier, begin, end)
        found = self.scanner.rollup(
            self.root, files, self._asked(), begin, end, names=self.columns, keeps=self.keeps
        )
        stored = _newest(_renumbered(found, self._places()), width)
        fresh = self._fresh(begin, end)
        return self._overlaid(stored, fresh, tier) if len(fresh) else stored

    def _overlaid(self, stored: Rollup, fresh: Points, tier: Tier) -> Rollup:
        width = WIDTH_US[tier]
        rows = of_points(fresh, self.columns)
        rows = fold(rows, rows.first_us // width)
        old, new = (_keys(part.series, part.first_us // width) for part in (stored, rows))
        place, met = _found(old, new)
        late = met.copy()
        late[met] = rows.first_us[met] <= stored.last_us[place[met]]
        texts = fresh.kind == Kind.STRING
        again = np.union1d(new[late], _keys(fresh.series[texts], fresh.time_us[texts] // width))
        where, held = _found(old, again)
        again, where = again[held], where[held]
        simple = ~_found(again, new)[1]
        grown, kept = place[met & simple], np.ones(len(old), bool)
        kept[grown] = kept[where] = False
        added = joined([stored.take(grown), rows.where(simple)]).ordered()
        parts = [stored.where(kept), fold(added, added.first_us // width)]
        if len(again):
            parts.append(self._recounted(again, width))
        return joined(parts).ordered()

    def _recounted(self, keys: I64, width: int) -> Rollup:
        """The rows of these buckets, made again from their points."""
        parts = [empty(self.columns)]
        for places, begin, end, wanted in self._clusters(keys, width):
            rows = of_points(self.only(places).points(begin, end), self.columns)
            rows = fold(rows, rows.first_us // width)
            rows = Rollup(places[rows.series], rows.columns)
            parts.append(rows.take(np.isin(_keys(rows.series, rows.first_us // width), wanted)))
        return joined(parts)

    def _refined(self, rows: Rollup, tier: Tier, cuts: I64, max_gap_us: int | None) -> Rollup:
        """The rows, with finer ones in place of those that a cut or a gap runs through."""
        if not len(rows):
            return rows
        begin, end = int(rows.first_us.min()), int(rows.last_us.max())
        inner = cuts[(cuts > begin) & (cuts <= end)]
        bad = np.zeros(len(rows), bool)
        if len(inner):
            before, after = (np.searchsorted(inner, edge, "right") for edge in (rows.first_us, rows.last_us))
            bad = before < after
        if max_gap_us is not None and "gap_us" in rows.columns:
            bad |= rows["gap_us"] > max_gap_us
        if not bool(bad.any()):
            return rows
        width = WIDTH_US[tier]
        parts = [rows.where(~bad)]
        for places, begin, end, wanted in self._clusters(
            _keys(rows.series[bad], rows.first_us[bad] // width), width
        ):
            finer = self.only(places).rows(Tier(tier - 1), begin, end, cuts, max_gap_us)
            finer = Rollup(places[finer.series], finer.columns)
            parts.append(finer.take(np.isin(_keys(finer.series, finer.first_us // width), wanted)))
        return joined(parts).ordered()

    def _clusters(self, keys: I64, width: int) -> Iterator[tuple[I32, int, int, I64]]:
        """Buckets within a day of one another, as (series, begin, end, keys): one reading for each."""
        keys = np.unique(keys)
        keys = keys[np.argsort(_buckets(keys), kind="stable")]
        bucket_us = _buckets(keys) * width
        for part in np.split(np.arange(len(keys)), np.flatnonzero(np.diff(bucket_us) > DAY_US) + 1):
            begin, end = int(bucket_us[part[0]]), int(bucket_us[part[-1]]) + width
            yield np.unique(_series(keys[part])), begin, end, keys[part]


def _keys(series: I32, bucket: I64) -> I64:
    """One number per (series, bucket), ascending where rows are sorted by them."""
    return series.astype(np.int64) * SPAN + (bucket + SPAN // 2)


def _series(keys: I64) -> I32:
    return (keys // SPAN).astype(np.int32)


def _buckets(keys: I64) -> I64:
    return keys % SPAN - SPAN // 2


def _found(ascending: I64, wanted: I64) -> tuple[I64, Mask]:
    """Where each wanted key stands, and whether it is there at all."""
    place = np.minimum(np.searchsorted(ascending, wanted), max(len(ascending) - 1, 0))
    return place, ascending[place] == wanted if len(ascending) else np.zeros(len(wanted), bool)


def _renumbered(rows: Rollup, table: I32) -> Rollup:
    places = table[rows.series]
    return Rollup(places, rows.columns).where(places >= 0)


def _newest(rows: Rollup, width: int) -> Rollup:
    """Of rows with one (series, bucket) the last; sorted by them; without rows that hold nothing."""
    bucket_us = rows.first_us // width * width
    order = series_order(rows.series, bucket_us)
    if order is not None:
        rows, bucket_us = rows.take(order), bucket_us[order]
    kept = np.ones(len(rows), bool)
    kept[:-1] = (rows.series[1:] != rows.series[:-1]) | (bucket_us[1:] != bucket_us[:-1])
    kept &= rows["count"] > 0
    return rows.where(kept)
