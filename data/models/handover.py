"""What one shift hands over to the next."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json, LongText, UtcTime, Versioned


class ShiftHandover(FactoryScoped, Versioned, Base, kw_only=True):
    """A hand-over: given by one person, taken by another; `found` is what the plant looked like then.

    `promises` are {"text", "done"}; what is not done when the next shift hands over goes with it.
    """

    __tablename__ = "shift_handover"
    __table_args__ = (Index("ix_shift_handover_given", "factory_id", "given_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    shift: Mapped[str] = mapped_column(String(60))
    start_us: Mapped[int] = mapped_column(BigInteger)
    end_us: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(LongText, default="")
    promises: Mapped[list[Any]] = mapped_column(Json, default_factory=list)
    found: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    open_alerts: Mapped[int] = mapped_column(Integer, default=0)
    open_stops: Mapped[int] = mapped_column(Integer, default=0)
    given_by: Mapped[str] = mapped_column(String(254))
    given_at: Mapped[datetime] = mapped_column(UtcTime)
    taken_by: Mapped[str] = mapped_column(String(254), default="")
    taken_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    taken_note: Mapped[str] = mapped_column(LongText, default="")
