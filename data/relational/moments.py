"""The database's own clock: the one clock that all processes of an installation share."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class database_us(FunctionElement[int]):  # noqa: N801 - an SQL function is written like one
    """Microseconds since the epoch when the statement runs, by the database (SQLite: to the ms)."""

    type = BigInteger()
    inherit_cache = True
    name = "database_us"


@compiles(database_us, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)"


@compiles(database_us, "mysql")
@compiles(database_us, "mariadb")
def _mysql(element: Any, compiler: Any, **kw: Any) -> str:
    return "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))"


@compiles(database_us, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
