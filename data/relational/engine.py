"""One engine per process for the relational store."""

import sqlite3
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError

from analytics.errors import ConfigurationError

WAL_RESET_FIXED = (3, 51, 3)
"""SQLite before this version can lose a WAL that two processes reset at once."""
CONNECT_S = 3
ANSWER_S = 60


def journal_mode(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """The journal for a database file that several processes write: WAL only where it is safe."""
    return "wal" if version >= WAL_RESET_FIXED else "delete"


def open_engine(url: str) -> Engine:
    """An engine for SQLite, MySQL, MariaDB or PostgreSQL; nothing is connected yet.

    ConfigurationError when the address cannot be read or names an engine that is not installed.
    """
    try:
        return _engine(make_url(url))
    except (ArgumentError, ImportError) as error:
        raise ConfigurationError(
            "GEMBA_DATABASE_URL: this address cannot be used. Give it like "
            "mysql+pymysql://user:password@host:3306/database, or leave it empty for SQLite."
        ) from error


def _engine(parsed: URL) -> Engine:
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": 15, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        parsed,
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_size=10,
        max_overflow=40,
        pool_timeout=5,
        isolation_level="READ COMMITTED",
        connect_args=_waits(parsed.get_backend_name()),
    )


def _waits(backend: str) -> dict[str, int]:
    """How long a server may take before it counts as away, in seconds."""
    if backend in {"mysql", "mariadb"}:
        return {"connect_timeout": CONNECT_S, "read_timeout": ANSWER_S, "write_timeout": ANSWER_S}
    return {"connect_timeout": CONNECT_S}


def _prepare_sqlite(connection: DBAPIConnection, record: Any) -> None:
    """Constraints on, waits instead of failures, and our own BEGIN (the driver's comes too late)."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA journal_mode = {journal_mode()}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 15000")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    """Writers take the write lock at once, so that two of them queue instead of failing half-way."""
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
