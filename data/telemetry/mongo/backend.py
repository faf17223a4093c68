"""Points in a time-series collection, which cannot change a measurement: repeats are told apart at reading.

Each measurement carries the number of its write, and of two with one series and time the later write counts.
A window's minutes lie in the window's own document, so that they and its state change together.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from pymongo import ASCENDING, DESCENDING, MongoClient, ReturnDocument, UpdateOne, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import (
    CollectionInvalid,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
    PyMongoError,
    WTimeoutError,
)
from pymongo.uri_parser import parse_uri

from analytics.errors import ConfigurationError, StoreUnavailable, TooManyPoints
from data.telemetry.batch import EARLIEST_US, I64, U8, Kind
from data.telemetry.embedded.points import Points
from data.telemetry.embedded.rollup import COLUMNS, WHOLE_COLUMNS, Rollup, empty
from data.telemetry.embedded.tiers import MINUTE_US
from data.telemetry.protocol import Health
from data.telemetry.remote.backend import CLOSED, OPEN, ROLLED, WINDOW_US, Series, Stale
from data.telemetry.remote.store import refuse_closed

CONNECT_MS: Final = 2_000
ANSWER_MS: Final = 60_000
PORTION: Final = 10_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Stored = dict[str, Any]


class MongoBackend:
    """Collections telemetry_point (time series), telemetry_series, telemetry_window, telemetry_counter."""

    name = "mongodb"

    def __init__(self, url: str) -> None:
        """Nothing is asked of the server until the first question."""
        try:
            database = parse_uri(url)["database"]
        except PyMongoError as error:
            raise ConfigurationError(f"GEMBA_TELEMETRY_URL: {error}") from error
        if not database:
            raise ConfigurationError("GEMBA_TELEMETRY_URL: name the database after the last slash.")
        self._client: MongoClient[Stored] = MongoClient(
            url,
            serverSelectionTimeoutMS=CONNECT_MS,
            connectTimeoutMS=CONNECT_MS,
            socketTimeoutMS=ANSWER_MS,
            tz_aware=True,
        )
        safe = WriteConcern(w="majority", j=True, wtimeout=ANSWER_MS)
        self._database = self._client.get_database(str(database), write_concern=safe)
        self._points = self._database["telemetry_point"]
        self._series = self._database["telemetry_series"]
        self._windows = self._database["telemetry_window"]
        self._counters = self._database["telemetry_counter"]
        self._making = threading.Lock()
        self._is_made = False
        self._last_write = 0

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            with self._making:
                if not self._is_made:
                    self._make()
            yield
        except (ConnectionFailure, ExecutionTimeout, WTimeoutError, InvalidOperation) as error:
            short = str(error).split(",", maxsplit=1)[0][:200]
            raise StoreUnavailable(f"the telemetry store does not answer: {short}") from error

    def _make(self) -> None:
        try:
            self._database.create_collection(
                "telemetry_point", timeseries={"timeField": "t", "metaField": "m", "granularity": "seconds"}
            )
        except CollectionInvalid:
            self._is_made = True
        self._points.create_index([("m.s", ASCENDING), ("m.w", ASCENDING)])
        self._series.create_index(
            [("factory", ASCENDING), ("machine", ASCENDING), ("parameter", ASCENDING)], unique=True
        )
        self._windows.create_index([("factory", ASCENDING), ("state", ASCENDING), ("_id.w", ASCENDING)])
        self._windows.create_index([("_id.s", ASCENDING), ("_id.w", ASCENDING)])
        self._is_made = True

    def factories(self) -> tuple[str, ...]:
        """Whoever wrote."""
        with self._asking():
            found = self._counters.find({"_id": {"$regex": "^factory/"}})
            return tuple(sorted(str(one["_id"]).removeprefix("factory/") for one in found))

    def series(self, factory: str) -> list[Series]:
        """By their names, compared as code points."""
        with self._asking():
            rows = [Series(row["_id"], row["machine"], row["parameter"]) for row in self._known(factory)]
        return sorted(rows, key=lambda one: (one.machine, one.parameter))

    def _known(self, factory: str) -> list[Stored]:
        return list(self._series.find({"factory": factory}))

    def write(self, factory: str, keys: Sequence[tuple[str, str]], points: Points) -> None:
        """Windows first, then points, then the bounds of the series: each journaled before the next."""
        with self._asking():
            refs = self._refs(factory, keys, points)
            touched = np.stack([refs[points.series], points.time_us // WINDOW_US])
            self._open_windows(factory, touched)
            number = self._number()
            for begin in range(0, len(points), PORTION):
                part = points.take(slice(begin, begin + PORTION))
                # Unordered, measurements of one bucket are stored together.
                self._points.insert_many(_documents(part, refs, number), ordered=False)
            # Once more: minutes may have been made while the points were on their way.
            self._open_windows(factory, touched)
            self._widen(points, refs)

    def _number(self) -> int:
        """Larger than that of every earlier write of this machine."""
        with self._making:
            self._last_write = max(time.time_ns(), self._last_write + 1)
            return self._last_write

    def _refs(self, factory: str, keys: Sequence[tuple[str, str]], points: Points) -> I64:
        used = np.unique(points.series).tolist()
        known = {(row["machine"], row["parameter"]): row["_id"] for row in self._known(factory)}
        refs = np.zeros(len(keys), np.int64)
        for place in used:
            machine, parameter = keys[place]
            ref = known.get(keys[place])
            refs[place] = self._add(factory, machine, parameter) if ref is None else ref
        return refs

    def _add(self, factory: str, machine: str, parameter: str) -> int:
        self._counters.update_one({"_id": f"factory/{factory}"}, {"$set": {"seen": True}}, upsert=True)
        number = self._upserted(self._counters, {"_id": "series"}, {"$inc": {"value": 1}})["value"]
        key = {"factory": factory, "machine": machine, "parameter": parameter}
        return int(self._upserted(self._series, key, {"$setOnInsert": {"_id": number}})["_id"])

    @staticmethod
    def _upserted(collection: Collection[Stored], key: Stored, change: Stored) -> Stored:
        """The document of a key after the change, made where it was not there."""
        found: Stored | None = collection.find_one_and_update(
            key, change, upsert=True, return_document=ReturnDocument.AFTER
        )
        if found is None:
            raise StoreUnavailable("the telemetry store lost a document that it had just written")
        return found

    def _open_windows(self, factory: str, touched: I64) -> None:
        """`touched` has the series in its first row and their windows in the second."""
        ids = [{"s": number, "w": one} for number, one in np.unique(touched, axis=1).T.tolist()]
        for begin in range(0, len(ids), 1_000):
            some = ids[begin : begin + 1_000]
            closed = self._windows.find_one({"_id": {"$in": some}, "state": CLOSED})
            if closed is not None:
                refuse_closed(int(closed["_id"]["w"]))
            change = {
                "$set": {"state": OPEN, "factory": factory}, "$inc": {"writes": 1}, "$unset": {"minutes": ""},
            }  # fmt: skip
            self._windows.bulk_write(
                [UpdateOne({"_id": one}, change, upsert=True) for one in some], ordered=False
            )

    def _widen(self, points: Points, refs: I64) -> None:
        starts = np.append(0, np.flatnonzero(np.diff(points.series)) + 1)
        ends = np.append(starts[1:], len(points)) - 1
        numbers = refs[points.series[starts]].tolist()
        bounds = zip(numbers, points.time_us[starts].tolist(), points.time_us[ends].tolist(), strict=True)
        self._series.bulk_write(
            [
                UpdateOne({"_id": number}, {"$min": {"first_us": first}, "$max": {"last_us": last}})
                for number, first, last in bounds
            ],
            ordered=False,
        )

    def newest(self, factory: str, series: Sequence[Series]) -> tuple[Points, I64]:
        """Each series' last measurement, by the time that the series knows."""
        place = {one.ref: n for n, one in enumerate(series)}
        with self._asking():
            known = [row for row in self._known(factory) if row["_id"] in place and "last_us" in row]
            wanted = [
                {"m.s": row["_id"], "m.w": row["last_us"] // WINDOW_US, "us": row["last_us"]} for row in known
            ]
            found = [
                document
                for begin in range(0, len(wanted), 500)
                for document in self._points.find({"$or": wanted[begin : begin + 500]})
            ]
        points = _points(found, place, typed=True)
        first = {place[row["_id"]]: row["first_us"] for row in known}
        return points, np.array([first[one] for one in points.series.tolist()], np.int64)

    def points(
        self,
        factory: str,
        series: Sequence[Series],
        start_us: int,
        end_us: int,
        *,
        typed: bool,
        most: int | None = None,
    ) -> Points:
        """All measurements of the time, repeats removed here."""
        place = {one.ref: n for n, one in enumerate(series)}
        start_us = max(start_us, EARLIEST_US)
        chosen = {
            "m.s": {"$in": list(place)},
            "m.w": {"$gte": start_us // WINDOW_US, "$lte": max(end_us - 1, start_us) // WINDOW_US},
            "us": {"$gte": start_us, "$lt": end_us},
        }
        shown = {"_id": 0, "t": 0} if typed else {"_id": 0, "t": 0, "i": 0, "x": 0}
        with self._asking():
            cursor = self._points.find(chosen, shown, batch_size=50_000).max_time_ms(ANSWER_MS)
            found = list(cursor if most is None else cursor.limit(2 * most + 1))
        points = _points(found, place, typed=typed)
        if most is not None and len(points) > most:
            raise TooManyPoints(f"More than {most:,} points: ask for a shorter range.")
        return points

    def states(self, factory: str, series: Sequence[Series], first: int, last: int) -> U8:
        """Windows that nobody wrote are open and empty."""
        place = {one.ref: n for n, one in enumerate(series)}
        found = np.zeros((len(series), last - first + 1), np.uint8)
        chosen = {
            "_id.s": {"$in": list(place)}, "_id.w": {"$gte": first, "$lte": last}, "state": {"$ne": OPEN},
        }  # fmt: skip
        with self._asking():
            for row in self._windows.find(chosen, {"state": 1}):
                found[place[row["_id"]["s"]], row["_id"]["w"] - first] = row["state"]
        return found

    def minutes(
        self, factory: str, series: Sequence[Series], start_us: int, end_us: int, columns: tuple[str, ...]
    ) -> Rollup:
        """One document a window, each column packed."""
        place = {one.ref: n for n, one in enumerate(series)}
        names = tuple(dict.fromkeys((*columns, "first_us")))
        chosen = {
            "_id.s": {"$in": list(place)},
            "_id.w": {"$gte": start_us // WINDOW_US, "$lte": (end_us - 1) // WINDOW_US},
            "state": {"$ne": OPEN},
        }
        shown = {f"minutes.{name}": 1 for name in names}
        with self._asking():
            found = [
                row for row in self._windows.find(chosen, shown) if row.get("minutes", {}).get("first_us")
            ]
        if not found:
            return empty(columns)
        lengths = [len(row["minutes"]["first_us"]) // 8 for row in found]
        numbers = np.array([place[row["_id"]["s"]] for row in found], np.int32)
        made = {
            name: np.frombuffer(
                b"".join(row["minutes"][name] for row in found),
                np.int64 if name in WHOLE_COLUMNS else np.float64,
            )
            for name in names
        }
        minute_us = made["first_us"] // MINUTE_US * MINUTE_US
        inside = (minute_us >= start_us) & (minute_us < end_us)
        shown_only = {name: made[name] for name in columns}
        return Rollup(np.repeat(numbers, lengths), shown_only).take(inside).ordered()

    def stale(self, factory: str, before: int, most: int) -> list[Stale]:
        """The oldest first."""
        chosen = {"factory": factory, "state": OPEN, "_id.w": {"$lt": before}}
        with self._asking():
            known = {one.ref: one for one in self.series(factory)}
            rows = self._windows.find(chosen, {"writes": 1}).sort("_id.w", ASCENDING).limit(most)
            return [
                Stale(known[row["_id"]["s"]], row["_id"]["w"], row["writes"])
                for row in rows
                if row["_id"]["s"] in known
            ]

    def roll(self, factory: str, chosen: list[Stale], rows: Rollup) -> int:
        """State and minutes in one document, so in one step."""
        starts = np.searchsorted(rows.series, np.arange(len(chosen) + 1))
        updates = []
        for place, one in enumerate(chosen):
            mine = slice(int(starts[place]), int(starts[place + 1]))
            packed = {name: rows[name][mine].tobytes() for name in COLUMNS}
            updates.append(
                UpdateOne(
                    {"_id": {"s": one.series.ref, "w": one.window}, "state": OPEN, "writes": one.seen},
                    {"$set": {"state": ROLLED, "minutes": packed}},
                )
            )
        with self._asking():
            return self._windows.bulk_write(updates, ordered=False).modified_count

    def expire(self, factory: str, raw_before: int, minutes_before: int) -> int:
        """Closed first, then emptied, but for the newest of a series; a crash between leaves some behind."""
        old = {"factory": factory, "state": ROLLED, "_id.w": {"$lt": raw_before}}
        with self._asking():
            rows = list(self._windows.find(old, {"_id": 1}).limit(1_000))
            newest = {one["_id"]: one.get("last_us", 0) // WINDOW_US for one in self._known(factory)}
            for row in rows:
                self._windows.update_one({"_id": row["_id"], "state": ROLLED}, {"$set": {"state": CLOSED}})
                series, window = row["_id"]["s"], row["_id"]["w"]
                if newest.get(series) != window:
                    self._points.delete_many({"m.s": series, "m.w": window})
            gone = {"factory": factory, "state": CLOSED, "_id.w": {"$lt": minutes_before}}
            self._windows.update_many(gone, {"$unset": {"minutes": ""}})
        return len(rows)

    def delete(self, factory: str, machine: str) -> int:
        """The series first: what is left of a crash after that belongs to nobody."""
        with self._asking():
            chosen = {"factory": factory, "machine": machine}
            refs = [row["_id"] for row in self._series.find(chosen, {"_id": 1})]
            self._series.delete_many(chosen)
            self._windows.delete_many({"_id.s": {"$in": refs}})
            for ref in refs:
                self._points.delete_many({"m.s": ref})
        return len(refs)

    def health(self, factory: str) -> Health:
        """Repeated measurements count until they are gone."""
        with self._asking():
            version = str(self._client.server_info()["version"])
            refs = [row["_id"] for row in self._known(factory)]
            newest = self._series.find_one({"factory": factory}, sort=[("last_us", DESCENDING)]) or {}
            points = self._points.count_documents({"m.s": {"$in": refs}}) if refs else 0
            size = self._database.command("dbStats")
        bytes_used = int(size["storageSize"] + size["indexSize"])
        journal = "acknowledged by the journal of the majority"
        return Health(True, self.name, version, points, bytes_used, newest.get("last_us"), 0, journal, True)

    def close(self) -> None:
        """Close the pool."""
        self._client.close()


def _documents(points: Points, refs: I64, number: int) -> list[Stored]:
    """t is the time to the millisecond, which is all that MongoDB's dates hold; us is the whole time."""
    window = (points.time_us // WINDOW_US).tolist()
    series, times, kinds = refs[points.series].tolist(), points.time_us.tolist(), points.kind.tolist()
    values = points.number.tolist()
    made: list[Stored] = [
        {
            "t": EPOCH + timedelta(milliseconds=us // 1000),
            "m": {"s": s, "w": w},
            "us": us,
            "k": k,
            "v": v,
            "q": number,
        }
        for s, w, us, k, v in zip(series, window, times, kinds, values, strict=True)
    ]
    whole = points.exact()
    for place in np.flatnonzero(points.kind == Kind.INT).tolist():
        made[place]["i"] = int(whole[place])
    for place in np.flatnonzero(points.kind == Kind.STRING).tolist():
        made[place]["v"] = None
        made[place]["x"] = points.text[place] if points.text is not None else ""
    return made


def _points(found: list[Stored], place: dict[int, int], *, typed: bool) -> Points:
    """Settled: of measurements with one series and time the one of the latest write."""
    if not found:
        return Points.empty()
    order = np.argsort(np.array([one["q"] for one in found], np.int64), kind="stable").tolist()
    found = [found[n] for n in order]
    kind = np.array([one["k"] for one in found], np.uint8)
    number = np.array([np.nan if one["v"] is None else one["v"] for one in found], np.float64)
    whole = text = None
    if typed and bool((kind == Kind.INT).any()):
        whole = np.array([one.get("i", 0) for one in found], np.int64)
    if typed and bool((kind == Kind.STRING).any()):
        text = np.array([*(one.get("x") for one in found), None], dtype=object)[:-1]
    series = np.array([place[one["m"]["s"]] for one in found], np.int32)
    times = np.array([one["us"] for one in found], np.int64)
    return Points(series, times, number, kind, whole, text).settled()
