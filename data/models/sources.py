"""Databases of the plant that are read: where they are, how they map, how far they were read."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json, LongText, UtcTime, Versioned


class Source(FactoryScoped, Versioned, Base, kw_only=True):
    """One database. `secret` is the password, encrypted with a key that is not in this database."""

    __tablename__ = "source"
    __table_args__ = (UniqueConstraint("factory_id", "name"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    name: Mapped[str] = mapped_column(String(120))
    preset: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(1000))
    user: Mapped[str] = mapped_column(String(200), default="")
    secret: Mapped[str] = mapped_column(LongText, default="")
    options: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    streams: Mapped[list[dict[str, Any]]] = mapped_column(Json, default_factory=list)
    is_on: Mapped[bool] = mapped_column(Boolean, default=False)
    every_s: Mapped[int] = mapped_column(Integer, default=300)
    overlap_s: Mapped[int] = mapped_column(Integer, default=300)
    page_rows: Mapped[int] = mapped_column(Integer, default=10_000)
    timeout_s: Mapped[int] = mapped_column(Integer, default=60)
    wanted_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class SourcePosition(FactoryScoped, Base, kw_only=True):
    """How far one item of a stream was read: all rows up to `mark` are stored."""

    __tablename__ = "source_position"
    __table_args__ = (UniqueConstraint("factory_id", "source_id", "stream", "item"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    stream: Mapped[str] = mapped_column(String(120))
    item: Mapped[str] = mapped_column(String(200))
    mark: Mapped[str] = mapped_column(String(300))
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class SourceRun(FactoryScoped, Base, kw_only=True):
    """One reading of a source; `state` is running, done, failed, cancelled or interrupted."""

    __tablename__ = "source_run"
    __table_args__ = (Index("ix_source_run_source", "factory_id", "source_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    actor: Mapped[str] = mapped_column(String(254))
    state: Mapped[str] = mapped_column(String(20), default="running")
    stage: Mapped[str] = mapped_column(String(300), default="")
    share: Mapped[float | None] = mapped_column(Double, default=None)
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    new: Mapped[int] = mapped_column(BigInteger, default=0)
    changed: Mapped[int] = mapped_column(BigInteger, default=0)
    unchanged: Mapped[int] = mapped_column(BigInteger, default=0)
    rejected: Mapped[int] = mapped_column(BigInteger, default=0)
    problem: Mapped[str] = mapped_column(String(1000), default="")
    is_cancelled: Mapped[bool] = mapped_column(Boolean, default=False)
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class SourceReject(FactoryScoped, Base, kw_only=True):
    """A row of a source that was not taken; `digest` tells it from others, so that it is listed once."""

    __tablename__ = "source_reject"
    __table_args__ = (UniqueConstraint("factory_id", "source_id", "digest"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    stream: Mapped[str] = mapped_column(String(120))
    item: Mapped[str] = mapped_column(String(200))
    field: Mapped[str] = mapped_column(String(100))
    message: Mapped[str] = mapped_column(String(500))
    row: Mapped[str] = mapped_column(LongText)
    first_at: Mapped[datetime] = mapped_column(UtcTime)
    last_at: Mapped[datetime] = mapped_column(UtcTime)
