"""Measurements gemba_point, gemba_minute, gemba_window and gemba_series, told apart by tags.

A point has the tags f (factory), m (machine), p (parameter) and g, the generation: a deleted machine's next
points begin a new one, since not every version can delete. Its fields are k (kind), v (the value as a
double), i (an exact integer) and x (a text); k says which of them counts. A line of the same tags and time
replaces the fields, so that repeats change nothing. One process writes; it keeps in mind which windows it
has opened.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from analytics.errors import StoreUnavailable, TooManyPoints
from data.telemetry.batch import EARLIEST_US, I64, LATEST_US, U8, Kind
from data.telemetry.embedded.points import Points, joined
from data.telemetry.embedded.rollup import COLUMNS, WHOLE_COLUMNS, Rollup, empty
from data.telemetry.embedded.tiers import MINUTE_US
from data.telemetry.influx.client import (
    Answer,
    InfluxClient,
    in_line,
    literal,
    select,
    tag,
    text_field,
    untag,
)
from data.telemetry.protocol import Health
from data.telemetry.remote.backend import CLOSED, OPEN, ROLLED, WINDOW_US, Series, Stale
from data.telemetry.remote.store import refuse_closed

MOST_NAMED: Final = 100
"""A question about more series than this asks for all of the factory, and drops the rest here."""
GROUPS: Final = "GROUP BY f, m, p, g"
POINT: Final = "gemba_point"
TRIES: Final = 20
WAIT_S: Final = 0.01
SERIES_US: Final = EARLIEST_US
"""The one time at which the catalogue of series is written."""
Key = tuple[int, int]


class InfluxBackend:
    """`Series.ref` is the generation."""

    name = "influxdb"

    def __init__(self, url: str) -> None:
        """Nothing is asked of the server until the first question."""
        self._client = InfluxClient(url)
        self._lock = threading.Lock()
        self._writes = 0
        self._opened: dict[tuple[str, Series, int], int] = {}
        """The windows that this process has opened, with the number of their last write."""
        self._flying: dict[tuple[str, Series, int], int] = {}
        """How many writes to a window are under way."""

    def factories(self) -> tuple[str, ...]:
        """Whoever wrote."""
        found = self._client.ask("SELECT n FROM gemba_series GROUP BY f")
        return tuple(sorted({tags["f"] for tags, _, rows in found if rows}))

    def series(self, factory: str) -> list[Series]:
        """The series whose newest generation was not deleted."""
        found = [
            Series(row[1], untag(tags["m"]), untag(tags["p"]))
            for tags, _, rows in self._client.ask(
                select("n, gone", "gemba_series", where=f"f = {literal(factory)}", tail="GROUP BY m, p")
            )
            for row in rows
            if not row[2]
        ]
        return sorted(found, key=lambda one: (one.machine, one.parameter))

    def write(self, factory: str, keys: Sequence[tuple[str, str]], points: Points) -> None:
        """Windows first, then points."""
        chosen = self._known(factory, keys, points)
        window = points.time_us // WINDOW_US
        touched = np.unique(np.stack([points.series.astype(np.int64), window]), axis=1).T.tolist()
        marks = [(factory, chosen[place], one) for place, one in touched]
        with self._lock:
            for mark in marks:
                self._flying[mark] = self._flying.get(mark, 0) + 1
        try:
            self._open(marks)
            heads = {place: f"gemba_point,{_tags(factory, one)} " for place, one in chosen.items()}
            self._client.write(_lines(points, heads))
        finally:
            with self._lock:
                for mark in marks:
                    self._writes += 1
                    if mark in self._opened:
                        self._opened[mark] = self._writes
                    self._flying[mark] -= 1
                    if not self._flying[mark]:
                        del self._flying[mark]

    def _known(self, factory: str, keys: Sequence[tuple[str, str]], points: Points) -> dict[int, Series]:
        """The series of the places that are used; new ones are added, deleted ones begin a generation."""
        used = np.unique(points.series).tolist()
        known = {(one.machine, one.parameter): one for one in self.series(factory)}
        new = [place for place in used if keys[place] not in known]
        if new:
            old = self._generations(factory)
            lines = []
            for place in new:
                machine, parameter = keys[place]
                made = Series(old.get(keys[place], -1) + 1, machine, parameter)
                known[keys[place]] = made
                words = f"f={factory},m={in_line(tag(machine))},p={in_line(tag(parameter))}"
                lines.append(f"gemba_series,{words} n={made.ref}i,gone=false {SERIES_US}")
            self._client.write(lines)
        return {place: known[keys[place]] for place in used}

    def _generations(self, factory: str) -> dict[tuple[str, str], int]:
        question = select("n", "gemba_series", where=f"f = {literal(factory)}", tail="GROUP BY m, p")
        return {
            (untag(tags["m"]), untag(tags["p"])): rows[0][1]
            for tags, _, rows in self._client.ask(question)
            if rows
        }

    def _open(self, marks: list[tuple[str, Series, int]]) -> None:
        with self._lock:
            new = [mark for mark in marks if mark not in self._opened]
        if not new:
            return
        factory = new[0][0]
        series = list(dict.fromkeys(one for _, one, _ in new))
        first, last = min(w for _, _, w in new), max(w for _, _, w in new)
        states = self.states(factory, series, first, last)
        place = {one: n for n, one in enumerate(series)}
        for _, one, window in new:
            if states[place[one], window - first] == CLOSED:
                refuse_closed(window)
        self._client.write([_window_line(*mark, OPEN) for mark in new])
        with self._lock:
            for mark in new:
                self._writes += 1
                self._opened[mark] = self._writes

    def newest(self, factory: str, series: Sequence[Series]) -> tuple[Points, I64]:
        """Two questions: the last point of each series, and the first."""
        points, firsts = [], dict[int, int]()
        for places, where in _wheres(factory, series):
            last = select("k, v, i, x", POINT, where=where, tail=f"{GROUPS} ORDER BY time DESC LIMIT 1")
            points.append(self._whole(last, places))
            first = select("k", POINT, where=where, tail=f"{GROUPS} ORDER BY time ASC LIMIT 1")
            for tags, _, rows in self._client.ask(first):
                if (place := places.get(_key(tags))) is not None and rows:
                    firsts[place] = rows[0][0]
        found = joined(points).settled()
        return found, np.array([firsts[place] for place in found.series.tolist()], np.int64)

    def _whole(self, question: str, places: dict[tuple[str, str, int], int]) -> Points:
        """The newest points; asked again while one of them is on its way into the server."""
        for _ in range(TRIES):
            found, missing = _points(self._client.ask(question), places, typed=True)
            if not missing:
                break
            time.sleep(WAIT_S)
        return found

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
        """The server knows no repeats."""
        start, end = max(start_us, EARLIEST_US), min(end_us, LATEST_US)
        if start >= end:
            return Points.empty()
        fields = "k, v, i, x" if typed else "k, v"
        limit = f" LIMIT {most + 1}" if most is not None else ""
        parts = []
        for places, where in _wheres(factory, series):
            within = f"{where} AND time >= {start}u AND time < {end}u"
            answer = self._client.ask(select(fields, POINT, where=within, tail=f"{GROUPS}{limit}"))
            parts.append(_points(answer, places, typed=typed)[0])
            if most is not None and sum(len(part) for part in parts) > most:
                raise TooManyPoints(f"More than {most:,} points: ask for a shorter range.")
        return joined(parts).settled()

    def states(self, factory: str, series: Sequence[Series], first: int, last: int) -> U8:
        """Windows that nobody wrote are open and empty."""
        found = np.zeros((len(series), last - first + 1), np.uint8)
        low, high = max(first * WINDOW_US, EARLIEST_US - WINDOW_US), min((last + 1) * WINDOW_US, LATEST_US)
        for places, where in _wheres(factory, series):
            within = f"{where} AND time >= {low}u AND time < {high}u"
            answer = self._client.ask(select("state", "gemba_window", where=within, tail=GROUPS))
            for tags, _, rows in answer:
                if (place := places.get(_key(tags))) is not None:
                    for time_us, state in rows:
                        found[place, time_us // WINDOW_US - first] = state
        return found

    def minutes(
        self, factory: str, series: Sequence[Series], start_us: int, end_us: int, columns: tuple[str, ...]
    ) -> Rollup:
        """A minute that was made again and holds nothing now has the count 0."""
        names = tuple(dict.fromkeys(("count", *columns)))
        numbers, rows = list[int](), list[list[Any]]()
        for places, where in _wheres(factory, series):
            within = f"{where} AND time >= {start_us}u AND time < {end_us}u"
            fields = ", ".join(f"c_{name}" for name in names)
            answer = self._client.ask(select(fields, "gemba_minute", where=within, tail=GROUPS))
            for tags, _, found in answer:
                if (place := places.get(_key(tags))) is not None:
                    kept = [row for row in found if row[1]]
                    numbers += [place] * len(kept)
                    rows += kept
        if not rows:
            return empty(columns)
        table = list(zip(*rows, strict=True))
        made = {
            name: np.array(column, np.int64)
            if name in WHOLE_COLUMNS
            else np.array([np.inf if value is None else value for value in column], np.float64)
            for name, column in zip(names, table[1:], strict=True)
        }
        return Rollup(np.array(numbers, np.int32), {name: made[name] for name in columns}).ordered()

    def stale(self, factory: str, before: int, most: int) -> list[Stale]:
        """Open windows, without those to which somebody writes just now."""
        living = {(one.machine, one.parameter, one.ref): one for one in self.series(factory)}
        end = min(before * WINDOW_US, LATEST_US)
        found: list[Stale] = []
        for tags, _, rows in self._windows_in(factory, OPEN, end):
            one = living.get(_key(tags))
            for time_us, _ in rows if one is not None else []:
                window = time_us // WINDOW_US
                with self._lock:
                    if one is not None and (factory, one, window) not in self._flying:
                        found.append(Stale(one, window, self._opened.get((factory, one, window), 0)))
        return sorted(found, key=lambda stale: stale.window)[:most]

    def _windows_in(self, factory: str, state: int, end_us: int) -> Iterator[Answer]:
        where = f"f = {literal(factory)} AND state = {state} AND time < {end_us}u"
        return self._client.ask(select("state", "gemba_window", where=where, tail=GROUPS))

    def roll(self, factory: str, chosen: list[Stale], rows: Rollup) -> int:
        """Minutes first, then the marks, while nobody writes to the window."""
        start = chosen[0].window * WINDOW_US
        series = [one.series for one in chosen]
        kept = self.minutes(factory, series, start, start + WINDOW_US, ("first_us",))
        old = kept.series.astype(np.int64) * MINUTE_US + kept.first_us % WINDOW_US // MINUTE_US
        new = rows.series.astype(np.int64) * MINUTE_US + rows.first_us % WINDOW_US // MINUTE_US
        with self._lock:
            still = np.array([self._is_still(factory, one) for one in chosen])
            heads = [f"gemba_minute,{_tags(factory, one)} " for one in series]
            lines = [
                f"{heads[code // MINUTE_US]}c_count=0i {start + code % MINUTE_US * MINUTE_US}"
                for code in np.setdiff1d(old, new).tolist()
                if still[code // MINUTE_US]
            ]
            self._client.write(lines + _minute_lines(heads, rows.take(still[rows.series])))
            marked = [one for one, is_still in zip(chosen, still.tolist(), strict=True) if is_still]
            self._client.write([_window_line(factory, one.series, one.window, ROLLED) for one in marked])
            for one in marked:
                self._opened.pop((factory, one.series, one.window), None)
        return len(marked)

    def _is_still(self, factory: str, one: Stale) -> bool:
        """Whether nobody has written to the window since it was found, nor writes to it now."""
        mark = (factory, one.series, one.window)
        return mark not in self._flying and self._opened.get(mark, 0) == one.seen

    def expire(self, factory: str, raw_before: int, minutes_before: int) -> int:
        """Closes windows; the bytes go by the server's own retention policy."""
        living = {(one.machine, one.parameter, one.ref): one for one in self.series(factory)}
        end = min(raw_before * WINDOW_US, LATEST_US)
        if end <= EARLIEST_US:
            return 0
        closed = []
        for tags, _, rows in self._windows_in(factory, ROLLED, end):
            one = living.get(_key(tags))
            if one is not None:
                closed += [_window_line(factory, one, row[0] // WINDOW_US, CLOSED) for row in rows]
        self._client.write(closed)
        return len(closed)

    def delete(self, factory: str, machine: str) -> int:
        """The generation ends; its points are asked for no more."""
        mine = [one for one in self.series(factory) if one.machine == machine]
        words = [f"f={factory},m={in_line(tag(one.machine))},p={in_line(tag(one.parameter))}" for one in mine]
        lines = [
            f"gemba_series,{word} n={one.ref}i,gone=true {SERIES_US}"
            for word, one in zip(words, mine, strict=True)
        ]
        self._client.write(lines)
        with self._lock:
            for mark in [mark for mark in self._opened if mark[0] == factory and mark[1].machine == machine]:
                del self._opened[mark]
        return len(mine)

    def health(self, factory: str) -> Health:
        """The size is known where the server tells it."""
        version = self._client.version()
        series = self.series(factory)
        places = {(one.machine, one.parameter, one.ref): n for n, one in enumerate(series)}
        where = f"f = {literal(factory)}"
        points = sum(
            rows[0][1]
            for tags, _, rows in self._client.ask(select("count(k)", POINT, where=where, tail=GROUPS))
            if _key(tags) in places and rows
        )
        newest, _ = self.newest(factory, series)
        newest_us = int(newest.time_us.max()) if len(newest) else None
        journal = "acknowledged when the server's log is on disk"
        return Health(True, self.name, version, points, self._size(), newest_us, 0, journal, True)

    def _size(self) -> int:
        try:
            groups = list(self._client.ask("SHOW STATS FOR 'shard'"))
        except StoreUnavailable:
            return 0
        mine = [
            dict(zip(columns, row, strict=True)).get("diskBytes", 0)
            for tags, columns, rows in groups
            for row in rows
            if tags.get("database") == self._client.database
        ]
        return int(sum(mine))

    def close(self) -> None:
        """Close the pool."""
        self._client.close()


def _tags(factory: str, one: Series) -> str:
    return f"f={factory},m={in_line(tag(one.machine))},p={in_line(tag(one.parameter))},g={one.ref}"


def _key(tags: dict[str, str]) -> tuple[str, str, int]:
    return untag(tags["m"]), untag(tags["p"]), int(tags["g"])


def _window_line(factory: str, one: Series, window: int, state: int) -> str:
    return f"gemba_window,{_tags(factory, one)} state={state}i {window * WINDOW_US}"


def _wheres(factory: str, series: Sequence[Series]) -> Iterator[tuple[dict[tuple[str, str, int], int], str]]:
    """Where the places of the series are by their tags, and the condition that finds them."""
    if not series:
        return
    places = {(one.machine, one.parameter, one.ref): n for n, one in enumerate(series)}
    where = f"f = {literal(factory)}"
    if len(series) <= MOST_NAMED:
        named = (
            f"(m = {literal(tag(one.machine))} AND p = {literal(tag(one.parameter))} AND g = '{one.ref}')"
            for one in series
        )
        where += f" AND ({' OR '.join(named)})"
    yield places, where


def _lines(points: Points, heads: dict[int, str]) -> list[str]:
    number, whole = points.number.tolist(), points.exact().tolist()
    text = points.text if points.text is not None else [None] * len(points)
    lines = []
    columns = (points.series.tolist(), points.time_us.tolist(), points.kind.tolist(), number, whole, text)
    for place, time_us, kind, value, exact, words in zip(*columns, strict=True):
        if kind == Kind.STRING:
            fields = f"k={kind}i,x={text_field(str(words))}"
        elif kind == Kind.INT:
            fields = f"k={kind}i,v={value!r},i={exact}i"
        else:
            fields = f"k={kind}i,v={value!r}"
        lines.append(f"{heads[place]}{fields} {time_us}")
    return lines


def _minute_lines(heads: list[str], rows: Rollup) -> list[str]:
    columns = {name: rows[name].tolist() for name in COLUMNS}
    lines = []
    for n, (place, first_us) in enumerate(zip(rows.series.tolist(), rows.first_us.tolist(), strict=True)):
        fields = [
            f"c_{name}={values[n]}i" if name in WHOLE_COLUMNS else f"c_{name}={values[n]!r}"
            for name, values in columns.items()
            if name in WHOLE_COLUMNS or np.isfinite(values[n])
        ]
        lines.append(f"{heads[place]}{','.join(fields)} {first_us // MINUTE_US * MINUTE_US}")
    return lines


def _points(
    answer: Iterator[Answer], places: dict[tuple[str, str, int], int], *, typed: bool
) -> tuple[Points, int]:
    """The points, and how many were left out: those of which not all fields are there yet."""
    numbers, rows = list[int](), list[list[Any]]()
    for tags, _, found in answer:
        if (place := places.get(_key(tags))) is not None:
            numbers += [place] * len(found)
            rows += found
    if not rows:
        return Points.empty(), 0
    columns = list(zip(*rows, strict=True))
    kind = np.array([value or 0 for value in columns[1]], np.uint8)
    number = np.array([np.nan if value is None else value for value in columns[2]], np.float64)
    number[kind == Kind.STRING] = np.nan
    whole = text = None
    whole_there = (kind != 0) & ((kind == Kind.STRING) | ~np.isnan(number))
    if typed and bool((kind == Kind.INT).any()):
        whole = np.array([0 if value is None else value for value in columns[3]], np.int64)
        whole_there &= (kind != Kind.INT) | np.array([value is not None for value in columns[3]])
    if typed and bool((kind == Kind.STRING).any()):
        text = np.array([*columns[4], None], dtype=object)[:-1]
        whole_there &= (kind != Kind.STRING) | np.array([value is not None for value in columns[4]])
    series, times = np.array(numbers, np.int32), np.array(columns[0], np.int64)
    points = Points(series, times, number, kind, whole, text).where(whole_there)
    return points, len(rows) - len(points)
