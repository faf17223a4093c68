"""What happened: state events, production counts, shift records, and the revision of each day."""

from datetime import datetime

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, LongText, UtcTime, Versioned


class StateEvent(FactoryScoped, Base, kw_only=True):
    """A machine enters a state at `start_us`.

    With `end_us` it is a closed interval; without, it lasts until the machine's next event, or until now.
    """

    __tablename__ = "state_event"
    __table_args__ = (
        UniqueConstraint("factory_id", "machine_id", "start_us", "state"),
        Index("ix_state_event_start", "factory_id", "start_us"),
        Index("ix_state_event_end", "factory_id", "end_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    state: Mapped[int] = mapped_column(Integer)
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("reason.id"), default=None)
    received_us: Mapped[int] = mapped_column(BigInteger)


class ProductionCount(FactoryScoped, Base, kw_only=True):
    """Units that a machine reported over [start_us, end_us); `startup_scrap` is part of `scrap`."""

    __tablename__ = "production_count"
    __table_args__ = (
        UniqueConstraint("factory_id", "machine_id", "product_id", "start_us"),
        Index("ix_production_count_start", "factory_id", "start_us"),
        Index("ix_production_count_machine", "factory_id", "machine_id", "start_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), default=None)
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int] = mapped_column(BigInteger)
    good: Mapped[float] = mapped_column(Double)
    scrap: Mapped[float] = mapped_column(Double, default=0.0)
    rework: Mapped[float] = mapped_column(Double, default=0.0)
    startup_scrap: Mapped[float] = mapped_column(Double, default=0.0)
    received_us: Mapped[int] = mapped_column(BigInteger)


class PerformanceRecord(FactoryScoped, Versioned, Base, kw_only=True):
    """A hand-entered or imported summary of a shift or batch; it stands for its interval on its machine."""

    __tablename__ = "performance_record"
    __table_args__ = (
        UniqueConstraint("factory_id", "machine_id", "start_us"),
        Index("ix_performance_record_start", "factory_id", "start_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), default=None)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"), default=None)
    batch: Mapped[str] = mapped_column(String(100), default="")
    operator: Mapped[str] = mapped_column(String(200), default="")
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int] = mapped_column(BigInteger)
    planned_s: Mapped[float] = mapped_column(Double)
    operating_s: Mapped[float] = mapped_column(Double)
    downtime_s: Mapped[float] = mapped_column(Double)
    output: Mapped[float] = mapped_column(Double)
    good: Mapped[float] = mapped_column(Double)
    note: Mapped[str] = mapped_column(LongText, default="")
    source: Mapped[str] = mapped_column(String(60), default="entry")
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class RecordStop(FactoryScoped, Base, kw_only=True):
    """The part of a performance record's downtime that one reason caused."""

    __tablename__ = "record_stop"
    __table_args__ = (UniqueConstraint("factory_id", "record_id", "reason_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    record_id: Mapped[int] = mapped_column(ForeignKey("performance_record.id", ondelete="CASCADE"))
    reason_id: Mapped[int] = mapped_column(ForeignKey("reason.id"))
    duration_s: Mapped[float] = mapped_column(Double)


class DayRevision(FactoryScoped, Base, kw_only=True):
    """Counts the changes to one UTC day's production data, so that computed figures know when they are old.

    Day 0 stands for the configuration (machines, cycles, shifts, reasons), which touches every day.
    """

    __tablename__ = "day_revision"
    __table_args__ = (UniqueConstraint("factory_id", "day"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    day: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(BigInteger, default=1)
