"""Points that wait on this machine's disk while the store that they belong to is away."""

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from analytics.errors import StoreUnavailable
from data.telemetry.batch import Batch, Values

SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, factory TEXT NOT NULL, points INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS refused (
  seq INTEGER PRIMARY KEY, factory TEXT NOT NULL, points INTEGER NOT NULL, body BLOB NOT NULL,
  reason TEXT NOT NULL);
"""


FILE: Final = "telemetry-waiting.db"


class WaitingRoom:
    """A first-in, first-out log of batches, durable when `put` returns, with room for so many points.

    Several processes may put; one at a time takes out (`turn`).
    """

    def __init__(self, path: Path, most_points: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._most = most_points
        self._lock = threading.Lock()
        self._turn = path.with_suffix(".lock")
        self._db = sqlite3.connect(path, timeout=15, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)

    def put(self, factory: str, batch: Batch) -> None:
        """Keep a batch; StoreUnavailable when there is no room, and then nothing of it is kept."""
        add = (
            "INSERT INTO waiting (factory, points, body) SELECT ?, ?, ?"
            " WHERE (SELECT coalesce(sum(points), 0) FROM waiting) + ? <= ?"
        )
        row = (factory, len(batch), packed(batch), len(batch), self._most)
        with self._lock, self._translated():
            added = self._db.execute(add, row).rowcount
        if not added:
            raise StoreUnavailable(
                f"The telemetry store is away, and the buffer of {self._most:,} points before it is full."
            )

    def points(self, factory: str | None = None) -> int:
        """How many points wait, of one factory or of all."""
        where, values = ("", ()) if factory is None else (" WHERE factory = ?", (factory,))
        with self._lock, self._translated():
            found = self._db.execute(f"SELECT coalesce(sum(points), 0) FROM waiting{where}", values)  # noqa: S608
            return int(found.fetchone()[0])

    def refused(self, factory: str) -> int:
        """How many points the store would not take when it was back; they are kept for people to see."""
        with self._lock, self._translated():
            sql = "SELECT coalesce(sum(points), 0) FROM refused WHERE factory = ?"
            return int(self._db.execute(sql, (factory,)).fetchone()[0])

    def oldest(self, after: int = 0) -> tuple[int, str, Batch] | None:
        """The batch that has waited longest, with its number and factory."""
        with self._lock, self._translated():
            sql = "SELECT seq, factory, body FROM waiting WHERE seq > ? ORDER BY seq LIMIT 1"
            row = self._db.execute(sql, (after,)).fetchone()
        return None if row is None else (int(row[0]), str(row[1]), unpacked(row[2]))

    def done(self, seq: int) -> None:
        """The store has the batch."""
        with self._lock, self._translated():
            self._db.execute("DELETE FROM waiting WHERE seq = ?", (seq,))

    def set_aside(self, seq: int, reason: str) -> None:
        """The store answers but refuses the batch: it must not hold up those behind it."""
        with self._lock, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            move = "INSERT INTO refused SELECT seq, factory, points, body, ? FROM waiting WHERE seq = ?"
            self._db.execute(move, (reason[:500], seq))
            self._db.execute("DELETE FROM waiting WHERE seq = ?", (seq,))
            self._db.execute("COMMIT")

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether it is this process's turn to take batches out; False while another one does."""
        with self._turn.open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreUnavailable(f"The buffer of waiting points cannot be used: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def packed(batch: Batch) -> bytes:
    """A batch as bytes, every value with its type."""
    values = batch.values
    return msgspec.msgpack.encode(
        {
            "keys": batch.keys,
            "codes": batch.codes.tobytes(),
            "times": batch.times_us.tobytes(),
            "kind": values.kind.tobytes(),
            "number": values.number.tobytes(),
            "whole": None if values.whole is None else values.whole.tobytes(),
            "text": None if values.text is None else values.text.tolist(),
        }
    )


def unpacked(body: bytes) -> Batch:
    """The batch of `packed`."""
    found: dict[str, Any] = msgspec.msgpack.decode(body)
    whole, text = found["whole"], found["text"]
    return Batch(
        tuple((machine, parameter) for machine, parameter in found["keys"]),
        _array(found["codes"], np.int32),
        _array(found["times"], np.int64),
        Values(
            _array(found["kind"], np.uint8),
            _array(found["number"], np.float64),
            None if whole is None else _array(whole, np.int64),
            None if text is None else np.array(text, dtype=object),
        ),
    )


def _array(body: bytes, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.frombuffer(body, dtype).copy()
