"""Turning points into files: the log's, a bulk load's, and the files of a window into one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from data.telemetry.batch import I32, Kind
from data.telemetry.embedded.files import SegmentFolder
from data.telemetry.embedded.points import Points, distinct
from data.telemetry.embedded.reading.question import Question
from data.telemetry.embedded.reading.scan import FOREVER_US, OLDEST_US, Scanner
from data.telemetry.embedded.reading.view import View
from data.telemetry.embedded.rollup import Rollup, fold, of_points, starts_of
from data.telemetry.embedded.tiers import DAY_US, DENSE, MINUTE_US, WIDTH_US, WINDOW_US, Segment, Slot, Tier

BULK_LEVEL: Final = 20
"""The level of files that hold a whole window or a whole import: they only merge when the window is over."""


@dataclass(frozen=True, slots=True)
class Compactor:
    """Writes files from a view; nothing is seen of them until the ledger publishes them."""

    scanner: Scanner
    folder: SegmentFolder

    def files_of(self, view: View, settled: Points, rank: int, level: int) -> list[Segment]:
        """Files of settled points (series = id) and of every minute and hour that they touch."""
        made: list[Segment] = []
        for window_us, part in _by_window(settled, Tier.RAW):
            slot = Slot(Tier.RAW, window_us, rank, level)
            made.append(self.folder.write_points(slot, part, view.catalog.names))
            if self._has_minutes(view, window_us, part):
                made += self._touched(view, Slot(Tier.MINUTE, window_us, rank, level), part)
        for window_us, part in _by_window(settled, Tier.HOUR):
            made += self._touched(view, Slot(Tier.HOUR, window_us, rank, level), part)
        return made

    def _has_minutes(self, view: View, day_us: int, part: Points) -> bool:
        tiers = {s.tier for s in view.segments if s.window_us == day_us and s.tier is not Tier.HOUR}
        return Tier.MINUTE in tiers or (Tier.RAW not in tiers and dense(part))

    def _touched(self, view: View, slot: Slot, part: Points) -> list[Segment]:
        ids = distinct(part.series)
        tail = part.renumbered(view.catalog.places(ids))
        rows = Question(view, self.scanner, self.folder.root, ids, tail).touched(slot.tier)
        if not len(rows):
            return []
        return [self.folder.write_rollup(slot, Rollup(ids[rows.series], rows.columns), view.catalog.names)]

    def merged(self, view: View, segments: Sequence[Segment], level: int) -> list[Segment]:
        """One file in place of neighbouring files of one window, last write winning, deleted series left out.

        A day that turns out dense gets its minute file here.
        """
        slot = Slot(segments[0].tier, segments[0].window_us, segments[-1].rank, level)
        if slot.tier is not Tier.RAW:
            rows = self._rows(segments, living(view))
            return [self.folder.write_rollup(slot, rows, view.catalog.names)] if len(rows) else []
        points = self._points(segments, living(view))
        if not len(points):
            return []
        made = [self.folder.write_points(slot, points, view.catalog.names)]
        day = [s for s in view.segments if s.window_us == slot.window_us and s.tier is not Tier.HOUR]
        if len(day) == len(segments) and dense(points):
            made.append(self._minutes(view, replace(slot, tier=Tier.MINUTE), points))
        return made

    def minutes_of(self, view: View, segments: Sequence[Segment]) -> list[Segment]:
        """The minute file of a day that was too sparse to have one, from all of its points."""
        points = self._points(segments, living(view))
        numbers = points.where(points.kind != Kind.STRING)
        if not len(numbers):
            return []
        slot = Slot(Tier.MINUTE, segments[0].window_us, segments[-1].rank, BULK_LEVEL)
        return [self._minutes(view, slot, numbers)]

    def _minutes(self, view: View, slot: Slot, points: Points) -> Segment:
        rows = of_points(points)
        rows = fold(rows, rows.first_us // MINUTE_US)
        return self.folder.write_rollup(slot, rows, view.catalog.names)

    def _points(self, segments: Sequence[Segment], living: I32) -> Points:
        found = self.scanner.points(self.folder.root, segments, None, OLDEST_US, FOREVER_US, typed=True)
        return found.renumbered(living).settled()

    def _rows(self, segments: Sequence[Segment], living: I32) -> Rollup:
        names = tuple(of_points(Points.empty()).columns)
        rows = self.scanner.rollup(self.folder.root, segments, None, OLDEST_US, FOREVER_US, names=names)
        rows = rows.where(living[rows.series] >= 0)
        bucket = rows.first_us // WIDTH_US[segments[0].tier]
        order = np.lexsort((bucket, rows.series))
        rows, bucket = rows.take(order), bucket[order]
        ends = np.append(starts_of(rows.series, bucket)[1:], len(rows)) - 1
        return rows.take(ends) if len(rows) else rows

    def unchanged(self, view: View, settled: Points) -> npt.NDArray[np.bool_]:
        """Which of these points (series = id) are in the files already, with the same value and type?"""
        same = np.zeros(len(settled), bool)
        for day_us in np.unique(settled.time_us // DAY_US).tolist():
            begin, end = day_us * DAY_US, (day_us + 1) * DAY_US
            files = view.files(Tier.RAW, begin, end)
            if not files:
                continue
            inside = np.flatnonzero((settled.time_us >= begin) & (settled.time_us < end))
            part = settled.take(inside)
            ids = distinct(part.series)
            there = self.scanner.points(self.folder.root, files, ids, begin, end, typed=True)
            same[inside] = _same(there.renumbered(_identity(view, ids)).settled(), part)
        return same


def dense(points: Points) -> bool:
    """Do a minute's points on average make a minute file worth its bytes?"""
    numbers = points.kind != Kind.STRING
    series, minute = points.series[numbers], points.time_us[numbers] // MINUTE_US
    return len(series) >= DENSE * max(len(starts_of(series, minute)), 1)


def mergeable(view: View, smallest: int, rows: int, over_us: int) -> list[Segment]:
    """The next files to merge, oldest window first: a run of one level, or all of a window that is over.

    A window is over when it ends at or before `over_us`. At most `rows` rows are merged at once.
    """
    windows: dict[tuple[Tier, int], list[Segment]] = {}
    for segment in view.segments:
        windows.setdefault((segment.tier, segment.window_us), []).append(segment)
    for (tier, window_us), segments in sorted(windows.items()):
        run = len(segments)
        if window_us + WINDOW_US[tier] > over_us:
            levels = [segment.level for segment in segments]
            run = next((n for n, level in enumerate(reversed(levels)) if level != levels[-1]), len(levels))
            run = run if run >= smallest else 0
        chosen = segments[len(segments) - run :]
        if len(chosen) > 1 and sum(segment.rows for segment in chosen) <= rows:
            return chosen
    return []


def _by_window(points: Points, tier: Tier) -> Iterator[tuple[int, Points]]:
    """The points of each window, their order kept."""
    width = WINDOW_US[tier]
    window = points.time_us // width
    if not len(window):
        return
    lowest = int(window.min())
    short = (window - lowest).astype(np.uint16) if int(window.max()) - lowest < 2**16 else window
    order = np.argsort(short, kind="stable")
    ordered = window[order]
    for part in np.split(order, np.flatnonzero(np.diff(ordered)) + 1):
        yield int(window[part[0]]) * width, points.take(part)


def living(view: View) -> I32:
    """For every series id the id itself, or -1 if its machine was deleted."""
    return _identity(view, view.catalog.ids)


def _identity(view: View, ids: I32) -> I32:
    table = np.full(len(view.catalog.names.machines), -1, np.int32)
    table[ids] = ids
    return table


def _same(there: Points, new: Points) -> npt.NDArray[np.bool_]:
    """Which of the new points are there; both settled."""
    both = np.concatenate([there.series, new.series]), np.concatenate([there.time_us, new.time_us])
    order = np.lexsort((both[1], both[0]))
    pair = np.flatnonzero(
        (both[0][order[1:]] == both[0][order[:-1]]) & (both[1][order[1:]] == both[1][order[:-1]])
    )
    old, place = order[pair], order[pair + 1] - len(there)
    left, right = there.take(old), new.take(place)
    equal = (left.kind == right.kind) & ((left.number == right.number) | (right.kind == Kind.STRING))
    equal &= left.exact() == right.exact()
    if right.text is not None and left.text is not None:
        equal &= left.text == right.text
    same = np.zeros(len(new), bool)
    same[place[equal]] = True
    return same
