"""One factory's folder: who may write when, and the steps of upkeep."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from analytics.errors import StoreUnavailable
from data.telemetry.batch import Batch
from data.telemetry.embedded.files import SegmentFolder
from data.telemetry.embedded.ledger import Ledger
from data.telemetry.embedded.points import Points, distinct
from data.telemetry.embedded.reading.scan import Scanner
from data.telemetry.embedded.reading.view import View, ViewKeeper
from data.telemetry.embedded.tiers import DAY_US, WINDOW_US, Segment, Tier
from data.telemetry.embedded.writing.compaction import BULK_LEVEL, Compactor, living, mergeable
from data.telemetry.embedded.writing.retention import Retention
from data.telemetry.protocol import LoadReport, Maintenance

Step = Callable[[str], None]
"""Told the name of each step that a crash may follow: files_written, published."""


class FactoryFolder:
    """The log and files of one factory.

    Two locks: `_writing` is held for a single transaction, `_upkeep` for a whole compaction, merge or bulk
    load, so that batches are acknowledged while files are written. Without a `ledger` the folder is
    read-only.
    """

    def __init__(
        self, root: Path, scanner: Scanner, retention: Retention, *, read_only: bool, step: Step
    ) -> None:
        self.root = root
        self._retention, self._step = retention, step
        self._writing, self._upkeep = threading.Lock(), threading.Lock()
        self._folder = SegmentFolder(root)
        self._compactor = Compactor(scanner, self._folder)
        self._outdated: list[str] = []
        self._ledger = None if read_only else Ledger(root)
        self._keeper = ViewKeeper(root)
        self._untidy = not read_only

    def view(self) -> View:
        """The newest committed state."""
        return self._keeper.current()

    @contextmanager
    def _writer(self) -> Iterator[Ledger]:
        if self._ledger is None:
            raise StoreUnavailable("This process opened the telemetry read-only; another one writes it.")
        with self._writing:
            yield self._ledger

    @contextmanager
    def _keeping_up(self) -> Iterator[None]:
        """Alone with the files; first removes those that a crash or an error left unpublished."""
        with self._upkeep:
            if self._untidy:
                listed = {segment.path for segment in self.view().segments} | set(self._outdated)
                self._folder.remove(self._folder.strays(listed))
            self._untidy = self._ledger is not None
            yield
            self._untidy = False

    def append(self, batch: Batch) -> int:
        """Log a batch."""
        with self._writer() as ledger:
            if len(batch):
                ledger.append(batch)
        return len(batch)

    def bulk_load(self, batch: Batch) -> LoadReport:
        """Write a batch straight into files; what is in the log already counts as written before it."""
        with self._keeping_up():
            with self._writer() as ledger:
                kept = ledger.open_days(batch.times_us)
                used = distinct(batch.codes[kept])
                ids = np.zeros(len(batch.keys), np.int32)
                ids[used] = ledger.ids([batch.keys[code] for code in used.tolist()])
            self._compact(0)
            view = self.view()
            settled = Points.of(batch, ids).where(kept).renumbered(living(view)).settled()
            settled = settled.where(~self._compactor.unchanged(view, settled))
            if len(settled):
                self._publish(view, settled, BULK_LEVEL, newest=settled)
        expired = int(np.count_nonzero(~kept))
        return LoadReport(len(settled), len(batch) - expired - len(settled), expired)

    def delete(self, machine: str) -> int:
        """Forget a machine; the files are rewritten without it by later upkeep."""
        with self._writer() as ledger:
            return ledger.forget(machine)

    def maintain(self, now_us: int) -> Maintenance:
        """Compact the log if due; merge, rewrite and expire a few files; remove what the last step left."""
        with self._keeping_up():
            removed = self._folder.remove(self._outdated)
            self._outdated = []
            compacted = self._compact(now_us) if self._due(now_us) else 0
            merged = self._merge(now_us) + self._rewrite()
            expired = self._expire(now_us)
            with self._writer() as ledger:
                ledger.shrink()
        return Maintenance(compacted, merged, expired, removed)

    def _due(self, now_us: int) -> bool:
        with self._writer() as ledger:
            waited_us = now_us - ledger.compacted_us
        enough = len(self.view().tail) >= self._retention.compact_points
        return enough or waited_us >= self._retention.compact_every_us

    def _compact(self, now_us: int) -> int:
        view = self.view()
        if len(view.tail):
            settled = view.tail.renumbered(living(view)).settled()
            self._publish(view, settled, 0, watermark=view.last_seq, now_us=now_us)
        return len(view.tail)

    def _publish(
        self,
        view: View,
        settled: Points,
        level: int,
        *,
        watermark: int = 0,
        newest: Points | None = None,
        now_us: int = 0,
    ) -> None:
        with self._writer() as ledger:
            rank = ledger.next_rank()
        bare = replace(view, tail=Points.empty())
        added = self._compactor.files_of(bare, settled, rank, level)
        self._sync()
        with self._writer() as ledger:
            ledger.publish(
                added,
                watermark=watermark,
                deletions=view.meta["deletions"],
                newest=newest,
                now_us=now_us,
            )
        self._step("published")

    def _sync(self) -> None:
        self._folder.sync()
        self._step("files_written")

    def _merge(self, now_us: int) -> int:
        keep, view = self._retention, self.view()
        over_us = now_us - DAY_US
        chosen = mergeable(view, keep.merge_segments, keep.merge_rows, over_us)
        if chosen:
            over = chosen[0].window_us + WINDOW_US[chosen[0].tier] <= over_us
            self._replace(view, chosen, BULK_LEVEL if over else chosen[-1].level + 1)
        return len(chosen)

    def _rewrite(self) -> int:
        view = self.view()
        dirty = [segment for segment in view.segments if segment.dirty][: self._retention.windows_per_step]
        for segment in dirty:
            self._replace(view, [segment], segment.level)
        return len(dirty)

    def _replace(self, view: View, old: list[Segment], level: int) -> None:
        added = self._compactor.merged(view, old, level)
        self._sync()
        with self._writer() as ledger:
            ledger.publish(added, old, deletions=view.meta["deletions"])
        self._outdated += [segment.path for segment in old]
        self._step("published")

    def _expire(self, now_us: int) -> int:
        keep, view = self._retention, self.view()
        old: list[Segment] = []
        closing: dict[int, list[Segment]] = {}
        for segment in view.segments:
            end_us = segment.window_us + WINDOW_US[segment.tier]
            if segment.tier is Tier.MINUTE and end_us <= now_us - keep.minute_us:
                old.append(segment)
            if segment.tier is Tier.RAW and end_us <= now_us - keep.raw_us:
                closing.setdefault(segment.window_us, []).append(segment)
        for day_us in sorted(closing)[keep.windows_per_step :]:
            del closing[day_us]
        return self._let_go(view, old, closing) if old or closing else 0

    def _let_go(self, view: View, old: list[Segment], closing: dict[int, list[Segment]]) -> int:
        """Take files out; a day whose points go keeps its minutes, and takes no more points."""
        minutes = {segment.window_us for segment in view.segments if segment.tier is Tier.MINUTE}
        sparse = [segments for day_us, segments in closing.items() if day_us not in minutes]
        added = [made for segments in sparse for made in self._compactor.minutes_of(view, segments)]
        self._sync()
        old = old + [segment for segments in closing.values() for segment in segments]
        with self._writer() as ledger:
            waiting = set(np.unique(self.view().tail.time_us // DAY_US * DAY_US).tolist())
            given_up = not waiting.isdisjoint(closing)
            if not given_up:
                ledger.expire(old, sorted(closing), added)
        self._outdated += [segment.path for segment in (added if given_up else old)]
        self._step("published")
        return 0 if given_up else len(old)

    def size_bytes(self) -> int:
        """Bytes of the log and all files."""
        logs = sum(path.stat().st_size for path in self.root.glob("log.sqlite*"))
        return logs + sum(segment.size_bytes for segment in self.view().segments)

    def close(self) -> None:
        """Close the files."""
        self._keeper.close()
        with self._writing:
            if self._ledger is not None:
                self._ledger.close()
