"""What was done: audit entries, import runs with their rejected rows, leases of background services."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, LongText, UtcTime


class AuditEntry(FactoryScoped, Base, kw_only=True):
    """One entry of a factory's log: `leaf` is the RFC 6962 leaf hash of `body` (canonical JSON).

    `seal` is a keyed digest of the body: an entry without it was not written by Gemba.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("factory_id", "position"),
        Index("ix_audit_entry_time", "factory_id", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    position: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(254))
    action: Mapped[str] = mapped_column(String(80))
    object_type: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(LongText)
    leaf: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


class ImportRun(FactoryScoped, Base, kw_only=True):
    """One file that somebody imported, with what became of its rows."""

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    kind: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(255))
    file_digest: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(254))
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    rows: Mapped[int] = mapped_column(Integer, default=0)
    loaded: Mapped[int] = mapped_column(Integer, default=0)
    unchanged: Mapped[int] = mapped_column(Integer, default=0)
    rejected: Mapped[int] = mapped_column(Integer, default=0)


class ImportReject(FactoryScoped, Base, kw_only=True):
    """A row that an import did not take: its line in the file, the field, the reason, the row itself."""

    __tablename__ = "import_reject"
    __table_args__ = (Index("ix_import_reject_run", "factory_id", "run_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    line: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(String(100))
    message: Mapped[str] = mapped_column(String(500))
    row: Mapped[str] = mapped_column(LongText)


class Lease(Base, kw_only=True):
    """Which process runs a background service; it must renew before `expires_us` (database clock)."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    expires_us: Mapped[int] = mapped_column(BigInteger)
