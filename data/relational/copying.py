"""Every row of every table out of one store and into an empty one, of the same engine or another."""

import base64
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Column, Date, Engine, LargeBinary, Table, func, insert, select, text

from analytics.errors import Conflict
from data.models import Base, Factory
from data.models.base import UtcTime
from data.relational.migrate import current

ROWS: Final = 1_000
SNAPSHOT: Final = "REPEATABLE READ"
Lines = Iterable[bytes]


def revision(engine: Engine) -> str:
    """The revision of the schema."""
    return current(engine) or ""


def dump(engine: Engine, write: Callable[[str, Iterator[bytes]], None]) -> None:
    """Hand each table's rows to `write` as lines of JSON, all of one moment."""
    is_server = engine.dialect.name != "sqlite"
    wanted = engine.execution_options(isolation_level=SNAPSHOT) if is_server else engine
    with wanted.connect() as connection:
        for table in Base.metadata.sorted_tables:
            asked = select(table).order_by(*table.primary_key.columns)
            rows = connection.execution_options(yield_per=ROWS).execute(asked)
            write(str(table.name), (orjson.dumps([_out(value) for value in row]) + b"\n" for row in rows))


def load(engine: Engine, read: Callable[[str], Lines]) -> dict[str, int]:
    """Put the rows back, all or none; how many there were by table. Conflict unless the store is empty."""
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
    return counts


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
