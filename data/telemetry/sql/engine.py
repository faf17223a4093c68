"""The engine of a telemetry database, and the one statement that dialects spell differently."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import ArgumentError

from analytics.errors import ConfigurationError

CONNECT_S: Final = 2
ANSWER_S: Final = 60
WAL_RESET_FIXED: Final = (3, 51, 3)
"""SQLite before this version can lose a WAL that two processes reset at once."""


def open_engine(url: str) -> sa.Engine:
    """Nothing is connected yet. ConfigurationError for an address that cannot be used."""
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            engine = sa.create_engine(parsed, connect_args={"timeout": 15, "check_same_thread": False})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
            return engine
        waits = {"connect_timeout": CONNECT_S}
        if parsed.get_backend_name() in {"mysql", "mariadb"}:
            waits |= {"read_timeout": ANSWER_S, "write_timeout": ANSWER_S}
        return sa.create_engine(
            parsed, pool_pre_ping=True, pool_recycle=1800, pool_size=10, max_overflow=20, pool_timeout=5,
            isolation_level="READ COMMITTED", connect_args=waits,
        )  # fmt: skip
    except (ArgumentError, ImportError) as error:
        raise ConfigurationError("GEMBA_TELEMETRY_URL: this address cannot be used.") from error


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(
        f"PRAGMA journal_mode = {'wal' if sqlite3.sqlite_version_info >= WAL_RESET_FIXED else 'delete'}"
    )
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 15000")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.close()


def upsert(engine: sa.Engine, table: sa.Table, changed: Sequence[str], *, grown: str = "") -> Any:
    """Insert rows; where the primary key is there, set the columns `changed`, and add one to `grown`."""
    if engine.dialect.name in {"mysql", "mariadb"}:
        statement = mysql.insert(table)
        values: dict[str, Any] = {name: statement.inserted[name] for name in changed}
        if grown:
            values[grown] = table.c[grown] + sa.literal_column("1")
        return statement.on_duplicate_key_update(values)
    dialect = sqlite if engine.dialect.name == "sqlite" else postgresql
    made = dialect.insert(table)
    values = {name: made.excluded[name] for name in changed}
    if grown:
        values[grown] = table.c[grown] + sa.literal_column("1")
    return made.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=values)
