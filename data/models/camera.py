"""What cameras see: workers under pseudonyms, their names apart, workstations, and activity events."""

from datetime import datetime

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, UtcTime


class Worker(FactoryScoped, Base, kw_only=True):
    """A person as cameras know one: a key and a pseudonym. `WorkerName` has the real name."""

    __tablename__ = "worker"
    __table_args__ = (UniqueConstraint("factory_id", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(120))
    pseudonym: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class WorkerName(FactoryScoped, Base, kw_only=True):
    """The real name of a worker, apart, so that no ordinary query can bring it along."""

    __tablename__ = "worker_name"
    __table_args__ = (UniqueConstraint("factory_id", "worker_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    worker_id: Mapped[int] = mapped_column(ForeignKey("worker.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))


class Workstation(FactoryScoped, Base, kw_only=True):
    """A place that cameras watch; with its machine, or its line, where that is known."""

    __tablename__ = "workstation"
    __table_args__ = (UniqueConstraint("factory_id", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200), default="")
    type: Mapped[str] = mapped_column(String(60), default="")
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machine.id"), default=None)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("line.id"), default=None)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class CameraModel(FactoryScoped, Base, kw_only=True):
    """A version of the model that sees, as its events name it."""

    __tablename__ = "camera_model"
    __table_args__ = (UniqueConstraint("factory_id", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(120))


class ActivityEvent(FactoryScoped, Base, kw_only=True):
    """What a camera said at `at_us`; `kind` is an `Activity`, `key` the event's id or its content's hash."""

    __tablename__ = "activity_event"
    __table_args__ = (
        UniqueConstraint("factory_id", "key"),
        Index("ix_activity_event_time", "factory_id", "at_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(120))
    at_us: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[int] = mapped_column(Integer)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), default=None)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("workstation.id"), default=None)
    model_id: Mapped[int | None] = mapped_column(ForeignKey("camera_model.id"), default=None)
    count: Mapped[float | None] = mapped_column(Double, default=None)
    confidence: Mapped[float | None] = mapped_column(Double, default=None)
    received_us: Mapped[int] = mapped_column(BigInteger)


class ActivityDay(FactoryScoped, Base, kw_only=True):
    """Counts the events of one UTC day, which only grow, so that kept figures know when they are old."""

    __tablename__ = "activity_day"
    __table_args__ = (UniqueConstraint("factory_id", "day"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    day: Mapped[int] = mapped_column(Integer)
    events: Mapped[int] = mapped_column(BigInteger, default=0)
    late: Mapped[int] = mapped_column(BigInteger, default=0)
