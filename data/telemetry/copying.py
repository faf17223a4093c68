"""The telemetry of a plant as files that go into a backup, and back into an empty store."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import orjson
import pandas as pd

from analytics.errors import StoreUnavailable
from data.telemetry.embedded.ledger import FILE
from data.telemetry.embedded.tiers import DAY_US, Tier, path_of
from data.telemetry.protocol import TelemetryStore
from data.telemetry.waiting import FILE as WAITING
from data.telemetry.waiting import WaitingRoom

LOOKS: Final = 8
WAIT_S: Final = 15.0
COLUMNS: Final = ["machine", "parameter", "time_us", "value"]


def stage(root: Path, into: Path) -> None:
    """Put a consistent copy of the embedded store under `root` into an empty folder, while it is written.

    The log is copied by SQLite itself, then the files that it lists are linked (or copied): they never
    change. One that was merged away meanwhile makes it look again.
    """
    for ledger in sorted(root.glob(f"*/{FILE}")):
        for look in range(LOOKS):
            target = into / ledger.parent.name
            shutil.rmtree(target, ignore_errors=True)
            try:
                _factory(ledger.parent, target)
                break
            except FileNotFoundError:
                if look == LOOKS - 1:
                    raise StoreUnavailable("The telemetry files change too fast to be copied.") from None


def _factory(folder: Path, target: Path) -> None:
    target.mkdir(parents=True)
    source = sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)
    copy = sqlite3.connect(target / FILE)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        rows = copy.execute("SELECT tier, window_us, name FROM segment").fetchall()
    finally:
        copy.close()
        source.close()
    for tier, window_us, name in rows:
        path = path_of(Tier(tier), window_us, name)
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(folder / path, target / path)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(folder / path, target / path)


def points(store: TelemetryStore, factory: str) -> Iterator[tuple[str, bytes]]:
    """All points of a store on a server: a name and lines of JSON for each day that has any."""
    series = store.parameters(factory)
    if series.empty:
        return
    first, last = int(series["first_us"].min()), int(series["last_us"].max())
    for start in range(first // DAY_US * DAY_US, last + 1, DAY_US):
        frame = store.read(factory, start, start + DAY_US)
        if len(frame):
            rows = zip(*(frame[name].tolist() for name in COLUMNS), strict=True)
            yield f"{factory}/{start}.jsonl", b"".join(orjson.dumps(row) + b"\n" for row in rows)


def keep_waiting(home: Path, into: Path) -> None:
    """Copy the points that wait in `home` for their store into a folder, if any do."""
    if not (home / WAITING).is_file():
        return
    source = sqlite3.connect(home / WAITING, timeout=WAIT_S)
    with closing(source), closing(sqlite3.connect(into / WAITING)) as copy:
        source.backup(copy)


def waiting_points(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The batches that waited when they were kept in the folder, in their order, as `points` gives days."""
    if not (folder / WAITING).is_file():
        return
    room = WaitingRoom(folder / WAITING, 0)
    try:
        after = 0
        while (found := room.oldest(after)) is not None:
            after, factory, batch = found
            yield (
                f"{factory}/waiting-{after:012}.jsonl",
                b"".join(orjson.dumps(row) + b"\n" for row in batch.rows()),
            )
    finally:
        room.close()


def refused_points(home: Path, factory: str) -> int:
    """How many points of the factory the store on a server has refused."""
    if not (home / WAITING).is_file():
        return 0
    room = WaitingRoom(home / WAITING, 0)
    try:
        return room.refused(factory)
    finally:
        room.close()


def put_back(store: TelemetryStore, factory: str, lines: bytes) -> int:
    """Load the points of one day; returns how many there were."""
    rows = [orjson.loads(line) for line in lines.splitlines()]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["value"] = pd.Series([row[3] for row in rows], dtype=object)
    store.bulk_load(factory, frame)
    return len(rows)
