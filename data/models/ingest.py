"""What arrives: refusals by reason, messages of unknown machines, event ids, and who reads the broker."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, LongText, UtcTime


class IngestRefusal(FactoryScoped, Base, kw_only=True):
    """How often a factory's messages were refused on a UTC day for a reason; the last one as a sample."""

    __tablename__ = "ingest_refusal"
    __table_args__ = (UniqueConstraint("factory_id", "day", "reason", "kind"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    day: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    topic: Mapped[str] = mapped_column(String(300), default="")
    sentence: Mapped[str] = mapped_column(String(300), default="")
    sample: Mapped[str] = mapped_column(LongText, default="")
    last_at: Mapped[datetime] = mapped_column(UtcTime)


class IngestStray(Base, kw_only=True):
    """The same for messages that name no factory of this installation."""

    __tablename__ = "ingest_stray"
    __table_args__ = (UniqueConstraint("day", "reason"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    day: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(40))
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    topic: Mapped[str] = mapped_column(String(300), default="")
    sentence: Mapped[str] = mapped_column(String(300), default="")
    sample: Mapped[str] = mapped_column(LongText, default="")
    last_at: Mapped[datetime] = mapped_column(UtcTime)


class QuarantinedMessage(FactoryScoped, Base, kw_only=True):
    """A good message of a machine that nobody has listed; `digest` tells it from others."""

    __tablename__ = "quarantined_message"
    __table_args__ = (UniqueConstraint("factory_id", "device_key", "digest"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    device_key: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    payload: Mapped[bytes] = mapped_column(LargeBinary(2**24 - 1))
    received_at: Mapped[datetime] = mapped_column(UtcTime)


class SeenEvent(FactoryScoped, Base, kw_only=True):
    """The id of an event that was taken over HTTP: the same id again changes nothing."""

    __tablename__ = "seen_event"
    __table_args__ = (
        UniqueConstraint("factory_id", "device_key", "event_id"),
        Index("ix_seen_event_time", "factory_id", "seen_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    device_key: Mapped[str] = mapped_column(String(100))
    event_id: Mapped[str] = mapped_column(String(120))
    seen_at: Mapped[datetime] = mapped_column(UtcTime)


class IngestClient(Base, kw_only=True):
    """A process that reads a broker, as it last told; of no factory, because it reads for all."""

    __tablename__ = "ingest_client"

    client_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    broker: Mapped[str] = mapped_column(String(300))
    is_connected: Mapped[bool] = mapped_column(Boolean)
    problem: Mapped[str] = mapped_column(String(300), default="")
    backlog: Mapped[int] = mapped_column(Integer, default=0)
    messages: Mapped[int] = mapped_column(BigInteger, default=0)
    points: Mapped[int] = mapped_column(BigInteger, default=0)
    refused: Mapped[int] = mapped_column(BigInteger, default=0)
    messages_per_s: Mapped[float] = mapped_column(Double, default=0.0)
    points_per_s: Mapped[float] = mapped_column(Double, default=0.0)
    told_at: Mapped[datetime] = mapped_column(UtcTime)
