"""What the weekly pattern of shifts does not tell: exceptions, crews, targets."""

import datetime as dt

from sqlalchemy import Boolean, Date, Double, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Versioned


class CalendarException(FactoryScoped, Versioned, Base, kw_only=True):
    """A date that is closed or opened; `shifts` are keys joined by commas, empty for all of them."""

    __tablename__ = "calendar_exception"
    __table_args__ = (UniqueConstraint("factory_id", "day", "is_open"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    day: Mapped[dt.date] = mapped_column(Date)
    is_open: Mapped[bool] = mapped_column(Boolean, default=False)
    shifts: Mapped[str] = mapped_column(String(1_000), default="")
    name: Mapped[str] = mapped_column(String(120), default="")


class Crew(FactoryScoped, Versioned, Base, kw_only=True):
    """A crew and its rotation: shift keys joined by commas, a day each, "-" for a free day, from `anchor`."""

    __tablename__ = "crew"
    __table_args__ = (UniqueConstraint("factory_id", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    rotation: Mapped[str] = mapped_column(String(4_000), default="")
    anchor: Mapped[dt.date] = mapped_column(Date)


class Target(FactoryScoped, Versioned, Base, kw_only=True):
    """What a figure should reach from a day on; line, product and shift narrow it, each or none."""

    __tablename__ = "target"
    __table_args__ = (Index("ix_target_figure", "factory_id", "figure", "valid_from"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    figure: Mapped[str] = mapped_column(String(40))
    value: Mapped[float] = mapped_column(Double)
    valid_from: Mapped[dt.date] = mapped_column(Date)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("line.id"), default=None)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), default=None)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"), default=None)
