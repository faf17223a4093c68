"""What a reader sees: one snapshot of series, manifest and watermark over the log rows behind it.

The log rows come first, then watermark and manifest in the same snapshot, and log rows at or below the
watermark are dropped: a point is seen in the log or in a file, never in neither.
"""

import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from data.telemetry.batch import I32
from data.telemetry.embedded.files import Names
from data.telemetry.embedded.latest import Latest
from data.telemetry.embedded.ledger import FILE, LOG_COLUMNS, translated, unlogged
from data.telemetry.embedded.points import Points
from data.telemetry.embedded.reading.tail import Tail
from data.telemetry.embedded.tiers import Segment, Tier
from data.telemetry.protocol import Keys


@dataclass(frozen=True, slots=True, eq=False)
class Catalog:
    """The living series: `ids` in the order of their names, and the names of every id."""

    version: int
    ids: I32
    names: Names
    machines: Mapping[str, Mapping[str, int]]

    def choose(self, machines: Keys, parameters: Keys) -> I32:
        """The ids of the series of these machines and parameters, in the order of their names."""
        if machines is None and parameters is None:
            return self.ids
        wanted = sorted(self.machines if machines is None else set(machines) & self.machines.keys())
        some = None if parameters is None else frozenset(parameters)
        return np.array(
            [
                number
                for machine in wanted
                for parameter, number in self.machines[machine].items()
                if some is None or parameter in some
            ],
            np.int32,
        )

    def places(self, ids: I32) -> I32:
        """For every id its place in `ids`, or -1."""
        table = np.full(len(self.names.machines), -1, np.int32)
        table[ids] = np.arange(len(ids), dtype=np.int32)
        return table


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One consistent state of a factory's points; `tail` is in the order of writing, with ids as series."""

    catalog: Catalog
    segments: tuple[Segment, ...]
    closed: frozenset[int]
    latest: Latest
    tail: Points
    last_seq: int
    meta: Mapping[str, int]

    def files(self, tier: Tier, start_us: int, end_us: int) -> list[Segment]:
        """The tier's files that may hold rows of [start_us, end_us): older windows first, then by rank."""
        return [s for s in self.segments if s.tier == tier and s.meets(start_us, end_us)]


NO_NAMES = pa.nulls(1, pa.large_string())
NOTHING = View(
    Catalog(0, np.empty(0, np.int32), Names(NO_NAMES, NO_NAMES), {}),
    (),
    frozenset(),
    Latest(),
    Points.empty(),
    0,
    {},
)


class ViewKeeper:
    """Keeps the newest view of one factory through a connection that only reads. Safe for many threads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._tail = Tail()
        self._view = NOTHING

    def current(self) -> View:
        """The newest committed state; the same object while nothing changed."""
        with self._lock, translated():
            if self._db is None:
                if not self._path.exists():
                    return NOTHING
                address = f"{self._path.absolute().as_uri()}?mode=ro"
                self._db = sqlite3.connect(
                    address, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0
                )
            self._db.execute("BEGIN")
            try:
                self._view = self._refreshed(self._db)
            finally:
                self._db.execute("COMMIT")
            return self._view

    def _refreshed(self, db: sqlite3.Connection) -> View:
        old = self._view
        if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
            return NOTHING
        meta: dict[str, int] = dict(db.execute("SELECT name, value FROM meta"))
        if meta == old.meta or not meta:
            return old
        for row in db.execute(f"SELECT {LOG_COLUMNS} FROM log WHERE seq > ? ORDER BY seq", (old.last_seq,)):  # noqa: S608
            self._tail.append(row[0], unlogged(row))
        self._tail.drop(meta["watermark"])
        listed = not old.meta or meta["manifest"] != old.meta["manifest"]
        return View(
            _catalog(db, meta["catalog"]) if meta["catalog"] != old.catalog.version else old.catalog,
            _segments(db) if listed else old.segments,
            frozenset(w for (w,) in db.execute("SELECT window_us FROM closed")) if listed else old.closed,
            Latest.of_rows(db.execute("SELECT * FROM latest ORDER BY block")),
            self._tail.points(),
            meta["last_seq"],
            meta,
        )

    def close(self) -> None:
        """Close the connection; a reading connection never checkpoints."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None


def _catalog(db: sqlite3.Connection, version: int) -> Catalog:
    rows: list[Any] = db.execute(
        "SELECT id, machine, parameter FROM series ORDER BY machine, parameter"
    ).fetchall()
    ids = np.array([row[0] for row in rows], np.int32)
    (highest,) = db.execute(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'series'"
    ).fetchone()
    texts = np.full((2, int(highest) + 1), None, object)
    machines: dict[str, dict[str, int]] = {}
    for number, machine, parameter in rows:
        texts[:, number] = machine, parameter
        machines.setdefault(machine, {})[parameter] = number
    names = Names(pa.array(texts[0], pa.large_string()), pa.array(texts[1], pa.large_string()))
    return Catalog(version, ids, names, machines)


def _segments(db: sqlite3.Connection) -> tuple[Segment, ...]:
    rows = db.execute("SELECT * FROM segment ORDER BY tier, window_us, rank")
    listed: list[list[Any]] = [[row[0], Tier(row[1]), *row[2:11], bool(row[11])] for row in rows]
    return tuple(Segment(*row) for row in listed)
