"""Alerts that a person has taken out of service (ISA-18.2, state I)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, UtcTime, Versioned


class OutOfService(FactoryScoped, Versioned, Base, kw_only=True):
    """The alerts of a rule on a machine, of a rule anywhere (no machine), or of a machine (no rule).

    From `begun_at` up to `until` they tell nobody, or until somebody returned them at `ended_at`.
    """

    __tablename__ = "out_of_service"
    __table_args__ = (Index("ix_out_of_service_open", "factory_id", "ended_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("alert_rule.id", ondelete="CASCADE"), default=None)
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machine.id", ondelete="CASCADE"), default=None)
    reason: Mapped[str] = mapped_column(String(500))
    begun_at: Mapped[datetime] = mapped_column(UtcTime)
    begun_by: Mapped[str] = mapped_column(String(254))
    until: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    ended_by: Mapped[str] = mapped_column(String(254), default="")
