"""Whether the relational store answers, how fast, what it is, how large, and how fresh its data."""

import time
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from data.models import StateEvent

SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "mysql": "SELECT sum(data_length + index_length) FROM information_schema.tables"
    " WHERE table_schema = database()",
    "mariadb": "SELECT sum(data_length + index_length) FROM information_schema.tables"
    " WHERE table_schema = database()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


def relational_health(engine: Engine) -> dict[str, Any]:
    """Reachable, engine, version, latency in milliseconds, size in bytes, when the newest state came."""
    kind = engine.dialect.name
    try:
        with engine.connect() as connection:
            started = time.perf_counter()
            connection.execute(text("SELECT 1"))
            latency_ms = round((time.perf_counter() - started) * 1000, 2)
            found = _found(connection, kind)
            version = ".".join(str(part) for part in engine.dialect.server_version_info or ())
    except SQLAlchemyError as error:
        return {"reachable": False, "engine": kind, "problem": _short(error)}
    return {"reachable": True, "engine": kind, "version": version, "latency_ms": latency_ms, **found}


def unreachable(engine: Engine) -> str:
    """Why the store does not answer; empty when it does."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return _short(error)
    return ""


def _short(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0][:200]


def _found(connection: Connection, kind: str) -> dict[str, Any]:
    size = connection.execute(text(SIZES[kind])).scalar() if kind in SIZES else None
    newest = connection.execute(select(func.max(StateEvent.received_us))).scalar()
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar() if kind == "sqlite" else ""
    return {
        "size_bytes": int(size or 0),
        "newest_us": None if newest is None else int(newest),
        "journal": journal,
    }
