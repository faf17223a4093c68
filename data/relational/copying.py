"""Every row of every table out of one store and into an empty one, of the same engine or another."""

import base64
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import (
    URL,
    Column,
    Date,
    Engine,
    LargeBinary,
    Table,
    create_engine,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.pool import NullPool

from analytics.errors import Conflict, InvalidInput
from data.models import Base, Factory
from data.models.base import UtcTime
from data.relational.migrate import current

ROWS: Final = 1_000
SNAPSHOT: Final = "REPEATABLE READ"
STEP_PAGES: Final = 4_000
STEP_S: Final = 0.05
WAIT_S: Final = 15.0
RESTARTS: Final = 8
Lines = Iterable[bytes]


def revision(engine: Engine) -> str:
    """The revision of the schema."""
    return current(engine) or ""


def dump(engine: Engine, write: Callable[[str, Iterator[bytes]], None]) -> None:
    """Hand each table's rows to `write` as lines of JSON, all of one moment; others write on meanwhile."""
    with still(engine) as unmoved, unmoved.connect() as connection:
        for table in Base.metadata.sorted_tables:
            asked = select(table).order_by(*table.primary_key.columns)
            rows = connection.execution_options(yield_per=ROWS).execute(asked)
            write(str(table.name), (orjson.dumps([_out(value) for value in row]) + b"\n" for row in rows))


@contextmanager
def still(engine: Engine) -> Iterator[Engine]:
    """The store as it is at one moment, for as long as it takes to read it.

    A server keeps the moment by itself. Of SQLite a copy is read, which is deleted at the end: beside a
    transaction that reads, nobody can commit.
    """
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file:
        yield (
            engine.execution_options(isolation_level=SNAPSHOT) if engine.dialect.name != "sqlite" else engine
        )
        return
    with tempfile.TemporaryDirectory(dir=Path(file).parent, prefix="backup-") as folder:
        copy = Path(folder) / "copy.db"
        _copied(Path(file), copy)
        opened = create_engine(URL.create("sqlite", database=str(copy)), poolclass=NullPool)
        try:
            yield opened
        finally:
            opened.dispose()


def _copied(file: Path, copy: Path) -> None:
    """Copy a file page by page between other people's commits; where they leave no time for it, at once."""
    source, target = sqlite3.connect(file, timeout=WAIT_S), sqlite3.connect(copy)
    try:
        target.execute("PRAGMA synchronous = OFF")
        try:
            source.backup(target, pages=STEP_PAGES, progress=_Restarts(), sleep=STEP_S)
        except _Restless:
            source.backup(target, pages=-1, sleep=STEP_S)
    finally:
        target.close()
        source.close()


class _Restless(Exception):
    """Others write so often that the copying begins anew again and again."""


class _Restarts:
    """Told of each step: SQLite begins anew when somebody has committed between two steps."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._number = 0

    def __call__(self, _status: int, left: int, _total: int) -> None:
        if self._left is not None and left > self._left:
            self._number += 1
        if self._number >= RESTARTS:
            raise _Restless
        self._left = left


def is_filled(engine: Engine) -> bool:
    """Whether the store has a factory."""
    with engine.connect() as connection:
        return bool(connection.scalar(select(func.count()).select_from(Factory)))


def load(engine: Engine, read: Callable[[str], Lines], rows: Mapping[str, int]) -> None:
    """Put the rows back, all or none.

    Conflict unless the store is empty; InvalidInput where the tables do not have as many as `rows` says.
    """
    counts = {}
    with engine.begin() as connection:
        if connection.scalar(select(func.count()).select_from(Factory)):
            raise Conflict("This store has factories already: a backup is restored into an empty one.")
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        elif engine.dialect.name in {"mysql", "mariadb"}:
            connection.execute(text("SET FOREIGN_KEY_CHECKS = 0"))
        for table in Base.metadata.sorted_tables:
            counts[str(table.name)] = 0
            for batch in _batches(read(str(table.name))):
                connection.execute(insert(table), [_row(table, line) for line in batch])
                counts[str(table.name)] += len(batch)
            if engine.dialect.name == "postgresql" and "id" in table.columns:
                _continue_numbers(connection, table)
        if engine.dialect.name in {"mysql", "mariadb"}:
            connection.execute(text("SET FOREIGN_KEY_CHECKS = 1"))
        if counts != dict(rows):
            raise InvalidInput.at("file", "The backup does not have the rows that it says.")


def _batches(lines: Lines) -> Iterator[list[bytes]]:
    batch = []
    for line in lines:
        batch.append(line)
        if len(batch) == ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _out(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _row(table: Table, line: bytes) -> dict[str, Any]:
    values = zip(table.columns, orjson.loads(line), strict=True)
    return {column.name: _in(column, value) for column, value in values}


def _in(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UtcTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) else value


def _continue_numbers(connection: Any, table: Table) -> None:
    """New rows get numbers after those that were put back."""
    most = connection.scalar(select(func.max(table.c.id)))
    if isinstance(most, int):
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
        if sequence is not None:
            connection.execute(select(func.setval(sequence, most)))
