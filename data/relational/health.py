"""Whether the relational store answers, how fast, and what it is."""

import time
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError


def relational_health(engine: Engine) -> dict[str, Any]:
    """Reachable, engine, version and latency in milliseconds."""
    started = time.perf_counter()
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            version = ".".join(str(part) for part in engine.dialect.server_version_info or ())
            journal = (
                connection.exec_driver_sql("PRAGMA journal_mode").scalar()
                if engine.dialect.name == "sqlite"
                else None
            )
    except SQLAlchemyError as error:
        return {"reachable": False, "engine": engine.dialect.name, "detail": type(error).__name__}
    return {
        "reachable": True,
        "engine": engine.dialect.name,
        "version": version,
        "journal": journal,
        "latency_ms": round((time.perf_counter() - started) * 1000, 2),
    }
