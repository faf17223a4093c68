"""The tables: series, their points, the minutes made of them, and the state of each window."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

META: Final = sa.MetaData()
TEXT: Final = sa.Text().with_variant(mysql.MEDIUMTEXT(charset="utf8mb4"), "mysql", "mariadb")
KEY: Final = sa.String(200).with_variant(
    mysql.VARCHAR(200, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
)
ID: Final = sa.Integer()
DOUBLE: Final[sa.Double[float]] = sa.Double()

FACTORY: Final = sa.Table("telemetry_factory", META, sa.Column("slug", KEY, primary_key=True))
"""Every factory that ever wrote: upkeep goes on when its last machine is gone."""

SERIES: Final = sa.Table(
    "telemetry_series", META,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("factory", KEY, nullable=False),
    sa.Column("machine", KEY, nullable=False),
    sa.Column("parameter", KEY, nullable=False),
    sa.Column("first_us", sa.BigInteger()),
    sa.Column("last_us", sa.BigInteger()),
    sa.UniqueConstraint("factory", "machine", "parameter", name="uq_telemetry_series"),
)  # fmt: skip

POINT: Final = sa.Table(
    "telemetry_point", META,
    sa.Column("series", ID, primary_key=True, autoincrement=False),
    sa.Column("time_us", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("kind", sa.SmallInteger(), nullable=False),
    sa.Column("number", DOUBLE),
    sa.Column("whole", sa.BigInteger()),
    sa.Column("text", TEXT),
    sqlite_with_rowid=False,
)  # fmt: skip

MINUTE: Final = sa.Table(
    "telemetry_minute", META,
    sa.Column("series", ID, primary_key=True, autoincrement=False),
    sa.Column("minute", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("count", sa.BigInteger(), nullable=False),
    sa.Column("first_us", sa.BigInteger(), nullable=False),
    sa.Column("last_us", sa.BigInteger(), nullable=False),
    sa.Column("sum", DOUBLE),
    sa.Column("min", DOUBLE, nullable=False),
    sa.Column("max", DOUBLE, nullable=False),
    sa.Column("min_us", sa.BigInteger(), nullable=False),
    sa.Column("max_us", sa.BigInteger(), nullable=False),
    sa.Column("first", DOUBLE, nullable=False),
    sa.Column("last", DOUBLE, nullable=False),
    sa.Column("m2", DOUBLE),
    sa.Column("area", DOUBLE),
    sa.Column("gap_us", sa.BigInteger(), nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
"""A sum, spread or area beyond the range of a double is NULL here and infinite in answers."""

WINDOW: Final = sa.Table(
    "telemetry_window", META,
    sa.Column("series", ID, primary_key=True, autoincrement=False),
    sa.Column("window", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("state", sa.SmallInteger(), nullable=False),
    sa.Column("writes", sa.BigInteger(), nullable=False),
    sa.Index("ix_telemetry_window_state", "state", "window"),
    sqlite_with_rowid=False,
)  # fmt: skip
