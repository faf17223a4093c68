"""Reading segments through DuckDB: only the columns, series and times that a question needs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt

from analytics.errors import StoreUnavailable, TooManyPoints
from data.telemetry.batch import I32, I64, Texts
from data.telemetry.embedded.files import STAMPED
from data.telemetry.embedded.points import Points
from data.telemetry.embedded.reading.kept import KeptRows
from data.telemetry.embedded.rollup import BASE, WHOLE_COLUMNS, Rollup, empty, joined
from data.telemetry.embedded.tiers import Segment

FOREVER_US: Final = 2**60
OLDEST_US: Final = -(2**60)
WORTH_ASKING: Final = 1_000_000
MOST_LISTED: Final = 2_000
"""More series than this are asked for as a range of ids and picked out afterwards."""


class SegmentGone(StoreUnavailable):
    """A file was merged away between the look into the manifest and its opening: look again."""


class Scanner:
    """One in-memory DuckDB of this process; every question runs on a cursor of its own, from any thread."""

    def __init__(self, threads: int = 2, memory: str = "1GB") -> None:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": memory,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        self._connection = duckdb.connect(":memory:", config=settings)
        self._connection.execute("SET parquet_metadata_cache = true")
        self._kept = KeptRows()

    def points(
        self,
        root: Path,
        segments: Sequence[Segment],
        ids: I32 | None,
        start_us: int,
        end_us: int,
        *,
        typed: bool,
        most: int | None = None,
    ) -> Points:
        """Points of the segments, in their order; `typed` brings exact integers and texts along.

        TooManyPoints if there are more than `most`.
        """
        if typed and sum(segment.rows for segment in segments) > WORTH_ASKING:
            typed = self._needs_types(root, segments)
        extra = ", whole, text" if typed else ""
        columns = f"series, epoch_us(time) AS time_us, coalesce(value, 'nan'::DOUBLE) AS value, kind{extra}"
        found = self._rows(root, segments, ids, start_us, end_us, columns=columns, most=most)
        if found is None:
            return Points.empty()
        if most is not None and len(found["series"]) > most:
            raise TooManyPoints(f"More than {most:,} points: ask for a shorter range or for fewer series.")
        points = Points(found["series"], found["time_us"], found["value"], found["kind"])
        if not typed:
            return points
        return replace(points, whole=_exact(found["whole"], points), text=_texts(found["text"]))

    def _needs_types(self, root: Path, segments: Sequence[Segment]) -> bool:
        """Do the segments hold any text, or an integer beyond a double?"""
        columns = "count(whole) + count(text) AS held"
        found = self._rows(root, segments, None, OLDEST_US, FOREVER_US, columns=columns)
        return found is not None and int(found["held"][0]) > 0

    def rollup(
        self,
        root: Path,
        segments: Sequence[Segment],
        ids: I32 | None,
        start_us: int,
        end_us: int,
        *,
        names: tuple[str, ...],
        keeps: bool = False,
    ) -> Rollup:
        """Rows whose bucket begins in [start_us, end_us), in the segments' order, with BASE and `names`.

        With `keeps`, what is read of a file that lies wholly in the range is kept for the next question.
        """
        wanted = tuple(dict.fromkeys((*BASE, *names)))
        asked = None if ids is None else ids.tobytes()
        whole = {
            segment: (str(root / segment.path), wanted, asked)
            for segment in segments
            if keeps and segment.first_us >= start_us and segment.last_us < end_us
        }
        parts = {one: rows for one, key in whole.items() if (rows := self._kept.get(key)) is not None}
        missing = [segment for segment in segments if segment not in parts]
        read = self._rollups(root, missing, ids, start_us, end_us, wanted) if missing else {}
        for segment, rows in read.items():
            if segment in whole:
                self._kept.put(whole[segment], rows)
        parts |= read
        return joined([empty(names), *(parts[segment] for segment in segments if segment in parts)])

    def _rollups(
        self,
        root: Path,
        segments: Sequence[Segment],
        ids: I32 | None,
        start_us: int,
        end_us: int,
        wanted: tuple[str, ...],
    ) -> dict[Segment, Rollup]:
        listed = (f"epoch_us({STAMPED[n]}) AS {n}" if n in STAMPED else f'"{n}"' for n in wanted)
        columns = "file_index, series, " + ", ".join(listed)
        found = self._rows(root, segments, ids, start_us, end_us, columns=columns)
        if found is None:
            return {}
        made = {
            n: found[n].astype(np.int64 if n in WHOLE_COLUMNS else np.float64, copy=False) for n in wanted
        }
        rows, place = Rollup(found["series"], made), found["file_index"].astype(np.int64)
        if len(segments) == 1:
            return {segments[0]: rows}
        if bool((place[1:] < place[:-1]).any()):
            order = np.argsort(place, kind="stable")
            rows, place = rows.take(order), place[order]
        edges = np.searchsorted(place, np.arange(len(segments) + 1))
        return {
            segment: rows.take(slice(int(edges[number]), int(edges[number + 1])))
            for number, segment in enumerate(segments)
        }

    def _rows(
        self,
        root: Path,
        segments: Sequence[Segment],
        ids: I32 | None,
        start_us: int,
        end_us: int,
        *,
        columns: str,
        most: int | None = None,
    ) -> dict[str, Any] | None:
        if not segments or (ids is not None and not len(ids)):
            return None
        chosen = _series_clause(ids)
        query = (
            f"SELECT {columns} FROM read_parquet(?, hive_partitioning = false) WHERE {chosen}"  # noqa: S608
            "time >= make_timestamptz(?) AND time < make_timestamptz(?)"
            f"{'' if most is None else f' LIMIT {most + 1}'}"
        )
        bounds = [min(max(time_us, OLDEST_US), FOREVER_US) for time_us in (start_us, end_us)]
        paths = [str(root / segment.path) for segment in segments]
        try:
            with self._connection.cursor() as cursor:
                found: dict[str, Any] = cursor.execute(query, [paths, *bounds]).fetchnumpy()
        except duckdb.IOException as error:
            raise SegmentGone(f"A telemetry file cannot be read: {error}") from error
        except duckdb.Error as error:
            raise StoreUnavailable(f"The telemetry files cannot be read: {error}") from error
        return found

    def close(self) -> None:
        """Close the in-memory database."""
        self._connection.close()


def _exact(column: npt.NDArray[Any], points: Points) -> I64 | None:
    """All integers exactly, where one of them needs more than a double; else None."""
    missing = np.ma.getmaskarray(column)
    if missing.all():
        return None
    whole = np.ma.getdata(column).astype(np.int64)
    whole[missing] = points.take(missing).exact()
    return whole


def _texts(column: npt.NDArray[Any]) -> Texts | None:
    """The texts, None elsewhere; None where there is none."""
    missing = np.ma.getmaskarray(column)
    if missing.all():
        return None
    texts = np.ma.getdata(column).astype(object)
    texts[missing] = None
    return texts


def _series_clause(ids: I32 | None) -> str:
    """SQL of whole numbers only, so there is nothing to escape."""
    if ids is None:
        return ""
    lowest, highest = int(ids.min()), int(ids.max())
    if lowest == highest:
        return f"series = {lowest} AND "
    if highest - lowest + 1 == len(ids) or len(ids) > MOST_LISTED:
        return f"series BETWEEN {lowest} AND {highest} AND "
    listed = ", ".join(map(str, ids.tolist()))
    return f"series BETWEEN {lowest} AND {highest} AND series IN ({listed}) AND "
