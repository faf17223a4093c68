"""Writing the Parquet files of segments: sorted, compressed, synced, for any program that reads Parquet."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.errors import StoreUnavailable
from data.telemetry.batch import I32
from data.telemetry.embedded.points import Points, distinct
from data.telemetry.embedded.rollup import COLUMNS, Rollup
from data.telemetry.embedded.tiers import WIDTH_US, Segment, Slot, path_of

ROW_GROUP: Final = 122_880
STAMP: Final = pa.timestamp("us", tz="UTC")
STAMPED: Final = {"first_us": "first_at", "last_us": "last_at", "min_us": "min_at", "max_us": "max_at"}
"""Columns of `Rollup` that are stored as timestamps, under the name that outside readers see."""


@dataclass(frozen=True, slots=True)
class Names:
    """The machine and the parameter of each series id, as Arrow texts; null where there is no such series."""

    machines: pa.Array
    parameters: pa.Array


@dataclass(slots=True)
class SegmentFolder:
    """The Parquet files of one factory. Files are written once, under a fresh name, and never changed."""

    root: Path
    unsynced: set[Path] = field(default_factory=set)

    def write_points(self, slot: Slot, points: Points, names: Names) -> Segment:
        """Write settled points of one raw window."""
        whole, text = points.whole, points.text
        table = {
            **_identity(points.series, names),
            "time": pa.array(points.time_us, STAMP),
            "value": pa.array(points.number, mask=np.isnan(points.number)),
            "kind": points.kind,
            "whole": pa.nulls(len(points), pa.int64()) if whole is None else pa.array(whole),
            "text": pa.nulls(len(points), pa.string()) if text is None else pa.array(text, pa.string()),
        }
        name, size = self._write(slot, pa.table(table), {"value": points.number}, ("time",))
        bounds = {"first_us": points.time_us, "last_us": points.time_us}
        return _segment(slot, name, size, Rollup(points.series, bounds))

    def write_rollup(self, slot: Slot, rows: Rollup, names: Names) -> Segment:
        """Write rows of one minute or hour window, one per series and bucket, sorted by them."""
        width = WIDTH_US[slot.tier]
        table = _identity(rows.series, names)
        table["time"] = pa.array(rows.first_us // width * width, STAMP)
        for column in COLUMNS:
            stored = STAMPED.get(column)
            table[stored or column] = pa.array(rows[column], STAMP) if stored else rows[column]
        floats = {name: rows[name] for name in COLUMNS if rows[name].dtype.kind == "f"}
        name, size = self._write(slot, pa.table(table), floats, ("time", *STAMPED.values()))
        return _segment(slot, name, size, rows)

    def _write(
        self, slot: Slot, table: pa.Table, floats: dict[str, Any], times: tuple[str, ...]
    ) -> tuple[str, int]:
        name = uuid4().hex
        path = self.root / path_of(slot.tier, slot.window_us, name)
        rough = [column for column, values in floats.items() if _varied(values)]
        encodings = dict.fromkeys(times, "DELTA_BINARY_PACKED") | dict.fromkeys(rough, "BYTE_STREAM_SPLIT")
        try:
            self._make_folder(path.parent)
            with path.open("xb") as file:
                pq.write_table(
                    table,
                    file,
                    compression="zstd",
                    row_group_size=ROW_GROUP,
                    use_dictionary=[column for column in table.column_names if column not in encodings],
                    column_encoding=encodings,
                    store_schema=False,
                )
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            path.unlink(missing_ok=True)
            raise StoreUnavailable(f"The telemetry file {path} cannot be written: {error}.") from error
        self.unsynced.add(path.parent)
        return name, path.stat().st_size

    def _make_folder(self, folder: Path) -> None:
        missing = [step for step in (folder, *folder.parents) if not step.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self.unsynced.update(step.parent for step in missing)

    def sync(self) -> None:
        """Make the new files' names as durable as their contents."""
        while self.unsynced:
            descriptor = os.open(self.unsynced.pop(), os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def remove(self, paths: list[str]) -> int:
        """Delete files that no reader needs any more; returns how many there were."""
        there = [self.root / path for path in paths if (self.root / path).exists()]
        for path in there:
            path.unlink()
        return len(there)

    def strays(self, listed: set[str]) -> list[str]:
        """Files that no manifest row names: what a crash left between writing and publishing."""
        found = (str(path.relative_to(self.root)) for path in self.root.glob("*/day=*/*.parquet"))
        return [path for path in found if path not in listed]


def _identity(series: I32, names: Names) -> dict[str, Any]:
    ids = distinct(series)
    codes = np.searchsorted(ids, series).astype(np.int32)
    columns: dict[str, Any] = {"series": series}
    for word, texts in (("machine", names.machines), ("parameter", names.parameters)):
        columns[word] = pa.DictionaryArray.from_arrays(codes, texts.take(pa.array(ids)))
    return columns


def _varied(column: npt.NDArray[np.float64]) -> bool:
    """Does a dictionary of the values not pay? Rounded readings repeat, raw doubles do not."""
    sample = column[:ROW_GROUP]
    return len(np.unique(sample)) * 2 > len(sample)


def _segment(slot: Slot, name: str, size: int, rows: Rollup) -> Segment:
    return Segment(
        name,
        slot.tier,
        slot.window_us,
        slot.rank,
        slot.level,
        len(rows),
        size,
        int(rows.first_us.min()),
        int(rows.last_us.max()),
        int(rows.series.min()),
        int(rows.series.max()),
    )
