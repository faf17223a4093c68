"""The plant: factory, areas, lines, machines, parameters, products, reasons and shifts."""

import datetime as dt
from datetime import datetime

from sqlalchemy import Boolean, Date, Double, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, UtcTime, Versioned


class Factory(Base, kw_only=True):
    """The tenant. `day_start_min` is the local minute at which a production day begins."""

    __tablename__ = "factory"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(60))
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    day_start_min: Mapped[int] = mapped_column(Integer, default=0)
    minor_stop_s: Mapped[int] = mapped_column(Integer, default=300)
    oee_target: Mapped[float | None] = mapped_column(Double, default=None)
    audit_size: Mapped[int] = mapped_column(BigKey, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class Area(FactoryScoped, Base, kw_only=True):
    """An area of the factory (ISA-95)."""

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("factory_id", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))


class Line(FactoryScoped, Base, kw_only=True):
    """A production line (ISA-95 work centre) inside an area."""

    __tablename__ = "line"
    __table_args__ = (UniqueConstraint("factory_id", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), default=None)
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    oee_target: Mapped[float | None] = mapped_column(Double, default=None)


class Machine(FactoryScoped, Versioned, Base, kw_only=True):
    """A machine (ISA-95 work unit). `ideal_cycle_s` is the default where a product has none of its own."""

    __tablename__ = "machine"
    __table_args__ = (UniqueConstraint("factory_id", "device_key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("line.id"), default=None)
    device_key: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(60), default="")
    manufacturer: Mapped[str] = mapped_column(String(120), default="")
    model: Mapped[str] = mapped_column(String(120), default="")
    location: Mapped[str] = mapped_column(String(200), default="")
    ideal_cycle_s: Mapped[float | None] = mapped_column(Double, default=None)
    importance: Mapped[int] = mapped_column(Integer, default=3)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class Parameter(FactoryScoped, Versioned, Base, kw_only=True):
    """One metric that a machine sends; the limits are for showing, rules have their own."""

    __tablename__ = "parameter"
    __table_args__ = (UniqueConstraint("factory_id", "machine_id", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    key: Mapped[str] = mapped_column(String(100))
    display_name: Mapped[str] = mapped_column(String(200), default="")
    unit: Mapped[str] = mapped_column(String(30), default="")
    data_type: Mapped[str] = mapped_column(String(20), default="float")
    is_kpi: Mapped[bool] = mapped_column(Boolean, default=False)
    low_limit: Mapped[float | None] = mapped_column(Double, default=None)
    high_limit: Mapped[float | None] = mapped_column(Double, default=None)
    discovered_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    updated_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class Product(FactoryScoped, Base, kw_only=True):
    """What a machine makes. One that is not `is_active` is no longer offered; what names it stays."""

    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("factory_id", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200), default="")
    unit: Mapped[str] = mapped_column(String(30), default="pcs")
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)


class IdealCycle(FactoryScoped, Base, kw_only=True):
    """The ideal cycle time of a product on a machine, seconds per unit."""

    __tablename__ = "ideal_cycle"
    __table_args__ = (UniqueConstraint("factory_id", "machine_id", "product_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    cycle_s: Mapped[float] = mapped_column(Double)


class Reason(FactoryScoped, Base, kw_only=True):
    """A node of the reason tree; `category` is a `ReasonCategory`."""

    __tablename__ = "reason"
    __table_args__ = (UniqueConstraint("factory_id", "code"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("reason.id"), default=None)
    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(20))
    is_operator_error: Mapped[bool | None] = mapped_column(Boolean, default=None)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    position: Mapped[int] = mapped_column(Integer, default=0)


class Shift(FactoryScoped, Versioned, Base, kw_only=True):
    """One shift of the weekly pattern, in the factory's wall-clock time; it belongs to the day it starts.

    `weekdays` is a bit mask, Monday = 1; breaks are "HH:MM-HH:MM" joined by commas. Valid from and to include
    their days. In a cycle of several weeks it runs in those of the bit mask `cycle_in` (the week of
    `cycle_from` = 1).
    """

    __tablename__ = "shift"
    __table_args__ = (UniqueConstraint("factory_id", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    start_min: Mapped[int] = mapped_column(Integer)
    end_min: Mapped[int] = mapped_column(Integer)
    weekdays: Mapped[int] = mapped_column(Integer, default=127)
    breaks: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[dt.date | None] = mapped_column(Date, default=None)
    valid_to: Mapped[dt.date | None] = mapped_column(Date, default=None)
    cycle_weeks: Mapped[int] = mapped_column(Integer, default=1)
    cycle_in: Mapped[int] = mapped_column(Integer, default=1)
    cycle_from: Mapped[dt.date | None] = mapped_column(Date, default=None)
