"""Reports that people asked for, and the mails that bring them."""

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json, LongText


class Report(FactoryScoped, Base, kw_only=True):
    """A report. `key` is its name outside; the job `job_key` makes it, and tells how it stands until then.

    `path` is its file in the store of files, empty until it is made. `content_digest` is over the figures,
    `digest` over the file without its evidence (both SHA-256); `fingerprint` is over what was read for it.
    `asked` holds the choice: sections, machines, lines, period, recipients and an analytics job.
    """

    __tablename__ = "report"
    __table_args__ = (
        Unique("factory_id", "key"),
        Unique("factory_id", "job_key"),
        Index("ix_report_time", "factory_id", "created_us"),
        Index("ix_report_expiry", "factory_id", "expires_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(36))
    job_key: Mapped[str] = mapped_column(String(36))
    title: Mapped[str] = mapped_column(String(255))
    format: Mapped[str] = mapped_column(String(20))
    asked: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int] = mapped_column(BigInteger)
    path: Mapped[str] = mapped_column(String(300), default="")
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")
    content_digest: Mapped[str] = mapped_column(String(64), default="")
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    code_version: Mapped[str] = mapped_column(String(60), default="")
    log_position: Mapped[int | None] = mapped_column(BigInteger, default=None)
    asked_by: Mapped[str] = mapped_column(String(254))
    created_us: Mapped[int] = mapped_column(BigInteger)
    finished_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    expires_us: Mapped[int] = mapped_column(BigInteger)


class ReportMail(FactoryScoped, Base, kw_only=True):
    """A mail that brings a report to one address. `state` is waiting, sent, refused or given_up."""

    __tablename__ = "report_mail"
    __table_args__ = (
        Unique("factory_id", "report_key", "address"),
        Index("ix_report_mail_due", "factory_id", "state", "next_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    report_key: Mapped[str] = mapped_column(String(36))
    address: Mapped[str] = mapped_column(String(254))
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_us: Mapped[int] = mapped_column(BigInteger)
    problem: Mapped[str] = mapped_column(LongText, default="")
