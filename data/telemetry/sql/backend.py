"""The narrow tables as a telemetry backend; each write is one transaction."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from analytics.errors import StoreUnavailable, TooManyPoints
from data.telemetry.batch import I64, U8, Kind
from data.telemetry.embedded.points import Points
from data.telemetry.embedded.rollup import COLUMNS, WHOLE_COLUMNS, Rollup, empty
from data.telemetry.embedded.tiers import MINUTE_US
from data.telemetry.protocol import Health
from data.telemetry.remote.backend import CLOSED, OPEN, ROLLED, WINDOW_US, Series, Stale
from data.telemetry.remote.store import refuse_closed
from data.telemetry.sql.engine import open_engine, upsert
from data.telemetry.sql.tables import FACTORY, META, MINUTE, POINT, SERIES, WINDOW

PORTION: Final = 2_000
KNOWN_S: Final = 60.0
SLOW_S: Final = 0.2
COUNTED: Final = 2_000_000
"""Points up to which they are counted one by one."""


class SqlBackend:
    """Series, points, minutes and windows in four tables of their own."""

    def __init__(self, url: str) -> None:
        """Nothing is asked of the server until the first question."""
        self._engine = open_engine(url)
        self.name = self._engine.dialect.name
        self._is_made = False
        self._making = threading.Lock()
        self._counted: dict[str, tuple[float, int]] = {}

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        """A transaction on the tables, which are made at the first use."""
        try:
            with self._making:
                if not self._is_made:
                    META.create_all(self._engine)
                    self._is_made = True
            with self._engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, sa.exc.TimeoutError) as error:
            raise StoreUnavailable(f"the telemetry store does not answer: {_short(error)}") from error

    def factories(self) -> tuple[str, ...]:
        """Whoever wrote."""
        with self._connected() as connection:
            found = connection.execute(sa.select(FACTORY.c.slug))
            return tuple(sorted(row[0] for row in found))

    def series(self, factory: str) -> list[Series]:
        """By their names, compared as code points."""
        columns = (SERIES.c.id, SERIES.c.machine, SERIES.c.parameter)
        with self._connected() as connection:
            rows = connection.execute(sa.select(*columns).where(SERIES.c.factory == factory)).all()
        return sorted((Series(*row) for row in rows), key=lambda one: (one.machine, one.parameter))

    def write(self, factory: str, keys: Sequence[tuple[str, str]], points: Points) -> None:
        """Windows first, then points, then the bounds of the series, all in one transaction."""
        with self._connected() as connection:
            ids = self._ids(connection, factory, keys, points)
            self._open_windows(connection, ids[points.series], points.time_us // WINDOW_US)
            statement = upsert(self._engine, POINT, ("kind", "number", "whole", "text"))
            for begin in range(0, len(points), PORTION):
                part = points.take(slice(begin, begin + PORTION))
                connection.execute(statement, _as_rows(part, ids))
            self._widen(connection, points, ids)

    def _ids(
        self, connection: sa.Connection, factory: str, keys: Sequence[tuple[str, str]], points: Points
    ) -> I64:
        """The ids of the keys that are used; new series are added."""
        used = np.unique(points.series).tolist()
        columns = (SERIES.c.machine, SERIES.c.parameter, SERIES.c.id)
        machines = sorted({keys[place][0] for place in used})

        def known() -> dict[tuple[str, str], int]:
            found: dict[tuple[str, str], int] = {}
            for begin in range(0, len(machines), 500):
                chosen = SERIES.c.machine.in_(machines[begin : begin + 500])
                rows = connection.execute(sa.select(*columns).where(SERIES.c.factory == factory, chosen))
                found |= {(row[0], row[1]): row[2] for row in rows}
            return found

        found = known()
        new = [keys[place] for place in used if keys[place] not in found]
        if (
            new
            and connection.execute(sa.select(FACTORY.c.slug).where(FACTORY.c.slug == factory)).first() is None
        ):
            _add(connection, FACTORY, slug=factory)
        for machine, parameter in new:
            _add(connection, SERIES, factory=factory, machine=machine, parameter=parameter)
        found = known() if new else found
        ids = np.zeros(len(keys), np.int64)
        for place in used:
            ids[place] = found[keys[place]]
        return ids

    def _open_windows(self, connection: sa.Connection, series: I64, window: I64) -> None:
        touched = np.unique(np.stack([series, window]), axis=1).T.tolist()
        for begin in range(0, len(touched), 500):
            some = touched[begin : begin + 500]
            closed = connection.execute(
                sa.select(WINDOW.c.window).where(
                    sa.tuple_(WINDOW.c.series, WINDOW.c.window).in_([tuple(pair) for pair in some]),
                    WINDOW.c.state == CLOSED,
                )
            ).first()
            if closed is not None:
                refuse_closed(closed[0])
            rows = [{"series": s, "window": w, "state": OPEN, "writes": 1} for s, w in some]
            connection.execute(upsert(self._engine, WINDOW, ("state",), grown="writes"), rows)

    def _widen(self, connection: sa.Connection, points: Points, ids: I64) -> None:
        starts = np.append(0, np.flatnonzero(np.diff(points.series)) + 1)
        ends = np.append(starts[1:], len(points)) - 1
        firsts, lasts = points.time_us[starts].tolist(), points.time_us[ends].tolist()
        rows = [
            {"b_id": number, "b_first": first, "b_last": last}
            for number, first, last in zip(ids[points.series[starts]].tolist(), firsts, lasts, strict=True)
        ]
        first: sa.BindParameter[int] = sa.bindparam("b_first")
        last: sa.BindParameter[int] = sa.bindparam("b_last")
        at = SERIES.c
        connection.execute(
            SERIES.update()
            .where(at.id == sa.bindparam("b_id"))
            .values(
                first_us=sa.case((at.first_us <= first, at.first_us), else_=first),
                last_us=sa.case((at.last_us >= last, at.last_us), else_=last),
            ),
            rows,
        )

    def newest(self, factory: str, series: Sequence[Series]) -> tuple[Points, I64]:
        """Each series' newest row, by the time that the series knows."""
        place = {one.ref: n for n, one in enumerate(series)}
        columns = (POINT.c.series, POINT.c.time_us, POINT.c.kind, POINT.c.number, POINT.c.whole, POINT.c.text)
        joined = POINT.join(
            SERIES, sa.and_(POINT.c.series == SERIES.c.id, POINT.c.time_us == SERIES.c.last_us)
        )
        rows: list[Any] = []
        with self._connected() as connection:
            for some in _portions(series):
                rows += connection.execute(
                    sa.select(*columns, SERIES.c.first_us).select_from(joined).where(SERIES.c.id.in_(some))
                ).all()
        rows.sort(key=lambda row: place[row[0]])
        points = _points([(place[row[0]], *row[1:6]) for row in rows], typed=True)
        return points, np.array([row[6] for row in rows], np.int64)

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
        """By the primary key: sorted as they lie."""
        place = {one.ref: n for n, one in enumerate(series)}
        at = POINT.c
        columns = [at.series, at.time_us, at.kind, at.number, *([at.whole, at.text] if typed else [])]
        rows: list[tuple[Any, ...]] = []
        with self._connected() as connection:
            for some in _portions(series):
                statement = sa.select(*columns).where(
                    at.series.in_(some), at.time_us >= start_us, at.time_us < end_us
                )
                if most is not None:
                    statement = statement.limit(most + 1 - len(rows))
                cursor = connection.execute(statement).cursor
                if cursor is not None:
                    rows += cursor.fetchall()
                if most is not None and len(rows) > most:
                    raise TooManyPoints(f"More than {most:,} points: ask for a shorter range.")
        return _points([(place[row[0]], *row[1:]) for row in rows], typed=typed).settled()

    def states(self, factory: str, series: Sequence[Series], first: int, last: int) -> U8:
        """Windows that nobody wrote are open and empty."""
        place = {one.ref: n for n, one in enumerate(series)}
        found = np.zeros((len(series), last - first + 1), np.uint8)
        at = WINDOW.c
        with self._connected() as connection:
            for some in _portions(series):
                rows = connection.execute(
                    sa.select(at.series, at.window, at.state).where(
                        at.series.in_(some), at.window >= first, at.window <= last, at.state != OPEN
                    )
                )
                for number, window, state in rows:
                    found[place[number], window - first] = state
        return found

    def minutes(
        self, factory: str, series: Sequence[Series], start_us: int, end_us: int, columns: tuple[str, ...]
    ) -> Rollup:
        """By the primary key."""
        place = {one.ref: n for n, one in enumerate(series)}
        at = MINUTE.c
        chosen = [at[name] for name in columns]
        rows: list[tuple[Any, ...]] = []
        with self._connected() as connection:
            for some in _portions(series):
                cursor = connection.execute(
                    sa.select(at.series, *chosen).where(
                        at.series.in_(some),
                        at.minute >= start_us // MINUTE_US,
                        at.minute < -(-end_us // MINUTE_US),
                    )
                ).cursor
                if cursor is not None:
                    rows += cursor.fetchall()
        if not rows:
            return empty(columns)
        table = list(zip(*rows, strict=True))
        made = {
            name: np.array(column, np.int64)
            if name in WHOLE_COLUMNS
            else np.nan_to_num(np.array(column, np.float64), nan=np.inf, posinf=np.inf)
            for name, column in zip(columns, table[1:], strict=True)
        }
        return Rollup(np.array([place[number] for number in table[0]], np.int32), made).ordered()

    def stale(self, factory: str, before: int, most: int) -> list[Stale]:
        """The oldest first."""
        at = WINDOW.c
        with self._connected() as connection:
            rows = connection.execute(
                sa.select(SERIES.c.id, SERIES.c.machine, SERIES.c.parameter, at.window, at.writes)
                .join(WINDOW, at.series == SERIES.c.id)
                .where(SERIES.c.factory == factory, at.state == OPEN, at.window < before)
                .order_by(at.window)
                .limit(most)
            ).all()
        return [Stale(Series(row[0], row[1], row[2]), row[3], row[4]) for row in rows]

    def roll(self, factory: str, chosen: list[Stale], rows: Rollup) -> int:
        """Replace the window's minutes and mark it, where nobody wrote since; one transaction."""
        window = chosen[0].window
        first = window * WINDOW_US // MINUTE_US
        done = 0
        with self._connected() as connection:
            for begin in range(0, len(chosen), 500):
                some = {one.series.ref: one for one in chosen[begin : begin + 500]}
                at = WINDOW.c
                found = connection.execute(
                    sa.select(at.series, at.writes)
                    .where(at.series.in_(list(some)), at.window == window, at.state == OPEN)
                    .with_for_update()
                )
                kept = [number for number, writes in found if writes == some[number].seen]
                connection.execute(
                    WINDOW.update().where(at.series.in_(kept), at.window == window).values(state=ROLLED)
                )
                minute = MINUTE.c.minute
                connection.execute(
                    MINUTE.delete().where(
                        MINUTE.c.series.in_(kept), minute >= first, minute < first + WINDOW_US // MINUTE_US
                    )
                )
                done += len(kept)
                refs = np.array([one.series.ref for one in chosen], np.int64)[rows.series]
                mine = rows.take(np.isin(refs, kept))
                if len(mine):
                    connection.execute(MINUTE.insert(), _minute_rows(refs[np.isin(refs, kept)], mine))
        return done

    def expire(self, factory: str, raw_before: int, minutes_before: int) -> int:
        """Points of rolled windows go, but for each series' newest; then minutes of closed ones."""
        mine = sa.select(SERIES.c.id).where(SERIES.c.factory == factory)
        at = WINDOW.c
        with self._connected() as connection:
            old = connection.execute(
                sa.select(at.series, at.window)
                .where(at.series.in_(mine), at.state == ROLLED, at.window < raw_before)
                .limit(1_000)
            ).all()
            for number, window in old:
                begin = window * WINDOW_US
                newest = sa.select(SERIES.c.last_us).where(SERIES.c.id == number).scalar_subquery()
                connection.execute(
                    POINT.delete().where(
                        POINT.c.series == number,
                        POINT.c.time_us >= begin,
                        POINT.c.time_us < begin + WINDOW_US,
                        POINT.c.time_us < newest,
                    )
                )
                connection.execute(
                    WINDOW.update().where(at.series == number, at.window == window).values(state=CLOSED)
                )
            connection.execute(
                MINUTE.delete().where(
                    MINUTE.c.series.in_(mine), MINUTE.c.minute < minutes_before * (WINDOW_US // MINUTE_US)
                )
            )
        return len(old)

    def delete(self, factory: str, machine: str) -> int:
        """All four tables in one transaction."""
        with self._connected() as connection:
            chosen = (SERIES.c.factory == factory, SERIES.c.machine == machine)
            ids = [row[0] for row in connection.execute(sa.select(SERIES.c.id).where(*chosen))]
            for table in (POINT, MINUTE, WINDOW):
                connection.execute(table.delete().where(table.c.series.in_(ids)))
            connection.execute(SERIES.delete().where(SERIES.c.id.in_(ids)))
        return len(ids)

    def health(self, factory: str) -> Health:
        """Counts the points, of millions the server's own estimate; a slow count is kept for a minute."""
        mine = sa.select(SERIES.c.id).where(SERIES.c.factory == factory)
        with self._connected() as connection:
            newest = connection.execute(
                sa.select(sa.func.max(SERIES.c.last_us)).where(SERIES.c.factory == factory)
            ).scalar()
            known = self._counted.get(factory)
            if known is None or time.monotonic() > known[0]:
                started = time.monotonic()
                points = _estimate(connection, self.name, factory) or connection.scalar(
                    sa.select(sa.func.count()).select_from(POINT).where(POINT.c.series.in_(mine))
                )
                took = time.monotonic() - started
                known = (time.monotonic() + (KNOWN_S if took > SLOW_S else 0.0), int(points or 0))
                self._counted[factory] = known
            size = _size(connection, self.name)
        version = ".".join(str(part) for part in self._engine.dialect.server_version_info or ())
        return Health(
            True, self.name, version, known[1], size, newest, 0, "each write is a transaction", True
        )

    def close(self) -> None:
        """Close the pool."""
        self._engine.dispose()


def _add(connection: sa.Connection, table: sa.Table, **values: str) -> None:
    """Add a row, or leave the one that another writer was first with."""
    with suppress(sa.exc.IntegrityError), connection.begin_nested():
        connection.execute(table.insert().values(**values))


def _short(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).splitlines()[0][:200]


def _portions(series: Sequence[Series]) -> Iterator[list[int]]:
    refs = [one.ref for one in series]
    for begin in range(0, len(refs), 500):
        yield refs[begin : begin + 500]


def _as_rows(points: Points, ids: I64) -> list[dict[str, Any]]:
    numbers = points.number.astype(object)
    numbers[np.isnan(points.number)] = None
    is_whole = points.kind == Kind.INT
    whole = np.where(is_whole, points.exact(), 0).astype(object)
    whole[~is_whole] = None
    text = points.text if points.text is not None else np.full(len(points), None, object)
    columns = (
        ids[points.series].tolist(), points.time_us.tolist(), points.kind.tolist(), numbers.tolist(),
        whole.tolist(), text.tolist(),
    )  # fmt: skip
    names = ("series", "time_us", "kind", "number", "whole", "text")
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _points(rows: list[tuple[Any, ...]], *, typed: bool) -> Points:
    """Rows of (place, time, kind, number) and, typed, (whole, text)."""
    if not rows:
        return Points.empty()
    columns = list(zip(*rows, strict=True))
    kind = np.array(columns[2], np.uint8)
    number = np.array([np.nan if value is None else value for value in columns[3]], np.float64)
    whole = text = None
    if typed and bool((kind == Kind.INT).any()):
        whole = np.array([0 if value is None else value for value in columns[4]], np.int64)
    if typed and bool((kind == Kind.STRING).any()):
        text = np.array(columns[5] + (None,), dtype=object)[:-1]
    return Points(np.array(columns[0], np.int32), np.array(columns[1], np.int64), number, kind, whole, text)


def _minute_rows(refs: I64, rows: Rollup) -> list[dict[str, Any]]:
    columns: dict[str, list[Any]] = {
        "series": refs.tolist(),
        "minute": (rows.first_us // MINUTE_US).tolist(),
    }
    for name in COLUMNS:
        column = rows[name]
        if name not in WHOLE_COLUMNS:
            column = column.astype(object)
            column[~np.isfinite(rows[name])] = None
        columns[name] = column.tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _estimate(connection: sa.Connection, dialect: str, factory: str) -> int:
    """About how many points a factory has, where there are so many that counting takes long; else 0."""
    if dialect in {"mysql", "mariadb"}:
        statement = (
            "SELECT table_rows FROM information_schema.tables "
            "WHERE table_schema = database() AND table_name = 'telemetry_point'"
        )
    elif dialect == "postgresql":
        statement = "SELECT reltuples FROM pg_class WHERE relname = 'telemetry_point'"
    else:
        return 0
    rows = int(connection.execute(sa.text(statement)).scalar() or 0)
    if rows < COUNTED:
        return 0
    series = sa.select(sa.func.count(SERIES.c.id))
    share = connection.scalar(series.where(SERIES.c.factory == factory)) or 0
    return round(rows * share / max(connection.scalar(series) or 1, 1))


def _size(connection: sa.Connection, dialect: str) -> int:
    if dialect == "sqlite":
        statement = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    elif dialect in {"mysql", "mariadb"}:
        statement = (
            "SELECT sum(data_length + index_length) FROM information_schema.tables "
            "WHERE table_schema = database() AND table_name LIKE 'telemetry%'"
        )
    else:
        statement = "SELECT pg_database_size(current_database())"
    return int(connection.execute(sa.text(statement)).scalar() or 0)
