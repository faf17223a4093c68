"""Maintenance: plans that repeat, work orders and their parts."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Double, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, LongText, UtcTime, Versioned


class MaintenancePlan(FactoryScoped, Versioned, Base, kw_only=True):
    """What is done again and again: every so many days, weeks, months, or hours that the machine ran.

    It counts from the end of its last finished order, before the first one from `begins_us`.
    """

    __tablename__ = "maintenance_plan"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    name: Mapped[str] = mapped_column(String(200))
    every: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(String(10))
    begins_us: Mapped[int] = mapped_column(BigInteger)
    lead_days: Mapped[int] = mapped_column(Integer, default=7)
    note: Mapped[str] = mapped_column(LongText, default="")
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)


class WorkOrder(FactoryScoped, Versioned, Base, kw_only=True):
    """One piece of maintenance work; `kind` and `state` are words of `app.maintenance.orders`.

    `plan_cycle` numbers the orders of a plan, so that no plan opens the same one twice. `told_us`: when
    people were told that it is overdue.
    """

    __tablename__ = "work_order"
    __table_args__ = (
        UniqueConstraint("factory_id", "plan_id", "plan_cycle"),
        Index("ix_work_order_state", "factory_id", "state", "due_us"),
        Index("ix_work_order_start", "factory_id", "start_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("maintenance_plan.id"), default=None)
    plan_cycle: Mapped[int | None] = mapped_column(Integer, default=None)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="open")
    title: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(LongText, default="")
    person: Mapped[str] = mapped_column(String(200), default="")
    due_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    start_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    end_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    labour_cost: Mapped[float | None] = mapped_column(Double, default=None)
    stop_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"), default=None)
    prediction_id: Mapped[int | None] = mapped_column(ForeignKey("prediction.id"), default=None)
    told_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    opened_by: Mapped[str] = mapped_column(String(254))
    opened_at: Mapped[datetime] = mapped_column(UtcTime)


class WorkPart(FactoryScoped, Base, kw_only=True):
    """A part that an order used; `cost` is that of one."""

    __tablename__ = "work_part"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[float] = mapped_column(Double)
    cost: Mapped[float | None] = mapped_column(Double, default=None)
