"""Notifications: who is told what and where, what waits to be sent, and what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json, LongText, UtcTime, Versioned


class NotifyChannel(FactoryScoped, Versioned, Base, kw_only=True):
    """Where messages go: a person's channel, or (without an account) the factory's.

    `address` is what may be shown: a mail address, a number, the host of a web address. `secret` is the
    whole web address, encrypted with a key that is not in this database.
    """

    __tablename__ = "notify_channel"
    __table_args__ = (Index("ix_notify_channel_account", "factory_id", "account_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), default=None)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(254))
    secret: Mapped[str] = mapped_column(LongText, default="")
    least_severity: Mapped[str] = mapped_column(String(10))
    is_on: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class NotifyPreference(FactoryScoped, Versioned, Base, kw_only=True):
    """A person's quiet hours in local minutes of the factory's zone; both empty: none."""

    __tablename__ = "notify_preference"
    __table_args__ = (UniqueConstraint("factory_id", "account_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    quiet_start_min: Mapped[int | None] = mapped_column(Integer, default=None)
    quiet_end_min: Mapped[int | None] = mapped_column(Integer, default=None)
    critical_breaks: Mapped[bool] = mapped_column(Boolean, default=True)


class NotifyNotice(FactoryScoped, Base, kw_only=True):
    """One thing to tell, written in the transaction that it tells of; `is_spread` once it has messages."""

    __tablename__ = "notify_notice"
    __table_args__ = (
        UniqueConstraint("factory_id", "dedup_key"),
        Index("ix_notify_notice_new", "factory_id", "is_spread", "id"),
        Index("ix_notify_notice_time", "factory_id", "created_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    dedup_key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(300))
    machine_key: Mapped[str] = mapped_column(String(100))
    machine_name: Mapped[str] = mapped_column(String(200))
    at_us: Mapped[int] = mapped_column(BigInteger)
    sentence: Mapped[str] = mapped_column(LongText)
    readings: Mapped[dict[str, str]] = mapped_column(Json, default_factory=dict)
    alert_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    channels: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    created_us: Mapped[int] = mapped_column(BigInteger)
    is_spread: Mapped[bool] = mapped_column(Boolean, default=False)


class NotifyMessage(FactoryScoped, Base, kw_only=True):
    """One message to one recipient on one channel.

    `state` is waiting, held (quiet hours), sending, sent, failed (refused for good) or given_up. While it is
    sent, `holder` names the process and `lease_until_us` when another one may take it.
    """

    __tablename__ = "notify_message"
    __table_args__ = (
        Index("ix_notify_message_due", "factory_id", "state", "next_at_us"),
        Index("ix_notify_message_channel", "factory_id", "channel_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    channel_id: Mapped[int | None] = mapped_column(
        ForeignKey("notify_channel.id", ondelete="SET NULL"), default=None
    )
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), default=None)
    channel_name: Mapped[str] = mapped_column(String(120))
    channel_kind: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(300))
    machine_key: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_at_us: Mapped[int] = mapped_column(BigInteger)
    created_us: Mapped[int] = mapped_column(BigInteger)
    finished_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    holder: Mapped[str] = mapped_column(String(40), default="")
    lease_until_us: Mapped[int] = mapped_column(BigInteger, default=0)
    problem: Mapped[str] = mapped_column(String(500), default="")


class NotifyPart(FactoryScoped, Base, kw_only=True):
    """Which notices a message tells."""

    __tablename__ = "notify_part"
    __table_args__ = (UniqueConstraint("factory_id", "message_id", "notice_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    message_id: Mapped[int] = mapped_column(ForeignKey("notify_message.id", ondelete="CASCADE"), index=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notify_notice.id", ondelete="CASCADE"), index=True)


class NotifyAttempt(FactoryScoped, Base, kw_only=True):
    """One attempt at a message; `outcome` is sent, later, refused, interrupted, given_up, held or again."""

    __tablename__ = "notify_attempt"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    message_id: Mapped[int] = mapped_column(ForeignKey("notify_message.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcTime)
    outcome: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(String(500), default="")
    took_ms: Mapped[int] = mapped_column(Integer, default=0)
