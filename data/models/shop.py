"""The shop floor: production jobs, when they ran, the tool store, and which tool cut on which machine."""

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


class ShopTool(FactoryScoped, Versioned, Base, kw_only=True):
    """A kind of tool in the store. `stock` is how many are ready to be fitted.

    `cuts_like` names the twin's tool whose life law holds; `life_min` is a life in minutes of cutting that
    somebody knows better. `limit_mm` is the flank wear at which it is used up.
    """

    __tablename__ = "shop_tool"
    __table_args__ = (UniqueConstraint("factory_id", "number"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    holder: Mapped[str] = mapped_column(String(200), default="")
    material: Mapped[str] = mapped_column(String(60), default="")
    cuts_like: Mapped[int | None] = mapped_column(Integer, default=None)
    life_min: Mapped[float | None] = mapped_column(Double, default=None)
    limit_mm: Mapped[float] = mapped_column(Double, default=0.3)
    price: Mapped[float | None] = mapped_column(Double, default=None)
    stock: Mapped[int] = mapped_column(Integer, default=0)
    reorder_level: Mapped[int] = mapped_column(Integer, default=0)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)


class ToolFitting(FactoryScoped, Versioned, Base, kw_only=True):
    """A tool on a machine from `fitted_us` to `removed_us`; what was taken out stays as the history.

    `wear_mm` is the last flank wear that somebody measured, at `measured_us`; `spent` the share of its life
    that it had cut when it was taken out.
    """

    __tablename__ = "tool_fitting"
    __table_args__ = (Index("ix_tool_fitting_machine", "factory_id", "machine_id", "removed_us"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    tool_id: Mapped[int] = mapped_column(ForeignKey("shop_tool.id"))
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    fitted_us: Mapped[int] = mapped_column(BigInteger)
    fitted_by: Mapped[str] = mapped_column(String(254))
    removed_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    removed_by: Mapped[str] = mapped_column(String(254), default="")
    why: Mapped[str] = mapped_column(String(20), default="")
    wear_mm: Mapped[float | None] = mapped_column(Double, default=None)
    measured_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    spent: Mapped[float | None] = mapped_column(Double, default=None)


class ProductionJob(FactoryScoped, Versioned, Base, kw_only=True):
    """So many parts of one kind on one machine; `state` is a word of `app.shop.jobs`.

    `cutting` holds the cutting values that were given. `cycle_s` is the ideal time of a part, from
    `cycle_source` (given, twin, machine). `told_good` and `told_scrap` are parts that people entered, the
    last ones at `told_us`.
    """

    __tablename__ = "production_job"
    __table_args__ = (
        UniqueConstraint("factory_id", "key"),
        Index("ix_production_job_machine", "factory_id", "machine_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(100))
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), default=None)
    tool_id: Mapped[int | None] = mapped_column(ForeignKey("shop_tool.id"), default=None)
    material: Mapped[str] = mapped_column(String(60), default="")
    operation: Mapped[str] = mapped_column(String(60), default="")
    cutting: Mapped[dict[str, Any]] = mapped_column(Json)
    quantity: Mapped[float | None] = mapped_column(Double, default=None)
    cycle_s: Mapped[float | None] = mapped_column(Double, default=None)
    cycle_source: Mapped[str] = mapped_column(String(10), default="")
    estimated_s: Mapped[float | None] = mapped_column(Double, default=None)
    planned_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    state: Mapped[str] = mapped_column(String(12), default="open")
    start_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    end_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    note: Mapped[str] = mapped_column(LongText, default="")
    told_good: Mapped[float] = mapped_column(Double, default=0.0)
    told_scrap: Mapped[float] = mapped_column(Double, default=0.0)
    told_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
    made_by: Mapped[str] = mapped_column(String(254))
    made_at: Mapped[datetime] = mapped_column(UtcTime)


class JobSpell(FactoryScoped, Base, kw_only=True):
    """A time over which a job ran; without an end it still runs. Spells of one machine never overlap."""

    __tablename__ = "job_spell"
    __table_args__ = (Index("ix_job_spell_start", "factory_id", "machine_id", "start_us"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    job_id: Mapped[int] = mapped_column(ForeignKey("production_job.id", ondelete="CASCADE"), index=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int | None] = mapped_column(BigInteger, default=None)
