"""The SQLite file of one factory as its single writer sees it: series, log, latest values, manifest.

WAL with synchronous FULL: a commit is on the disk when it returns. SQLite before 3.51.3 may lose WAL
content when two connections write or checkpoint at the same moment, so this is the only connection that
does either.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analytics.errors import RejectedPoints, StoreUnavailable
from data.telemetry.batch import I32, I64, Batch, Kind
from data.telemetry.embedded.latest import Latest
from data.telemetry.embedded.points import Points
from data.telemetry.embedded.tiers import DAY_US, Segment

FILE: Final = "log.sqlite"
SCHEMA_VERSION: Final = 1
WORTH_PAGES: Final = 1_000
MOST_JOURNAL_BYTES: Final = 16 * 2**20
"""The WAL shrinks to this after a checkpoint."""
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY AUTOINCREMENT, machine TEXT NOT NULL, parameter TEXT NOT NULL,
    UNIQUE (machine, parameter));
CREATE TABLE IF NOT EXISTS log (
    seq INTEGER PRIMARY KEY, points INTEGER NOT NULL, series BLOB NOT NULL, time_us BLOB NOT NULL,
    number BLOB NOT NULL, kind BLOB NOT NULL, whole BLOB, text TEXT);
CREATE TABLE IF NOT EXISTS latest (
    block INTEGER PRIMARY KEY, first_us BLOB NOT NULL, time_us BLOB NOT NULL, number BLOB NOT NULL,
    kind BLOB NOT NULL, whole BLOB NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS segment (
    name TEXT PRIMARY KEY, tier INTEGER NOT NULL, window_us INTEGER NOT NULL, rank INTEGER NOT NULL,
    level INTEGER NOT NULL, rows INTEGER NOT NULL, size_bytes INTEGER NOT NULL, first_us INTEGER NOT NULL,
    last_us INTEGER NOT NULL, first_series INTEGER NOT NULL, last_series INTEGER NOT NULL,
    dirty INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closed (window_us INTEGER PRIMARY KEY);
INSERT OR IGNORE INTO meta VALUES
    ('schema', 1), ('last_seq', 0), ('watermark', 0), ('catalog', 0), ('deletions', 0),
    ('manifest', 0), ('rank', 0), ('compacted', 0);
"""
LOG_COLUMNS: Final = "seq, series, time_us, number, kind, whole, text"


class Ledger:
    """All writing of one factory's SQLite file. Not thread-safe: the owner holds a lock around each call."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with translated():
            self._db = sqlite3.connect(
                folder / FILE, isolation_level=None, check_same_thread=False, timeout=5.0
            )
            self._db.execute("PRAGMA page_size = 8192")
            self._db.execute("PRAGMA auto_vacuum = INCREMENTAL")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute(f"PRAGMA journal_size_limit = {MOST_JOURNAL_BYTES}")
            self._db.executescript(SCHEMA)
        self._load()
        if self._meta["schema"] != SCHEMA_VERSION:
            raise StoreUnavailable(f"{folder / FILE} was written by a newer version of the program.")

    def _load(self) -> None:
        with translated():
            self._meta: dict[str, int] = dict(self._db.execute("SELECT name, value FROM meta"))
            listed = self._db.execute("SELECT machine, parameter, id FROM series")
            self._ids = {(machine, parameter): number for machine, parameter, number in listed}
            self._closed = {window for (window,) in self._db.execute("SELECT window_us FROM closed")}
            self._latest = Latest.of_rows(self._db.execute("SELECT * FROM latest ORDER BY block"))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        committed = False
        try:
            with translated():
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                values = [(value, name) for name, value in self._meta.items()]
                self._db.executemany("UPDATE meta SET value = ? WHERE name = ?", values)
                self._db.execute("COMMIT")
                committed = True
        finally:
            if not committed:
                self._undo()

    def _undo(self) -> None:
        with translated():
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        self._load()

    @property
    def compacted_us(self) -> int:
        """When the log was last compacted, by the clock of whoever asked for it."""
        return self._meta["compacted"]

    def backlog(self) -> int:
        """Points in the log."""
        with translated():
            (points,) = self._db.execute("SELECT coalesce(sum(points), 0) FROM log").fetchone()
        return int(points)

    def append(self, batch: Batch) -> None:
        """Log the batch and its newest values in one transaction."""
        self._refuse_closed(batch)
        with self._transaction() as db:
            points = Points.of(batch, self._known(db, batch.keys))
            self._meta["last_seq"] += 1
            db.execute(
                "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _logged(self._meta["last_seq"], points)
            )
            self._store_latest(db, self._latest.update(points))

    def ids(self, keys: Sequence[tuple[str, str]]) -> I32:
        """The ids of series, made where they are new."""
        with self._transaction() as db:
            return self._known(db, keys)

    def _known(self, db: sqlite3.Connection, keys: Sequence[tuple[str, str]]) -> I32:
        for key in keys:
            if key not in self._ids:
                made = db.execute("INSERT INTO series (machine, parameter) VALUES (?, ?)", key)
                self._ids[key] = int(made.lastrowid or 0)
                self._meta["catalog"] += 1
        return np.array([self._ids[key] for key in keys], np.int32)

    def _refuse_closed(self, batch: Batch) -> None:
        if not self._closed:
            return
        shut = set(np.unique(batch.times_us // DAY_US * DAY_US).tolist()) & self._closed
        if shut:
            day = np.datetime64(min(shut), "us").astype("datetime64[D]")
            raise RejectedPoints(
                f"Points of {day} are older than the points that are kept; nothing of the batch was stored."
            )

    def open_days(self, times_us: I64) -> npt.NDArray[np.bool_]:
        """Which of these times lie in a day whose points have not expired?"""
        return np.isin(times_us // DAY_US * DAY_US, list(self._closed), invert=True)

    def _store_latest(self, db: sqlite3.Connection, ids: I32) -> None:
        db.executemany("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?, ?, ?, ?)", self._latest.rows(ids))

    def next_rank(self) -> int:
        """A rank above all that were given out."""
        self._meta["rank"] += 1
        return self._meta["rank"]

    def publish(
        self,
        added: Sequence[Segment],
        removed: Sequence[Segment] = (),
        *,
        watermark: int = 0,
        deletions: int | None = None,
        newest: Points | None = None,
        now_us: int = 0,
    ) -> None:
        """Put files into the manifest, take others out and move the watermark, in one transaction.

        Log rows up to `watermark` leave the log. `deletions` is the count of deletions that the files were
        written after: if a machine was deleted since, they are marked for a rewrite.
        """
        dirty = deletions is not None and deletions != self._meta["deletions"]
        with self._transaction() as db:
            db.executemany("DELETE FROM segment WHERE name = ?", [(segment.name,) for segment in removed])
            rows = [(*_listed(segment)[:-1], int(segment.dirty or dirty)) for segment in added]
            db.executemany("INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._meta["manifest"] += 1
            self._meta["compacted"] = max(self._meta["compacted"], now_us)
            if watermark > self._meta["watermark"]:
                self._meta["watermark"] = watermark
                db.execute("DELETE FROM log WHERE seq <= ?", (watermark,))
            if newest is not None:
                self._store_latest(db, self._latest.update(newest))

    def expire(
        self, segments: Sequence[Segment], closing: Sequence[int], added: Sequence[Segment] = ()
    ) -> None:
        """Take files out of the manifest for their age and close the days whose points go with them."""
        self._closed.update(closing)
        with self._transaction() as db:
            db.executemany("INSERT OR IGNORE INTO closed VALUES (?)", [(window,) for window in closing])
            db.executemany("DELETE FROM segment WHERE name = ?", [(segment.name,) for segment in segments])
            db.executemany(
                "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [_listed(s) for s in added]
            )
            self._meta["manifest"] += 1

    def forget(self, machine: str) -> int:
        """Drop a machine's series; files that may hold them are marked for a rewrite."""
        gone = {key: number for key, number in self._ids.items() if key[0] == machine}
        if not gone:
            return 0
        ids = np.array(sorted(gone.values()), np.int32)
        with self._transaction() as db:
            db.execute("DELETE FROM series WHERE machine = ?", (machine,))
            overlap = "UPDATE segment SET dirty = 1 WHERE first_series <= ? AND last_series >= ?"
            db.execute(overlap, (int(ids[-1]), int(ids[0])))
            self._latest.forget(ids)
            self._store_latest(db, ids)
            self._ids = {key: number for key, number in self._ids.items() if key not in gone}
            for name in ("catalog", "manifest", "deletions"):
                self._meta[name] += 1
        return len(gone)

    def shrink(self) -> None:
        """Give the room of compacted log rows back to the disk, where it is worth it."""
        with translated():
            (free,), (pages,) = (
                self._db.execute(f"PRAGMA {name}").fetchone() for name in ("freelist_count", "page_count")
            )
            if free > WORTH_PAGES and free * 2 > pages:
                self._db.executescript(f"PRAGMA incremental_vacuum({free // 2})")

    def close(self) -> None:
        """Close the file."""
        self._db.close()


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailable(f"The telemetry log cannot be used: {error}.") from error


def _listed(segment: Segment) -> tuple[Any, ...]:
    return (
        segment.name, int(segment.tier), segment.window_us, segment.rank, segment.level, segment.rows,
        segment.size_bytes, segment.first_us, segment.last_us, segment.first_series, segment.last_series,
        int(segment.dirty),
    )  # fmt: skip


def _logged(seq: int, points: Points) -> tuple[Any, ...]:
    texts = None
    if points.text is not None:
        texts = json.dumps(points.text[points.kind == Kind.STRING].tolist())
    return (
        seq,
        len(points),
        points.series.astype("<i4").tobytes(),
        points.time_us.astype("<i8").tobytes(),
        points.number.astype("<f8").tobytes(),
        points.kind.tobytes(),
        None if points.whole is None else points.whole.astype("<i8").tobytes(),
        texts,
    )


def unlogged(row: Sequence[Any]) -> Points:
    """The points of a row of LOG_COLUMNS."""
    _, series, time_us, number, kind, whole, texts = row
    kinds = np.frombuffer(kind, np.uint8)
    text = None
    if texts is not None:
        text = np.full(len(kinds), None, object)
        text[kinds == Kind.STRING] = json.loads(texts)
    return Points(
        np.frombuffer(series, "<i4"),
        np.frombuffer(time_us, "<i8"),
        np.frombuffer(number, "<f8"),
        kinds,
        None if whole is None else np.frombuffer(whole, "<i8"),
        text,
    )
