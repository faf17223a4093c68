"""What every table shares: column types, the tenant mixin and the version column."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, ForeignKey, Integer, MetaData, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from analytics.vocabulary import MICROSECONDS

BigKey = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit key; SQLite gives its row id only to a plain INTEGER."""

LongText = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
"""A text of any length; MySQL's own TEXT ends at 64 KB."""


class KeptJson(mysql.JSON):
    """JSON as it was written. MySQL's own type sorts the keys of objects and rounds their numbers."""


@compiles(KeptJson, "mysql", "mariadb")
def _as_text(kept: KeptJson, compiler: Any, **given: Any) -> str:
    return "LONGTEXT"


Json = JSON().with_variant(KeptJson(), "mysql", "mariadb")
"""Objects and lists, given back as they were stored on every engine."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(moment: datetime) -> int:
    """Microseconds since the epoch of an aware moment, exact (no float in between)."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * MICROSECONDS + delta.microseconds


def from_us(value: int) -> datetime:
    """The aware UTC moment of microseconds since the epoch."""
    return datetime.fromtimestamp(value // MICROSECONDS, UTC).replace(microsecond=value % MICROSECONDS)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC moment, stored as integer microseconds so that every engine keeps all of it."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Store microseconds; a naive moment is refused."""
        return None if value is None else to_us(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back the aware moment."""
        return None if value is None else from_us(int(value))


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """The base of every mapped class; constructors take keywords only."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class FactoryScoped(MappedAsDataclass, kw_only=True):
    """Rows that belong to one factory. A scoped session sees and writes only its own factory's."""

    @declared_attr
    @classmethod
    def factory_id(cls) -> Mapped[int]:
        """The tenant; filled in by the session when left out."""
        return mapped_column(BigKey, ForeignKey("factory.id"), index=True, default=None, kw_only=True)


class Versioned(MappedAsDataclass, kw_only=True):
    """Rows that people edit: a writer must name the version that was read."""

    version: Mapped[int] = mapped_column(Integer, default=1, kw_only=True)
