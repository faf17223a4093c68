"""Background jobs: the table that is the queue, what starts them by the clock, and what scans found."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, ForeignKey, Index, Integer, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json, LongText, UtcTime, Versioned


class Job(FactoryScoped, Base, kw_only=True):
    """One piece of work. `state` is waiting, running, done, failed or cancelled.

    While it runs, `holder` names the runner and `lease_until_us` (the database's clock) when another one may
    take it. Each claim raises `token`; whoever holds an older one can change nothing here. `permissions` is
    what the one who asked was allowed then.
    """

    __tablename__ = "job"
    __table_args__ = (
        Unique("factory_id", "key"),
        Unique("factory_id", "idempotency_key"),
        Index("ix_job_due", "factory_id", "state", "not_before_us"),
        Index("ix_job_time", "factory_id", "created_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(60))
    parameters: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    priority: Mapped[int] = mapped_column(Integer, default=0)
    not_before_us: Mapped[int] = mapped_column(BigInteger)
    holder: Mapped[str] = mapped_column(String(80), default="")
    lease_until_us: Mapped[int] = mapped_column(BigInteger, default=0)
    token: Mapped[int] = mapped_column(Integer, default=0)
    error_attempts: Mapped[int] = mapped_column(Integer, default=0)
    crash_attempts: Mapped[int] = mapped_column(Integer, default=0)
    most_attempts: Mapped[int] = mapped_column(Integer, default=1)
    share: Mapped[float] = mapped_column(Double, default=0.0)
    stage: Mapped[str] = mapped_column(String(200), default="")
    ends_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    is_cancel_asked: Mapped[bool] = mapped_column(Boolean, default=False)
    idempotency_key: Mapped[str | None] = mapped_column(String(120), default=None)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    document: Mapped[str] = mapped_column(String(200), default="")
    problem: Mapped[str] = mapped_column(LongText, default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), default=None)
    asked_by: Mapped[str] = mapped_column(String(254))
    permissions: Mapped[list[str]] = mapped_column(Json, default_factory=list)
    created_us: Mapped[int] = mapped_column(BigInteger)
    started_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    finished_us: Mapped[int | None] = mapped_column(BigInteger, default=None)


class JobSchedule(FactoryScoped, Versioned, Base, kw_only=True):
    """What is asked for again and again, by the clock of the factory.

    `rhythm` is hourly, daily, weekly, monthly or shiftly; `at_min` is the minute of the hour, of the day or
    after a shift, `weekday` 0 for Monday. A schedule that `is_built_in` can be switched off, not deleted.
    `account_id` is the person who made it, none where a program did.
    """

    __tablename__ = "job_schedule"
    __table_args__ = (Unique("factory_id", "name"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(60))
    parameters: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    rhythm: Mapped[str] = mapped_column(String(10))
    at_min: Mapped[int] = mapped_column(Integer)
    weekday: Mapped[int] = mapped_column(Integer, default=0)
    is_on: Mapped[bool] = mapped_column(Boolean, default=True)
    is_built_in: Mapped[bool] = mapped_column(Boolean, default=False)
    next_run_us: Mapped[int] = mapped_column(BigInteger)
    last_run_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), default=None)
    asked_by: Mapped[str] = mapped_column(String(254))
    permissions: Mapped[list[str]] = mapped_column(Json, default_factory=list)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class ScanSession(FactoryScoped, Base, kw_only=True):
    """One look of a detector at one machine over a range; its episodes are in the document it names."""

    __tablename__ = "scan_session"
    __table_args__ = (
        Unique("factory_id", "job_key", "machine_key"),
        Index("ix_scan_session_machine", "factory_id", "machine_key", "begun_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    job_key: Mapped[str] = mapped_column(String(36))
    machine_key: Mapped[str] = mapped_column(String(100))
    method: Mapped[str] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(20))
    problem: Mapped[str] = mapped_column(String(500), default="")
    normal_start_us: Mapped[int] = mapped_column(BigInteger)
    normal_end_us: Mapped[int] = mapped_column(BigInteger)
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int] = mapped_column(BigInteger)
    begun_us: Mapped[int] = mapped_column(BigInteger)
    finished_us: Mapped[int] = mapped_column(BigInteger)
    rows_scored: Mapped[int] = mapped_column(Integer, default=0)
    anomalies: Mapped[int] = mapped_column(Integer, default=0)
    episodes: Mapped[int] = mapped_column(Integer, default=0)
    document: Mapped[str] = mapped_column(String(200), default="")
    asked_by: Mapped[str] = mapped_column(String(254))
